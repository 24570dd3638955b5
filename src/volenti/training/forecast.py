"""Forecast: what a training would learn from today, and which of its constituents would be served.

It is made before anything is trained, and trains nothing. What wouldn't be served isn't trained: a
constituent with fewer people than the recipe's least, or one that somebody stands against.

Into how many shards people are divided may be left to the dataset (`fitting`). The number is then looked for
once, and recorded with the recipe as if it had been given: a replay and a proof take it from there, whoever
left meanwhile, and a later training of the same version goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.datasets.shard import shard_of
from volenti.training.learnable import LeftOut, people_by_shard
from volenti.training.model_store import TOO_FEW
from volenti.training.nearness import is_near_way, nearness

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.training.base import Base
    from volenti.training.learnable import Learnable
    from volenti.training.model_store import ModelStore
    from volenti.training.recipe import Recipe
    from volenti.training.run import Run
    from volenti.training.serving_consent import ServingConsent
    from volenti.training.slice_spec import SliceSpec, TrainingExample


@dataclass(frozen=True, slots=True)
class ConstituentForecast:
    """One constituent that a training would make, or would have to leave out.

    `against`: why it wouldn't be served, as codes with the people concerned; empty where it would be.
    """

    shard: int
    people: int
    pictures: int
    against: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    __repr__ = short_repr

    @property
    def serves(self) -> bool:
        """Whether it would be served today."""
        return not self.against

    def to_json(self) -> Json:
        """The constituent as a JSON object, with `serves`."""
        against = {code: list(who) for code, who in self.against.items()}
        return {
            "shard": self.shard,
            "people": self.people,
            "pictures": self.pictures,
            "serves": self.serves,
            "against": against,
        }


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """What one step took when it was tried.

    `memory_bytes`: of the memory of `gpu` where one is named, otherwise of the worker's.
    """

    seconds: float
    memory_bytes: int
    gpu: str = ""

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class TrainingForecast:
    """What a training would learn from, and what it would make of it.

    `recipe` is the one that is recorded. `asked_shards` is the number that was asked for, `fits` the largest
    number, up to that, with which every constituent has enough people; 0 where there is none. `as_before`:
    whether the recipe's number of shards is that of an earlier training of the same version. `step`: what a
    step takes, where one was rehearsed. `base_loss`: the base's on some of the pictures, where it was looked
    at (`training.nearness`). `left_out` counts the dataset's pictures that aren't learned from, by reason.
    `held_back` is how many people are in no constituent that would be served, though their pictures may be
    learned from.
    """

    run: str
    snapshot: str
    split: str
    recipe: Recipe
    is_begun: bool
    asked_shards: int
    fits: int
    people: int
    pictures: int
    slices: int
    slices_trained: int
    constituents: tuple[ConstituentForecast, ...]
    left_out: Mapping[str, int]
    held_back: int
    base: Base
    as_before: bool = False
    step: RehearsedStep | None = None
    base_loss: float | None = None

    __repr__ = short_repr

    @property
    def refused(self) -> tuple[ConstituentForecast, ...]:
        """The constituents that wouldn't be served, and aren't trained."""
        return tuple(each for each in self.constituents if not each.serves)

    @property
    def suits_others(self) -> bool:
        """Whether it would train in the way of pictures that the base knows, and these are unlike them."""
        if self.base_loss is None:
            return False
        return is_near_way(self.recipe) and nearness(self.base_loss) == "far"

    @property
    def core_seconds(self) -> float | None:
        """Seconds of one worker that the steps of all slices take; None where no step was rehearsed."""
        if self.step is None:
            return None
        samples = self.pictures * self.recipe.samples_per_image
        return samples / self.recipe.batch * self.step.seconds

    def to_json(self) -> Json:
        """The forecast as a JSON object; its `recipe` is what the numbers of people and pictures hold for."""
        return {
            "run": self.run,
            "dataset": self.snapshot,
            "base": {"sha256": self.base.sha256, **encoded(self.base.card), "covers": self.base.covers},
            "split": self.split,
            "begun": self.is_begun,
            "shards": self.recipe.shards,
            "shards_asked": self.asked_shards,
            "shards_as_before": self.as_before,
            "slices_each": self.recipe.slices,
            "min_people": self.recipe.min_people,
            "people": self.people,
            "pictures": self.pictures,
            "slices": self.slices,
            "slices_trained": self.slices_trained,
            "constituents": [each.to_json() for each in self.constituents],
            "left_out": dict(self.left_out),
            "held_back": self.held_back,
            "step": None if self.step is None else encoded(self.step),
            "core_seconds": self.core_seconds,
            "refusal": None if (refusal := self.refusal()) is None else refusal.message,
        }

    def refusal(self) -> UsageError | None:
        """Why a training would be refused before it begins, with what helps; None where it wouldn't be.

        It is where something would be trained and never served. A training that was begun before goes on with
        those constituents that are served: who left since is no reason to lose the others.
        """
        if self.is_begun or not self.refused:
            return None
        least, recipe = min(self.refused, key=lambda each: each.people), self.recipe
        if TOO_FEW not in least.against:
            return UsageError(
                f"The constituent of shard {least.shard} would not be served: "
                f"{', '.join(sorted(least.against))}.",
                "See who and why: volenti train DATASET --dry-run.",
            )
        remedy = f"Train on more people: fewer than {recipe.min_people} are in it however they are divided."
        if self.fits:
            remedy = f"Train with fewer shards than {recipe.shards}: --shards {self.fits} has enough in each."
        return UsageError(
            f"Shard {least.shard} would have {least.people} of them in it; a constituent of fewer people "
            f"than {recipe.min_people} would be a likeness of them.",
            remedy,
        )


#: Called with a forecast.
ForecastCallback = Callable[[TrainingForecast], None]


def fitting(examples: Iterable[TrainingExample], key: bytes, recipe: Recipe) -> int:
    """The largest number of shards, up to the recipe's, with enough people in each; 0 where there is none."""
    together = {example.owners for example in examples}
    for shards in range(recipe.shards, 0, -1):
        people: dict[int, set[str]] = {}
        for owners in together:
            people.setdefault(shard_of(key, owners, shards), set()).update(owners)
        if people and min(map(len, people.values())) >= recipe.min_people:
            return shards
    return 0


