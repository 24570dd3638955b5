"""Partition: which shard and slice a person belongs to.

Both follow from the subject's keyed hash (`datasets.shard`) and from nothing else.

Design follows SISA (Bourtoule et al. 2021, arXiv:1912.03817) in shards; slices
here are trained independently and averaged instead of one after the other, so
that a replay costs one slice, not all later ones (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from volenti.datasets.shard import numbers_of
from volenti.training.recipe import Recipe


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A slice within a shard; both counted from 0."""

    shard: int
    slice: int

    def __str__(self) -> str:
        return f"{self.shard:02d}-{self.slice:03d}"


def place(key: bytes, subject: str, recipe: Recipe) -> Place:
    """Where `subject` belongs, under the workspace's partition key."""
    first, second = numbers_of(key, subject)
    return Place(first % recipe.shards, second % recipe.slices)


def place_of_group(key: bytes, subjects: Sequence[str], recipe: Recipe) -> Place:
    """Where a picture of several people belongs: with the one whose identifier sorts first."""
    return place(key, min(subjects), recipe)


def people_by_shard(places: Mapping[str, Place], recipe: Recipe) -> dict[int, int]:
    """How many of `places`' subjects each shard has; shards without any are there with 0."""
    counts = dict.fromkeys(range(recipe.shards), 0)
    for where in places.values():
        counts[where.shard] += 1
    return counts


def too_small(counts: Mapping[int, int], min_people: int) -> list[int]:
    """Shards with some people, but fewer than the minimum."""
    return sorted(shard for shard, people in counts.items() if 0 < people < min_people)


def occupied(places: Iterable[Place]) -> list[Place]:
    """The slices that have anybody, in order."""
    return sorted(set(places))
