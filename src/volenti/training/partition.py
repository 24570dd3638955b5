"""Partition: which shard and slice a person belongs to.

Both follow from the subject's keyed hash (`datasets.shard`) and from their cohort: the period in which
they were enrolled. Who joins in a later period comes into slices of their own, so that taking in a
thousand people trains a thousand people's slices and none of those there are. A wave is a fact about
one person, like the day they signed: neither who came with them, nor in whose pictures they appeared
first, nor how many versions of the dataset there are has a part in it.

Design follows SISA (Bourtoule et al. 2021, arXiv:1912.03817) in shards; slices
here are trained independently and averaged instead of one after the other, so
that a replay costs one slice, not all later ones (docs/adr/0004, 0010).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from volenti.datasets.shard import numbers_of
from volenti.training.recipe import Recipe

#: Waves are counted from here.
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A slice within a shard; both counted from 0, slices of later waves after those of earlier."""

    shard: int
    slice: int

    def __str__(self) -> str:
        return f"{self.shard:02d}-{self.slice:03d}"


def cohort_of(enrolled: datetime | None, recipe: Recipe) -> int:
    """The number of the period in which somebody was enrolled; the first one where that isn't known."""
    return 0 if enrolled is None else max(0, (enrolled - FIRST_DAY).days // recipe.wave_days)


def place(key: bytes, subject: str, recipe: Recipe, cohort: int = 0) -> Place:
    """Where `subject` belongs, under the workspace's partition key. cohort: from 0."""
    first, second = numbers_of(key, subject)
    return Place(first % recipe.shards, cohort * recipe.slices + second % recipe.slices)