class Forecasts:
    """Makes forecasts of trainings."""

    def __init__(
        self,
        learnable: Learnable,
        serving: ServingConsent,
        model_store: ModelStore,
        key: bytes,
        runs: Callable[[], list[Run]],
        base_of: Callable[[str], Base],
    ) -> None:
        """base_of: gives a recipe's base by its digest."""
        self._learnable = learnable
        self._serving = serving
        self._model_store = model_store
        self._key = key
        self._runs = runs
        self._base_of = base_of

    def forecast(self, run: Run, *, fewer_shards: bool = False) -> TrainingForecast:
        """What a run would learn from today. run: one that needn't be on record; its recipe is asked for.

        fewer_shards: go on with the number of shards of an earlier run of the same, or take fewer shards than
        the recipe's where that many would have too few people; the forecast's recipe has the number.
        """
        left = LeftOut()
        examples = list(self._learnable.examples(run, left_out=left))
        asked, fits = run.recipe.shards, fitting(examples, self._key, run.recipe)
        before = self._begun_with(run) if fewer_shards else 0
        if fewer_shards:
            run = run.over(replace(run.recipe, shards=before or fits or 1))
        specs = self._learnable.divided(examples, run.recipe)
        constituents = tuple(self._constituents(run, specs))
        serves = {each.shard for each in constituents if each.serves}
        served = [spec for spec in specs if spec.place.shard in serves]
        people = {owner for spec in served for owner in spec.owners}
        trained = [spec for spec in served if self._model_store.trained_slice(run.id, spec) is not None]
        held_back = {owner for spec in specs for owner in spec.owners} - people
        return TrainingForecast(
            run.id,
            run.snapshot,
            run.split,
            run.recipe,
            any(each.id == run.id for each in self._runs()),
            asked,
            fits,
            len(people),
            sum(len(spec.examples) for spec in served),
            len(served),
            len(trained),
            constituents,
            {
                "erased": len(left.erased),
                "uncovered": len(left.uncovered),
                "no-template": len(left.unrecognisable),
                "no-face": len(left.faceless),
                "not-served": sum(each.pictures for each in constituents if not each.serves),
            },
            len(held_back),
            self._base_of(run.recipe.base_sha256),
            before > 0,
        )

    def _begun_with(self, run: Run) -> int:
        """The number of shards of an earlier run of the same version and recipe; 0 where there is none."""
        alike = [
            each.recipe.shards
            for each in self._runs()
            if (each.snapshot, each.split) == (run.snapshot, run.split)
            and replace(each.recipe, shards=run.recipe.shards) == run.recipe
            and each.recipe.shards <= run.recipe.shards
        ]
        return max(alike, default=0)

    def _constituents(self, run: Run, specs: list[SliceSpec]) -> Iterable[ConstituentForecast]:
        for shard, who in sorted(people_by_shard(specs).items()):
            examples = [each for spec in specs if spec.place.shard == shard for each in spec.examples]
            uses = sorted({(owner, each.image.shoot) for each in examples for owner in each.owners})
            said = self._serving.against(run.snapshot, uses)
            against = {code: tuple(some) for code, some in sorted(said.items())}
            if len(who) < run.recipe.min_people:
                against[TOO_FEW] = ()
            yield ConstituentForecast(shard, len(who), len(examples), against)
