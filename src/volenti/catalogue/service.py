"""Catalogue: draws works from what is served, and checks whom they resemble.

A model that is served is a mixture: each picture is drawn by one constituent,
chosen with a weight proportional to the pictures it was trained on. The choice
depends on the picture's seed and on nothing else, so a seed can be drawn again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.catalogue.cutout import Backdrop, before_screen, cut_out
from volenti.catalogue.labelling import labelled_png
from volenti.catalogue.likeness import Resemblance
from volenti.catalogue.work import Likeness, Work
from volenti.clearance.gallery import Gallery
from volenti.clearance.sight.faces import FaceDetector
from volenti.core.clock import Clock, stamp
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError
from volenti.core.identifiers import new
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.training.ports import Drawing, Trainer
from volenti.training.run import Constituent, Run
from volenti.training.service import Training
from volenti.vault.journal import Journal
from volenti.vault.records import Record, Records

#: Drawings a worker makes in one go.
DRAW_BATCH = 8


@dataclass(frozen=True, slots=True)
class Drawn:
    """A work with its picture: labelled PNG, pixels (size, size, 3) uint8, and whom it resembles.

    A cut-out has four channels, the last its opacity.
    """

    work: Work
    png: bytes
    pixels: NDArray[np.uint8]
    likeness: Likeness


@dataclass(frozen=True)
class Pencil:
    """Draws with one guidance and number of steps. Picklable, for worker processes."""

    trainer: Trainer
    guidance: float
    steps: int

    def draw(self, task: tuple[bytes, Sequence[Drawing]]) -> NDArray[np.uint8]:
        """(constituent's weights, drawings) -> uint8 (drawings, size, size, 3)."""
        weights, drawings = task
        return self.trainer.draw(weights, drawings, guidance=self.guidance, steps=self.steps)


class Catalogue:
    """Generates works from a run."""

    def __init__(
        self,
        records: Records,
        training: Training,
        trainer: Trainer,
        jobs: JobRunner,
        detector: FaceDetector,
        gallery: Gallery,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._records = records
        self._training = training
        self._trainer = trainer
        self._jobs = jobs
        self._detector = detector
        self._gallery = gallery
        self._journal = journal
        self._clock = clock

    def generate(
        self,
        run: Run,
        prompts: Sequence[str],
        *,
        seed: int,
        guidance: float = 2.5,
        steps: int = 16,
        backdrop: Backdrop | None = None,
        progress: Progress | None = None,
    ) -> list[Drawn]:
        """One picture a prompt, seeds counted up from `seed`; each checked against the run's subjects.

        backdrop: what comes behind the people instead of what the model draws there.
        Raises ConflictError while nothing is served, or where another base is at hand.
        """
        self._training.require_base(run)
        served = self._training.constituents(run.id)
        if not served:
            raise ConflictError("Nothing of this run is served.", "Train it: volenti train DATASET.")
        people = Resemblance((each, self._gallery.templates(each)) for each in self._subjects(run))
        if backdrop is not None:
            prompts = [before_screen(prompt) for prompt in prompts]
        drawings = [Drawing(prompt, seed + index) for index, prompt in enumerate(prompts)]
        chosen = [choose(served, drawing.seed) for drawing in drawings]
        pixels = self._drawn(drawings, chosen, guidance, steps, progress or Silent())
        works = [
            self._checked(run, chosen[i], drawings[i], pixels[i], people, guidance, backdrop)
            for i in range(len(drawings))
        ]
        self._keep(works)
        return works

    def unknown_words(self, prompt: str) -> tuple[str, ...]:
        """Words of the prompt that the model was never taught."""
        return self._trainer.unknown_words(prompt)

    def _drawn(
        self,
        drawings: Sequence[Drawing],
        chosen: Sequence[Constituent],
        guidance: float,
        steps: int,
        progress: Progress,
    ) -> dict[int, NDArray[np.uint8]]:
        """Pixels of every drawing by its number, drawn by the constituents chosen, side by side."""
        batches: list[tuple[Constituent, list[int]]] = []
        for constituent in {each.shard: each for each in chosen}.values():
            mine = [number for number, each in enumerate(chosen) if each.shard == constituent.shard]
            batches += [(constituent, mine[i : i + DRAW_BATCH]) for i in range(0, len(mine), DRAW_BATCH)]
        weights = {each.shard: self._training.weights(each) for each, _ in batches}
        tasks = [(weights[each.shard], [drawings[n] for n in numbers]) for each, numbers in batches]
        pixels: dict[int, NDArray[np.uint8]] = {}
        progress.begin("Drawing", len(drawings))
        for index, pictures in self._jobs.run(Pencil(self._trainer, guidance, steps).draw, tasks):
            pixels.update(zip(batches[index][1], pictures, strict=True))
            progress.advance(len(pictures))
        progress.end()
        return pixels

    def works(self) -> list[Work]:
        """Everything that was generated, oldest first."""
        found = [Work.from_json(each.id, each.body) for each in self._records.find("work")]
        return sorted(found, key=lambda work: (work.created, work.id))

    def _subjects(self, run: Run) -> list[str]:
        owners = {o for row in self._records.rows("constituent", parent=run.id) for o in row.owners}
        return sorted(owners)

    def _checked(
        self,
        run: Run,
        constituent: Constituent,
        drawing: Drawing,
        pixels: NDArray[np.uint8],
        people: Resemblance,
        guidance: float,
        backdrop: Backdrop | None,
    ) -> Drawn:
        likeness = people.of(self._detector.faces(pixels))
        if backdrop is not None:
            pixels = backdrop.behind(cut_out(pixels))
        png = labelled_png(pixels, drawing.prompt)
        work = Work(new("wrk"), run.id, constituent.shard, drawing.prompt, drawing.seed, guidance,
                    sha256(png), stamp(self._clock()), likeness.score, likeness.too_close)  # fmt: skip
        return Drawn(work, png, pixels, likeness)

    def _keep(self, drawn: Sequence[Drawn]) -> None:
        with self._records.transaction():
            self._records.put_all(Record("work", each.work.id, each.work.to_json()) for each in drawn)
            self._records.put_all(
                Record("likeness", each.work.id, {"score": each.likeness.score},
                       (each.likeness.subject,), parent=each.work.id)
                for each in drawn
                if each.likeness.subject
            )  # fmt: skip
        self._journal.record("works-generated", {"works": [each.work.sha256 for each in drawn]})


def choose(served: Sequence[Constituent], seed: int) -> Constituent:
    """The constituent that draws a seed: weighted by pictures, a function of seed and mixture."""
    point = random.Random(f"constituent/{seed}").random() * sum(each.images for each in served)
    for each in served:
        point -= each.images
        if point < 0:
            return each
    return served[-1]
