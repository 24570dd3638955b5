"""Catalogue: draws works from what is served, and refuses those that come too near to anybody.

A model that is served is a mixture: each picture is drawn by one constituent,
chosen with a weight proportional to the pictures it was trained on. The choice
depends on the picture's seed and on nothing else, so a seed can be drawn again.

A work that comes too near is recorded and not handed out; another is drawn in its place
(`edition`).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.catalogue.comparison import ComparedPeople, Comparison, require_nobody
from volenti.catalogue.cutout import Backdrop, before_screen, cut_out
from volenti.catalogue.generation_result import TRIES, GeneratedImage, GenerationResult, RefusedImage, seed_of
from volenti.catalogue.labelling import labelled_png
from volenti.catalogue.ledger import Ledger
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Likeness, Work
from volenti.core.clock import Clock, stamp
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, UsageError
from volenti.core.identifiers import new
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.generation.framing import at_size
from volenti.perception.sight.faces import FaceDetector
from volenti.training.ports import Drawing, PreviewCallback, Trainer
from volenti.training.run import Constituent, Run
from volenti.training.service import Training
from volenti.vault.records import Records

#: Drawings a worker makes in one go.
DRAW_BATCH = 8


@dataclass(frozen=True)
class Sampler:
    """Draws with one guidance and number of steps. Picklable, for worker processes."""

    trainer: Trainer
    guidance: float
    steps: int

    def draw(self, task: tuple[bytes, Sequence[Drawing]]) -> NDArray[np.uint8]:
        """(constituent's weights, drawings) -> uint8 (drawings, size, size, 3)."""
        weights, drawings = task
        return self.trainer.draw(weights, drawings, guidance=self.guidance, steps=self.steps)

    def shown(
        self, tasks: Iterable[tuple[bytes, Sequence[Drawing]]], watch: PreviewCallback
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Every task's number and pictures, drawn here for somebody to watch."""
        for index, (weights, drawings) in enumerate(tasks):
            yield (
                index,
                self.trainer.draw(weights, drawings, guidance=self.guidance, steps=self.steps, watch=watch),
            )


@dataclass(frozen=True, slots=True)
class GenerationContext:
    """What all pictures of one call are drawn and checked with."""

    run: Run
    served: Sequence[Constituent]
    pencil: Sampler
    sitters: ComparedPeople
    backdrop: Backdrop | None
    size_px: int | None
    watch: PreviewCallback | None


class Catalogue:
    """Generates works from a run."""

    def __init__(
        self,
        records: Records,
        ledger: Ledger,
        comparison: Comparison,
        training: Training,
        trainer: Trainer,
        jobs: JobRunner,
        detector: FaceDetector,
        clock: Clock,
    ) -> None:
        #: What is kept of works.
        self.ledger = ledger
        self._records = records
        self._comparison = comparison
        self._training = training
        self._trainer = trainer
        self._jobs = jobs
        self._detector = detector
        self._clock = clock

    def generate(
        self,
        run: Run,
        prompts: Sequence[str],
        *,
        seed: int,
        guidance: float = 2.5,
        steps: int = 16,
        tries: int = TRIES,
        backdrop: Backdrop | None = None,
        size_px: int | None = None,
        watch: PreviewCallback | None = None,
        progress: Progress | None = None,
    ) -> GenerationResult:
        """One picture a prompt, seeds counted up from `seed`; each checked against the run's subjects.

        tries: how often a picture is drawn, each time with a further seed, until one isn't refused.
        backdrop: what comes behind the people instead of what the model draws there. size_px: side
        of the pictures, enlarged or reduced from what the model draws. watch: shown every picture
        while it is drawn; they are then drawn one after the other, here, and are the same pictures.
        Raises ConflictError while nothing is served, where another base is at hand, while somebody
        can't be compared with whom anything served learned from, and where somebody left meanwhile.
        """
        if tries < 1:
            raise UsageError("A picture must be drawn at least once.", "Give one try or more.")
        served, sitters = self._served(run), self._comparison.with_everybody(run.id)
        sitters.require_all()
        sitting = GenerationContext(
            run, served, Sampler(self._trainer, guidance, steps), sitters, backdrop, size_px, watch
        )
        unknown = {word for prompt in set(prompts) for word in self._trainer.unknown_words(prompt)}
        if backdrop is not None:
            prompts = [before_screen(prompt) for prompt in prompts]
        due = list(range(len(prompts)))
        drawn: list[GeneratedImage] = []
        refused: list[RefusedImage] = []
        for attempt in range(tries):
            if not due:
                break
            drawings = {n: Drawing(prompts[n], seed_of(seed + n, attempt)) for n in due}
            what = "Drawing others for those refused" if attempt else "Drawing"
            tried = self._tried(sitting, drawings, what, progress or Silent())
            drawn += [each for each in tried if isinstance(each, GeneratedImage)]
            due = [each.number for each in tried if isinstance(each, RefusedImage)]
            refused += [each for each in tried if isinstance(each, RefusedImage)]
        drawn.sort(key=lambda each: each.number)
        refused.sort(key=lambda each: (each.number, each.work.seed))
        made = GenerationResult(len(prompts), tuple(drawn), tuple(refused), tuple(sorted(unknown)))
        return self._kept(sitting, made)

    def likeness(self, work: Work) -> Likeness | None:
        """How near a work comes to who is behind its run today; None where it has no portrait."""
        portrait = self.ledger.portrait(work.id)
        if portrait is None:
            return None
        return self._comparison.with_everybody(work.run).resemblance.of(portrait)

    def redrawn(self, work: Work) -> tuple[bytes, bool]:
        """A work's labelled PNG drawn again, refused or not, and whether it is the same file.

        It isn't where the constituent learned or forgot somebody since, on another kind of machine,
        and of a work that was set before another background: here it stands before the screen.
        Another picture than a work that was handed out is compared with everybody, as any other is. Raises
        ConflictError where it comes too near or can't be compared, where nothing of the work's run is
        served any more, and where the base is another.
        """
        run = self._training.run(work.run)
        served = self._served(run)
        mine = [each for each in served if each.shard == work.constituent]
        drawing = Drawing(work.prompt, work.seed)
        constituent = mine[0] if mine else choose(served, work.seed)
        pencil = Sampler(self._trainer, work.guidance, work.steps)
        pixels = self._drawn(pencil, [drawing], [constituent], "Drawing", Silent())[0]
        png = labelled_png(pixels if work.size_px is None else at_size(pixels, work.size_px), work.prompt)
        same = sha256(png) == work.sha256
        if not same and not work.refused:
            self._require_unlike(run, pixels)
        return png, same

    def _require_unlike(self, run: Run, pixels: NDArray[np.uint8]) -> None:
        sitters = self._comparison.with_everybody(run.id)
        sitters.require_all()
        if sitters.resemblance.of(Portrait.of(self._detector.faces(pixels), pixels)).refused:
            raise ConflictError(
                "What is served today draws another picture, which comes too near to somebody.",
                "Draw with another seed: volenti generate.",
            )

    # -- steps

    def _served(self, run: Run) -> list[Constituent]:
        self._training.require_base(run)
        served = self._training.model_store.constituents(run.id)
        if not served:
            require_nobody(self._training.model_store.suspensions(run.id))
            raise ConflictError("Nothing of this run is served.", "Train it: volenti train DATASET.")
        return served

    def _tried(
        self, sitting: GenerationContext, drawings: dict[int, Drawing], what: str, progress: Progress
    ) -> list[GeneratedImage | RefusedImage]:
        """Every drawing once, by its number, drawn and checked."""
        numbers, wanted = list(drawings), list(drawings.values())
        chosen = [choose(sitting.served, drawing.seed) for drawing in wanted]
        pixels = self._drawn(sitting.pencil, wanted, chosen, what, progress, sitting.watch)
        return [
            self._checked(sitting, number, chosen[index].shard, wanted[index], pixels[index])
            for index, number in enumerate(numbers)
        ]

    def _drawn(
        self,
        pencil: Sampler,
        drawings: Sequence[Drawing],
        chosen: Sequence[Constituent],
        what: str,
        progress: Progress,
        watch: PreviewCallback | None = None,
    ) -> dict[int, NDArray[np.uint8]]:
        """Pixels of every drawing by its place, drawn by the constituents chosen, side by side."""
        batches: list[tuple[Constituent, list[int]]] = []
        for constituent in {each.shard: each for each in chosen}.values():
            mine = [number for number, each in enumerate(chosen) if each.shard == constituent.shard]
            batches += [(constituent, mine[i : i + DRAW_BATCH]) for i in range(0, len(mine), DRAW_BATCH)]
        weights = {each.shard: self._training.model_store.weights(each) for each, _ in batches}
        tasks = [(weights[each.shard], [drawings[n] for n in numbers]) for each, numbers in batches]
        pixels: dict[int, NDArray[np.uint8]] = {}
        progress.begin(what, len(drawings))
        done = self._jobs.run(pencil.draw, tasks) if watch is None else pencil.shown(tasks, watch)
        for index, pictures in done:
            pixels.update(zip(batches[index][1], pictures, strict=True))
            progress.advance(len(pictures))
        progress.end()
        return pixels

    def _checked(
        self, sitting: GenerationContext, number: int, shard: int, drawing: Drawing, pixels: NDArray[np.uint8]
    ) -> GeneratedImage | RefusedImage:
        portrait = Portrait.of(self._detector.faces(pixels), pixels)
        likeness = sitting.sitters.resemblance.of(portrait)
        if sitting.backdrop is not None and not likeness.refused:
            pixels = cut_out(pixels)
        if sitting.size_px is not None:
            pixels = at_size(pixels, sitting.size_px)
        if sitting.backdrop is not None and not likeness.refused:
            pixels = sitting.backdrop.behind(pixels)
        png = labelled_png(pixels, drawing.prompt)
        pencil = sitting.pencil
        work = Work(
            new("wrk"),
            sitting.run.id,
            shard,
            drawing.prompt,
            drawing.seed,
            pencil.guidance,
            pencil.steps,
            sha256(png),
            stamp(self._clock()),
            likeness.faces,
            sitting.size_px,
            refused=likeness.refused,
        )
        if likeness.refused:
            return RefusedImage(work, likeness, portrait, number)
        return GeneratedImage(work, png, pixels, likeness, portrait, number)

    def _kept(self, sitting: GenerationContext, edition: GenerationResult) -> GenerationResult:
        """The edition on record, each work with the version of the constituent that drew it."""
        run = sitting.run.id
        every: list[GeneratedImage | RefusedImage] = [*edition.drawn, *edition.refused]
        drew = {each.shard: each for each in sitting.served}
        chosen = {shard: drew[shard] for shard in sorted({each.work.constituent for each in every})}
        # Who leaves does so before this, and then nothing is kept, or after it, and finds these works.
        with self._records.transaction():
            self._comparison.require_still(run, chosen.values(), sitting.sitters)
            versions = {shard: self.ledger.version(run, each) for shard, each in chosen.items()}
            kept = edition.drawn_by(versions)
            self.ledger.keep(kept)
        return kept


def choose(served: Sequence[Constituent], seed: int) -> Constituent:
    """The constituent that draws a seed: weighted by pictures, a function of seed and mixture."""
    point = random.Random(f"constituent/{seed}").random() * sum(each.images for each in served)
    for each in served:
        point -= each.images
        if point < 0:
            return each
    return served[-1]
