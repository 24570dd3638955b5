"""Trials: ways to learn a domain, each trained once, served in several ways, and looked at.

A row is what was measured of one trial served in one way. Rows that an earlier run of the command measured
aren't measured again: a bench of an hour may be interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from common.divisions import Division, PredictionMean, longer
from common.domains import Domain
from common.mixtures import Part, Pixels, drawn, frechet, mixed, templates, trained
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.canonical import Json
from volenti.training.nearness import RECIPES
from volenti.training.recipe import Recipe

#: Numbers of slices that are tried in each domain, and of shards that the photographs' are divided into.
SLICES = {"renders": (48,), "photographs": (4, 26, 48), "portraits": (90,)}
SHARDS = 4
#: Scales that are tried with some numbers of slices, and the number whose predictions are averaged too.
SCALES = {4: (1.0, 1.3, 1.6), 26: (1.0, 1.6, 2.0)}
SERVED_SLICES = 26
#: The number of slices that is also trained with more work: that of a complaint that costs little enough.
DEARER = {"renders": 48, "photographs": 26, "portraits": 90}
#: Without guidance: the captions of photographs say next to nothing that could be followed.
GUIDANCE = 1.0
#: Ways to serve: one constituent of all slices; or several, of which one draws a picture, or all do together.
MERGED, ONE_AT_A_TIME, PREDICTIONS = "", "one drawn with at a time", "mean of their predictions"


@dataclass(frozen=True, slots=True)
class Trial:
    """A division that is trained once, and how it is served: (way to serve, scale)."""

    division: Division
    served: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Row:
    """A model that was trained, or the base, and what was measured of it. `kept` is filled in afterwards."""

    name: str
    slices: int
    way: str
    scale: float
    samples: int
    core_seconds: float
    complaint: float
    pictures_a_slice: float
    frechet: float
    found: float
    seconds_a_picture: float
    kept: float | None = None

    @property
    def key(self) -> tuple[str, str, float, int]:
        """What says that two rows are of the same."""
        return self.name, self.way, self.scale, self.samples

    def to_json(self) -> Json:
        """The row as a JSON object of its fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def trials(name: str, work: int) -> Iterator[Trial]:
    """What is tried in a domain. work: once more with so many times the work, where above 1."""
    near, far = RECIPES["near"], RECIPES["far"]
    own = near if name == "renders" else far
    # One model is one long training: the recipe is the same and its change isn't made larger.
    larger = ((MERGED, 1.0),) if name == "renders" else ((MERGED, 1.0), (MERGED, 1.3))
    yield Trial(Division("one model", replace(own, scale=1.0)), larger)
    if name == "photographs":
        yield Trial(Division("one model", near), ((MERGED, 1.0),))
    for slices in SLICES[name]:
        served = [(MERGED, scale) for scale in SCALES.get(slices, (own.scale,))]
        if name == "photographs":
            served.append((ONE_AT_A_TIME, own.scale))
        if slices == SERVED_SLICES:
            served.append((PREDICTIONS, own.scale))
        yield Trial(Division(f"{slices} slices", own, slices), tuple(served))
    if name == "photographs":
        yield Trial(Division("48 slices", near, 48), ((MERGED, 1.0),))
    for times in range(2, work + 1):
        division = Division(f"{DEARER[name]} slices", own, DEARER[name])
        yield Trial(longer(division, times), ((MERGED, own.scale),))


@dataclass
class Studio:
    """Where the trials of one domain are trained, served and looked at."""

    domain: Domain
    trainer: TorchTrainer
    jobs: LocalJobRunner
    pictures: int
    steps: int
    known: dict[tuple[str, str, float, int], Row]
    #: The first pictures of each row that was drawn now.
    shown: dict[str, Pixels] = field(default_factory=dict)

    @cached_property
    def _asked(self) -> list[str]:
        captions = self.domain.held_out.captions
        return [captions[number % len(captions)] for number in range(self.pictures)]

    @cached_property
    def _reference(self) -> np.ndarray:
        return templates(self.domain.held_out.frames)

    def halves(self) -> float:
        """The distance between two halves of the photographs nobody trained on: what chance alone gives."""
        return frechet(self._reference[::2], self._reference[1::2])

    def base(self) -> Row:
        """The base, untrained."""
        row = Row("the base, untrained", 0, "", 1.0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return self.known.get(row.key) or self._drawn(row, [(1, b"")], MERGED)

    def rows(self, trial: Trial) -> Iterator[Row]:
        """A trial's rows; it is trained where one of them isn't known yet."""
        division, shown = trial.division, self.domain.trained
        parts: list[Part] = []
        for served, scale in trial.served:
            name = f"{division.name} in {SHARDS} shards, {served}" if served else division.name
            row = Row(
                name,
                division.slices,
                _way_of(division.recipe),
                scale,
                division.samples(shown),
                0.0,
                division.complaint(shown),
                len(shown.captions) / division.slices,
                0.0,
                0.0,
                0.0,
            )
            known = self.known.get(row.key)
            if known is None:
                if not parts:
                    print(f"{self.domain.name}: {division.name}", flush=True)
                    parts = trained(self.jobs, self.trainer, division.tasks(shown))
                row.core_seconds = sum(part.result.seconds for part in parts)
                shards = [parts[at::SHARDS] for at in range(SHARDS)] if served else [parts]
                known = self._drawn(row, mixed(self.jobs, self.trainer, shards, scale), served)
            yield known

    def _drawn(self, row: Row, mixture: Sequence[tuple[int, bytes]], served: str) -> Row:
        """The row with what is seen in pictures that the mixture draws."""
        began = time.perf_counter()
        draw = self._all_at_once if served == PREDICTIONS else self._one_each
        pictures = draw(mixture)
        row.seconds_a_picture = (time.perf_counter() - began) * self.jobs.workers / len(pictures)
        vectors = templates(pictures)
        row.frechet, row.found = frechet(self._reference, vectors), len(vectors) / len(pictures)
        self.shown[f"{row.name}, {row.way}, {row.scale:g}"] = pictures[:12]
        print(f"  {row.frechet:.4f}", flush=True)
        return row

    def _one_each(self, mixture: Sequence[tuple[int, bytes]]) -> Pixels:
        return drawn(self.jobs, self.trainer, mixture, self._asked, self.steps, GUIDANCE)

    def _all_at_once(self, mixture: Sequence[tuple[int, bytes]]) -> Pixels:
        numbered = [(prompt, seed) for seed, prompt in enumerate(self._asked)]
        batches = [numbered[at : at + 8] for at in range(0, len(numbered), 8)]
        mean = PredictionMean(self.trainer.base, mixture, GUIDANCE, self.steps)
        found = dict(self.jobs.run(mean.draw, batches))
        return np.concatenate([found[number] for number in range(len(batches))])


def _way_of(recipe: Recipe) -> str:
    return next(way for way, each in RECIPES.items() if each.rank == recipe.rank)
