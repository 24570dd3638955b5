"""Partition: which shard and slice a person belongs to.

Both follow from the subject's keyed hash (`datasets.shard`) and from their wave: the version of
the dataset that they joined it with. Who joins later comes into slices of their own, so that
taking in a thousand people trains a thousand people's slices and none of those there are. A wave
is a fact about one person, like the day they signed; how many others came with them isn't in it.

Design follows SISA (Bourtoule et al. 2021, arXiv:1912.03817) in shards; slices
here are trained independently and averaged instead of one after the other, so
that a replay costs one slice, not all later ones (docs/adr/0004).
"""

from __future__ import annotations

from dataclasses import dataclass

from volenti.datasets.shard import numbers_of
from volenti.training.recipe import Recipe


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A slice within a shard; both counted from 0, slices of later waves after those of earlier."""

    shard: int
    slice: int

    def __str__(self) -> str:
        return f"{self.shard:02d}-{self.slice:03d}"


def place(key: bytes, subject: str, recipe: Recipe, wave: int = 0) -> Place:
    """Where `subject` belongs, under the workspace's partition key. wave: from 0."""
    first, second = numbers_of(key, subject)
    return Place(first % recipe.shards, wave * recipe.slices + second % recipe.slices)
