"""Planner: into how many shards and slices a training should be divided, and what that costs.

Pure. From who is in a dataset, what one training sample costs here (`training.cost_estimator` measures
it), how many people leave in a year, and how good is good enough, it prices each of a few divisions.
What a complaint costs is the mean over everybody: their slice is trained anew without them, and
the constituent is merged. More slices make it cheaper; fewer people a slice, and fewer people a
constituent, make the mixture draw worse than one model would. How much worse was measured
(bench/slicing.py, whose table ships as slicing.csv); outside what was measured nothing is said.

The division becomes part of a recipe and stays as it is, whoever leaves later. There is no order of
slices to choose, by risk or otherwise: each is trained from the base by itself (docs/adr/0004).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from volenti.core.canonical import Json
from volenti.training.forgetting import STARTUP_SECONDS, price
from volenti.training.partition import Place, place
from volenti.training.recipe import Recipe

#: Divisions that are looked at: shards, and slices of a shard.
SHARDS, SLICES = (1, 2, 4, 8, 16, 32), (4, 16, 32, 64, 128)
#: Worst adherence of a mixture as a share of one model's that is good enough.
QUALITY_FLOOR = 0.97
#: Share of the fewest pictures a slice that were measured down to which they stand for fewer.
REACH = 0.85
#: Share of people who are expected to leave in a year, where nobody says.
LEAVING_SHARE = 0.01
#: A merge goes over all slices of a shard: seconds for each, by the bytes of the constituent.
MERGE_SECONDS_A_BYTE = 0.8e-9


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured: seconds of one core a sample, bytes of a slice's weights and a constituent's.

    `measured` says on what.
    """

    sample_seconds: float
    slice_bytes: int
    constituent_bytes: int
    measured: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the dataset: whose pictures lie in one slice, how many, and of which wave."""

    subject: str
    cohort: int
    images: int


@dataclass(frozen=True, slots=True)
class Quality:
    """A mixture's figures as shares of one model's at equal compute.

    Adherence, at best 1; Fréchet distance of face templates, at best 1 and more where it is worse.
    """

    adherence: float
    frechet: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of slicing.csv: a division into shards with that many pictures a slice, and its quality."""

    shards: int
    pictures: float
    rank: int
    samples_per_image: int
    quality: Quality


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a plan. price: of an hour of one core, 0 where nobody said."""

    cores: int
    withdrawals_a_year: int
    quality_floor: float = QUALITY_FLOOR
    core_hour_price: float = 0.0

    def price_of(self, core_seconds: float) -> float:
        """What that much work costs, in whatever the price of a core's hour is in."""
        return core_seconds / 3600 * self.core_hour_price


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """One way to divide a training, and what it costs; seconds of waiting, core seconds of work."""

    shards: int
    slices: int
    people_a_slice: float
    pictures_a_slice: float
    #: In the smallest constituent.
    people_least: int
    full_seconds: float
    full_core_seconds: float
    #: Of one complaint: start-up, replay and merge. The others go on serving meanwhile.
    complaint_seconds: float
    complaint_core_seconds: float
    year_core_seconds: float
    year_retraining_core_seconds: float
    disk_bytes: int
    quality: Quality | None

    @property
    def share(self) -> float:
        """Work of one complaint as a share of training everything."""
        return self.complaint_core_seconds / self.full_core_seconds if self.full_core_seconds else 0.0

    def to_json(self) -> Json:
        """The division as a JSON object; `adherence` and `frechet` are null where quality isn't known."""
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
            "adherence": quality and round(quality.adherence, 4),
            "frechet": quality and round(quality.frechet, 4),
        }


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Every division that may be made, and the one that is advised: None where none is good enough."""

    people: int
    images: int
    terms: Terms
    costs: Costs
    divisions: tuple[PartitionPlan, ...]
    chosen: PartitionPlan | None

    def to_json(self) -> Json:
        """What was given and measured, every division, and the advised one or null, as a JSON object."""
        terms, costs = self.terms, self.costs
        return {
            "people": self.people,
            "images": self.images,
            "cores": terms.cores,
            "withdrawals_a_year": terms.withdrawals_a_year,
            "quality_floor": terms.quality_floor,
            "core_hour_price": terms.core_hour_price,
            "sample_seconds": round(costs.sample_seconds, 6),
            "slice_bytes": costs.slice_bytes,
            "constituent_bytes": costs.constituent_bytes,
            "measured": costs.measured,
            "divisions": [division.to_json() for division in self.divisions],
            "chosen": self.chosen.to_json() if self.chosen else None,
        }


def plan(
    people: Sequence[Person],
    key: bytes,
    recipe: Recipe,
    costs: Costs,
    terms: Terms,
    measured: Sequence[Measured],
) -> TrainingPlan:
    """Price every division that leaves each constituent its fewest people, and choose one.

    The cheapest by the year whose quality was measured and is good enough; of equals the one with
    fewer constituents.
    """
    divisions = []
    # Undivided first, for comparison: one slice of everybody.
    for shards, slices in ((1, 1), *product(SHARDS, SLICES)):
        # Once slices outnumber people, more of them change next to nothing.
        if shards * slices > 2 * len(people) > 2:
            continue
        divided = replace(recipe, shards=shards, slices=slices)
        division = _division(people, key, divided, costs, terms, measured)
        if division.people_least >= recipe.min_people:
            divisions.append(division)
    good = [each for each in divisions if each.quality and each.quality.adherence >= terms.quality_floor]
    chosen = min(good, key=lambda each: (round(each.year_core_seconds, 1), each.shards), default=None)
    images = sum(person.images for person in people)
    return TrainingPlan(len(people), images, terms, costs, tuple(divisions), chosen)


def _division(
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
    # Who leaves isn't learned again: the replay is of those they shared the slice with.
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
        quality=expected(recipe, apiece, measured),
    )


def expected(recipe: Recipe, pictures: float, measured: Sequence[Measured]) -> Quality | None:
    """Quality of a division, between the nearest that were measured; None outside of them.

    Between rows it is linear in the logarithms of shards and of pictures a slice. Rows of another
    rank or another number of samples a picture say nothing.
    """
    way = (recipe.rank, recipe.samples_per_image)
    by_shards: dict[int, dict[float, Quality]] = {}
    for row in (each for each in measured if (each.rank, each.samples_per_image) == way):
        by_shards.setdefault(row.shards, {})[row.pictures] = row.quality
    lines: dict[float, Quality] = {}
    for shards, line in by_shards.items():
        least = min(line)
        # Slices are as full as people fall into them: a little less than was measured counts as it.
        found = _between(line, least if REACH * least <= pictures < least else pictures)
        if found is not None:
            lines[float(shards)] = found
    return _between(lines, float(recipe.shards))


def _between(points: Mapping[float, Quality], at: float) -> Quality | None:
    below = max((each for each in points if each <= at), default=None)
    above = min((each for each in points if each >= at), default=None)
    if below is None or above is None:
        return None
    if below == above:
        return points[below]
    share = math.log(at / below) / math.log(above / below)
    low, high = points[below], points[above]
    return Quality(
        low.adherence + share * (high.adherence - low.adherence),
        low.frechet + share * (high.frechet - low.frechet),
    )
