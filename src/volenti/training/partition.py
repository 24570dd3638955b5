"""Partition: which shard and slice a person belongs to.

Both follow from the subject's keyed hash (`datasets.shard`) and from their cohort: the period in which
they were enrolled. People of a later cohort get slices of their own. So when a thousand people are added,
only the slices of these thousand are trained, and no earlier slice is trained again. A cohort depends on
one person alone, like the day they signed. It depends neither on who was enrolled with them, nor on whose
pictures they appear in, nor on the number of versions of the dataset.

The shards are those of SISA (Bourtoule et al. 2021, arXiv:1912.03817). There, slices are trained one after
the other; here each is trained by itself and they are averaged, so that a replay trains one slice and not
all later ones (docs/adr/0004, 0010).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from volenti.datasets.shard import numbers_of
from volenti.training.recipe import Recipe

#: The first day of the first cohort.
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A slice within a shard; both counted from 0, slices of later cohorts after those of earlier ones."""

    shard: int
    slice: int

    def __str__(self) -> str:
        return f"{self.shard:02d}-{self.slice:03d}"


def cohort_of(enrolled: datetime | None, recipe: Recipe) -> int:
    """The number of the cohort in which somebody was enrolled; 0 where the day isn't known."""
    return 0 if enrolled is None else max(0, (enrolled - FIRST_DAY).days // recipe.wave_days)


def place(key: bytes, subject: str, recipe: Recipe, cohort: int = 0) -> Place:
    """The slice that `subject` belongs to, under the workspace's partition key. cohort: counted from 0."""
    first, second = numbers_of(key, subject)
    return Place(first % recipe.shards, cohort * recipe.slices + second % recipe.slices)
