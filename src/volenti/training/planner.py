"""Planner: prices ways to partition a training into shards and slices, and advises one.

It is pure. It is given who is in a dataset, what one training sample costs here (measured by
`training.cost_estimator`), how many people leave in a year and which quality is good enough, and prices each
of a few partitions. The cost of a complaint is the mean over everybody: their slice is trained again without
their pictures, and the constituent is merged again. More slices make a complaint cheaper. Fewer people a
slice, and fewer people a constituent, make the mixture draw worse than one model would. How much worse was
measured, for pictures near to those of the base and for far ones (`training.measured`).

The partition becomes part of a recipe and stays the same, whoever leaves later. The order of slices
doesn't matter, because each is trained from the base by itself (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from volenti.core.canonical import Json
from volenti.core.shown import short_repr
from volenti.training.forgetting import STARTUP_SECONDS, price
from volenti.training.measured import Measured, Quality, expected
from volenti.training.nearness import Nearness
from volenti.training.partition import Place, place
from volenti.training.recipe import Recipe

#: Partitions that are priced: numbers of shards, and of slices a shard.
SHARDS, SLICES = (1, 2, 4, 8, 16, 32), (4, 8, 16, 32, 64, 128)
#: The least quality of a mixture that is good enough, as a share of one model's: of near pictures how well
#: prompts are followed, of far ones how much is learned of them.
QUALITY_FLOORS: dict[Nearness, float] = {"near": 0.97, "far": 0.75}
#: Share of people who are expected to leave in a year, where nobody says.
LEAVING_SHARE = 0.01
#: Seconds that a merge takes for each slice of the shard and each byte of the constituent.
MERGE_SECONDS_A_BYTE = 0.8e-9


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured: seconds of one core a sample, bytes of a slice's weights and a constituent's.

    `measured` says in words what they were measured on. `memory_bytes` is the most that training a slice
    took: of the memory of `gpu` where one is named, otherwise of the worker's; 0 where it isn't known.
    """

    sample_seconds: float
    slice_bytes: int
    constituent_bytes: int
    measured: str
    memory_bytes: int = 0
    gpu: str = ""

    __repr__ = short_repr

    def to_json(self) -> Json:
        """What was measured, as a JSON object."""
        return {
            "sample_seconds": round(self.sample_seconds, 6),
            "slice_bytes": self.slice_bytes,
            "constituent_bytes": self.constituent_bytes,
            "memory_bytes": self.memory_bytes,
            "gpu": self.gpu,
            "measured": self.measured,
        }


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the dataset, with their cohort and the number of pictures in their slice."""

    subject: str
    cohort: int
    images: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is asked for. core_hour_price: of an hour of one core, 0 where none was given."""

    cores: int
    withdrawals_a_year: int
    quality_floor: float = QUALITY_FLOORS["near"]
    core_hour_price: float = 0.0
    #: None where nothing was measured on the base, so that nobody knows.
    nearness: Nearness | None = "near"

    __repr__ = short_repr

    def price_of(self, core_seconds: float) -> float:
        """What that much work costs, in the currency of the core hour's price."""
        return core_seconds / 3600 * self.core_hour_price


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """One way to partition a training, and its costs: seconds are waiting, core seconds are work."""

    shards: int
    slices: int
    people_a_slice: float
    pictures_a_slice: float
    #: People in the smallest constituent.
    people_least: int
    full_seconds: float
    full_core_seconds: float
    #: Of one complaint: start-up, replay and merge. The other constituents are served meanwhile.
    complaint_seconds: float
    complaint_core_seconds: float
    year_core_seconds: float
    year_retraining_core_seconds: float
    disk_bytes: int
    quality: Quality | None

    __repr__ = short_repr

    @property
    def share(self) -> float:
        """The work of one complaint as a share of training everything."""
        return self.complaint_core_seconds / self.full_core_seconds if self.full_core_seconds else 0.0

    def to_json(self) -> Json:
        """The partition as a JSON object; `adherence` and `frechet` are null where quality isn't known."""
        quality = self.quality
        seconds = (
            "full_seconds",
            "full_core_seconds",
            "complaint_seconds",
            "complaint_core_seconds",
            "year_core_seconds",
            "year_retraining_core_seconds",
        )
        return {
            "shards": self.shards,
            "slices": self.slices,
            "people_least": self.people_least,
            "people_a_slice": round(self.people_a_slice, 2),
            "pictures_a_slice": round(self.pictures_a_slice, 2),
            **{name: round(getattr(self, name), 3) for name in seconds},
            "share": round(self.share, 6),
            "disk_bytes": self.disk_bytes,
            "adherence": quality and _rounded(quality.adherence),
            "learned": quality and _rounded(quality.learned),
            "frechet": quality and _rounded(quality.frechet),
        }


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Every partition that may be made, and the one that is advised: None where none is good enough.

    `recipe` is how each is trained, shards and slices aside. `base_loss` is the base's mean loss on some of
    the pictures, from which it follows whether they are near to what the base learned from or far.
    """

    people: int
    images: int
    recipe: Recipe
    base_loss: float
    terms: Terms
    costs: Costs
    partitions: tuple[PartitionPlan, ...]
    chosen: PartitionPlan | None

    __repr__ = short_repr

    def to_json(self) -> Json:
        """What was given and measured, every partition, and the advised one or null, as a JSON object."""
        terms = self.terms
        return {
            "people": self.people,
            "images": self.images,
            "cores": terms.cores,
            "withdrawals_a_year": terms.withdrawals_a_year,
            "quality_floor": terms.quality_floor,
            "nearness": terms.nearness,
            "base_loss": round(self.base_loss, 4),
            "rank": self.recipe.rank,
            "batch": self.recipe.batch,
            "accumulate": self.recipe.accumulate,
            "learning_rate": self.recipe.learning_rate,
            "samples_per_image": self.recipe.samples_per_image,
            "core_hour_price": terms.core_hour_price,
            **self.costs.to_json(),
            "step_seconds": round(self.costs.sample_seconds * self.recipe.batch, 6),
            "divisions": [each.to_json() for each in self.partitions],
            "chosen": self.chosen.to_json() if self.chosen else None,
        }


def plan(
    people: Sequence[Person],
    key: bytes,
    recipe: Recipe,
    costs: Costs,
    terms: Terms,
    measured: Sequence[Measured],
    base_loss: float = 0.0,
) -> TrainingPlan:
    """Price every partition in which each constituent has enough people, and choose one.

    Of those whose quality was measured and is good enough, it chooses the one that costs least in a year; of
    equal ones the one with fewer constituents.
    """
    partitions = []
    # One slice of everybody comes first, for comparison.
    for shards, slices in ((1, 1), *product(SHARDS, SLICES)):
        # Where there are more slices than people, further slices change next to nothing.
        if shards * slices > 2 * len(people) > 2:
            continue
        partitioned = replace(recipe, shards=shards, slices=slices)
        partition = _priced(people, key, partitioned, costs, terms, measured)
        if partition.people_least >= recipe.min_people:
            partitions.append(partition)
    good = [each for each in partitions if each.quality and each.quality.share >= terms.quality_floor]
    chosen = min(good, key=lambda each: (round(each.year_core_seconds, 1), each.shards), default=None)
    images = sum(person.images for person in people)
    return TrainingPlan(len(people), images, recipe, base_loss, terms, costs, tuple(partitions), chosen)


def _priced(
    people: Sequence[Person],
    key: bytes,
    recipe: Recipe,
    costs: Costs,
    terms: Terms,
    measured: Sequence[Measured],
) -> PartitionPlan:
    places = [place(key, person.subject, recipe, person.cohort) for person in people]
    pictures: dict[Place, int] = {}
    shards = dict.fromkeys(range(recipe.shards), 0)
    for person, lies in zip(people, places, strict=True):
        pictures[lies] = pictures.get(lies, 0) + person.images
        shards[lies.shard] += 1
    step = recipe.batch * costs.sample_seconds
    # A replay trains the pictures of the other people in the slice.
    others = [pictures[lies] - person.images for person, lies in zip(people, places, strict=True)]
    replay = sum(recipe.steps(count) * step for count in others if count) / max(1, len(others))
    merge = costs.constituent_bytes * MERGE_SECONDS_A_BYTE
    everything = [recipe.steps(count) * step + merge for count in pictures.values()]
    again = replay + merge * len(pictures) / recipe.shards
    cost = price([("mean", again)], everything, ["mean"], terms.cores)
    full = cost.full_core_seconds + terms.cores * STARTUP_SECONDS
    work = again + STARTUP_SECONDS
    taken = sum(1 for count in shards.values() if count)
    within = len(people) / max(1, len(pictures))
    apiece = sum(pictures.values()) / max(1, len(pictures))
    return PartitionPlan(
        shards=recipe.shards,
        slices=recipe.slices,
        people_a_slice=within,
        pictures_a_slice=apiece,
        people_least=min(shards.values()),
        full_seconds=cost.full_seconds,
        full_core_seconds=full,
        complaint_seconds=cost.seconds,
        complaint_core_seconds=work,
        year_core_seconds=terms.withdrawals_a_year * work,
        year_retraining_core_seconds=terms.withdrawals_a_year * full,
        disk_bytes=len(pictures) * costs.slice_bytes + taken * costs.constituent_bytes,
        quality=expected(recipe, apiece, [each for each in measured if each.nearness == terms.nearness]),
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
