"""Catalogue: draws works from the served constituents, and refuses those that come too near to anybody.

The constituents are served as a mixture: each picture is drawn by one of them, chosen with a weight
proportional to the pictures it was trained on. The choice depends on the picture's seed and the mixture
alone, so a seed can be drawn again.

A work that comes too near is recorded, not handed out; another is drawn in its place (`generation_result`).
So is one in place of a picture in which no face is found: by face it can be compared with nobody.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.catalogue.comparison import ComparedPeople, Comparison, require_nobody
from volenti.catalogue.cutout import Backdrop, before_screen, cut_out
from volenti.catalogue.generation_result import TRIES, GeneratedImage, GenerationResult, RefusedImage, seed_of
from volenti.catalogue.labelling import labelled_png
from volenti.catalogue.ledger import Ledger
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.sampler import Sampler
from volenti.catalogue.work import Likeness, Work
from volenti.core.clock import Clock, stamp
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, UsageError
from volenti.core.identifiers import new
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.generation.framing import at_size
from volenti.perception.sight.faces import FaceDetector
from volenti.training.ports import Drawing, PreviewCallback
from volenti.training.run import Constituent, Run
from volenti.training.service import Training
from volenti.vault.records import Records

_log = Logger(__name__)

#: Drawings that a worker makes in one task.
DRAW_BATCH = 8


@dataclass(frozen=True, slots=True)
class GenerationContext:
    """What all pictures of one call have in common: the constituents, the sampler, the compared people."""

    run: Run
    served: Sequence[Constituent]
    sampler: Sampler
    people: ComparedPeople
    backdrop: Backdrop | None
    size_px: int | None
    watch: PreviewCallback | None


class Catalogue:
    """Generates works from a run, and draws single ones again."""

    def __init__(
        self,
        records: Records,
        ledger: Ledger,
        comparison: Comparison,
        training: Training,
        jobs: JobRunner,
        detector: FaceDetector,
        clock: Clock,
    ) -> None:
        #: The rows of works.
        self.ledger = ledger
        self._records = records
        self._comparison = comparison
        self._training = training
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
        """Draw one picture for each prompt, and check each against everybody whom the run learned from.

        seed: of the first picture; the next ones count up from it. tries: how often a picture is drawn at
        most, each time with a further seed, until one shows a face and isn't refused. backdrop: what comes
        behind the people instead of what the model draws there. size_px: side of the pictures, enlarged or
        reduced from what the model draws. watch: called while pictures are drawn, which then happens in this
        process and gives the same pictures. Raises ConflictError while nothing is served, where the base of
        the run isn't at hand, while somebody whom a served constituent learned from can't be compared with,
        and where somebody said no or was erased while pictures were drawn.
        """
        if tries < 1:
            raise UsageError("A picture must be drawn at least once.", "Give one try or more.")
        with _log.timed("works drawn", run=run.id, asked=len(prompts)) as facts:
            served, people = self._served(run), self._comparison.with_everybody(run.id)
            people.require_all()
            sampler = Sampler(self._training.trainer_of(run.recipe), guidance, steps)
            context = GenerationContext(run, served, sampler, people, backdrop, size_px, watch)
            result = self._draw_until_unlike(context, prompts, seed, tries, progress or Silent())
            kept = self._keep(context, result)
            facts |= {
                "drawn": len(kept.drawn),
                "refused": len(kept.refused),
                "faceless": kept.faceless,
                "missing": kept.missing,
            }
        return kept

    def _draw_until_unlike(
        self, context: GenerationContext, prompts: Sequence[str], seed: int, tries: int, progress: Progress
    ) -> GenerationResult:
        """Draw a picture a prompt, and another in place of each that isn't kept, up to `tries` times."""
        unknown = {word for prompt in set(prompts) for word in context.sampler.trainer.unknown_words(prompt)}
        if context.backdrop is not None:
            prompts = [before_screen(prompt) for prompt in prompts]
        due = list(range(len(prompts)))
        drawn: list[GeneratedImage] = []
        refused: list[RefusedImage] = []
        faceless = 0
        for attempt in range(tries):
            if not due:
                break
            drawings = {n: Drawing(prompts[n], seed_of(seed + n, attempt)) for n in due}
            what = "Drawing others for those not kept" if attempt else "Drawing"
            checked = self._draw_and_check(context, drawings, what, progress)
            kept = [each for each in checked if isinstance(each, GeneratedImage)]
            drawn += kept
            refused += [each for each in checked if isinstance(each, RefusedImage)]
            faceless += sum(each is None for each in checked)
            due = sorted(set(due) - {each.number for each in kept})
        drawn.sort(key=lambda each: each.number)
        refused.sort(key=lambda each: (each.number, each.work.seed))
        words = tuple(sorted(unknown))
        return GenerationResult(len(prompts), tuple(drawn), tuple(refused), faceless, words, context.run.id)

    def likeness(self, work: Work) -> Likeness | None:
        """How near a work comes to the people whom its run learned from today; None without a portrait."""
        portrait = self.ledger.portrait(work.id)
        if portrait is None:
            return None
        return self._comparison.with_everybody(work.run).resemblance.of(portrait)

    def redraw(self, work: Work) -> tuple[bytes, bool]:
        """Draw a work again, refused or not: its labelled PNG, and whether that is the same file.

        It is another file where the constituent learned from or forgot somebody since, on another kind of
        machine, and for a work with a backdrop: the picture returned here shows the screen instead. Where the
        work wasn't refused and the picture is another one, it is compared with everybody, as any other is.
        Raises ConflictError where it comes too near, shows no face or can't be compared, where nothing of the
        work's run is served any more, and where its base isn't at hand.
        """
        run = self._training.run(work.run)
        served = self._served(run)
        constituent = next(
            (each for each in served if each.shard == work.constituent), choose(served, work.seed)
        )
        sampler = Sampler(self._training.trainer_of(run.recipe), work.guidance, work.steps)
        pixels = self._draw(sampler, [Drawing(work.prompt, work.seed)], [constituent], "Drawing", Silent())[0]
        png = labelled_png(pixels if work.size_px is None else at_size(pixels, work.size_px), work.prompt)
        same = sha256(png) == work.sha256
        if not same and not work.refused:
            self._require_unlike(run, pixels)
        _log.info("work drawn again", run=run.id, is_same_file=same)
        return png, same

    def _require_unlike(self, run: Run, pixels: NDArray[np.uint8]) -> None:
        people = self._comparison.with_everybody(run.id)
        people.require_all()
        likeness = people.resemblance.of(Portrait.of(self._detector.faces(pixels), pixels))
        if likeness.refused or not likeness.found_face:
            why = "comes too near to somebody" if likeness.refused else "shows no face to compare"
            raise ConflictError(
                f"What is served today draws another picture, which {why}.",
                "Draw with another seed: volenti generate.",
            )

    # -- steps

    def _served(self, run: Run) -> list[Constituent]:
        served = self._training.model_store.constituents(run.id)
        if not served:
            require_nobody(self._training.model_store.suspensions(run.id))
            raise ConflictError("Nothing of this run is served.", "Train it: volenti train DATASET.")
        return served

    def _draw_and_check(
        self, context: GenerationContext, drawings: dict[int, Drawing], what: str, progress: Progress
    ) -> list[GeneratedImage | RefusedImage | None]:
        """Draw every drawing once, and check it; None stands for no face. drawings: by their numbers."""
        numbers, wanted = list(drawings), list(drawings.values())
        chosen = [choose(context.served, drawing.seed) for drawing in wanted]
        pixels = self._draw(context.sampler, wanted, chosen, what, progress, context.watch)
        return [
            self._checked(context, number, chosen[index].shard, wanted[index], pixels[index])
            for index, number in enumerate(numbers)
        ]

    def _draw(
        self,
        sampler: Sampler,
        drawings: Sequence[Drawing],
        chosen: Sequence[Constituent],
        what: str,
        progress: Progress,
        watch: PreviewCallback | None = None,
    ) -> dict[int, NDArray[np.uint8]]:
        """Draw in parallel, each drawing by the constituent chosen for it; returns pixels by its index."""
        batches: list[tuple[Constituent, list[int]]] = []
        for constituent in {each.shard: each for each in chosen}.values():
            mine = [number for number, each in enumerate(chosen) if each.shard == constituent.shard]
            batches += [(constituent, mine[i : i + DRAW_BATCH]) for i in range(0, len(mine), DRAW_BATCH)]
        weights = {each.shard: self._training.model_store.weights(each) for each, _ in batches}
        tasks = [(weights[each.shard], [drawings[n] for n in numbers]) for each, numbers in batches]
        pixels: dict[int, NDArray[np.uint8]] = {}
        progress.begin(what, len(drawings))
        done = self._jobs.run(sampler.draw, tasks) if watch is None else sampler.draw_watched(tasks, watch)
        for index, pictures in done:
            pixels.update(zip(batches[index][1], pictures, strict=True))
            progress.advance(len(pictures))
        progress.end()
        return pixels

    def _checked(
        self, context: GenerationContext, number: int, shard: int, drawing: Drawing, pixels: NDArray[np.uint8]
    ) -> GeneratedImage | RefusedImage | None:
        """The work of a drawing's pixels, with backdrop, size and label, or the refused work.

        None where no face is found in it, so that it isn't known whom it is like.
        """
        portrait = Portrait.of(self._detector.faces(pixels), pixels)
        likeness = context.people.resemblance.of(portrait)
        if not likeness.found_face and not likeness.refused:
            return None
        if context.backdrop is not None and not likeness.refused:
            pixels = cut_out(pixels)
        if context.size_px is not None:
            pixels = at_size(pixels, context.size_px)
        if context.backdrop is not None and not likeness.refused:
            pixels = context.backdrop.behind(pixels)
        png = labelled_png(pixels, drawing.prompt)
        work = Work(
            new("wrk"),
            context.run.id,
            shard,
            drawing.prompt,
            drawing.seed,
            context.sampler.guidance,
            context.sampler.steps,
            sha256(png),
            stamp(self._clock()),
            likeness.faces,
            context.size_px,
            refused=likeness.refused,
        )
        if likeness.refused:
            return RefusedImage(work, likeness, portrait, number)
        return GeneratedImage(work, png, pixels, likeness, portrait, number)

    def _keep(self, context: GenerationContext, result: GenerationResult) -> GenerationResult:
        """Put a result on record, each work with the version of the constituent that drew it."""
        run = context.run.id
        every: list[GeneratedImage | RefusedImage] = [*result.drawn, *result.refused]
        drew = {each.shard: each for each in context.served}
        chosen = {shard: drew[shard] for shard in sorted({each.work.constituent for each in every})}
        # An erasure comes before this, and then nothing is kept, or after it, and then it finds these works.
        with self._records.transaction():
            self._comparison.require_still(run, chosen.values(), context.people)
            versions = {shard: self.ledger.name_version(run, each) for shard, each in chosen.items()}
            kept = result.drawn_by(versions)
            self.ledger.keep(kept)
        return kept


def choose(served: Sequence[Constituent], seed: int) -> Constituent:
    """The constituent that draws a seed: a function of seed and mixture, weighted by numbers of pictures."""
    point = random.Random(f"constituent/{seed}").random() * sum(each.images for each in served)
    for each in served:
        point -= each.images
        if point < 0:
            return each
    return served[-1]
