"""Measured: how good divided models were, beside one model trained with as much work.

The table ships with the package (measured.csv; bench/slicing.py and bench/learning.py write it). Of a
partition that wasn't measured, quality is interpolated between the nearest that were; outside of these it is
None.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from volenti.training.nearness import Nearness
from volenti.training.recipe import Recipe

#: Slices may have fewer pictures than the fewest that were measured, down to this share of these, and count
#: as these.
REACH = 0.85


@dataclass(frozen=True, slots=True)
class Quality:
    """A mixture's figures as shares of those of one model trained with equal compute.

    adherence: 1 at best; measured where pictures are near to the base's. learned: how much of what one model
    learns beyond the base is kept, 1 at best; measured where they are far. frechet: the Fréchet distance of
    face templates, 1 at best, more is worse.
    """

    adherence: float | None
    frechet: float
    learned: float | None = None

    @property
    def share(self) -> float:
        """What is held against the floor: `learned` where it was measured, or else `adherence`."""
        return next(each for each in (self.learned, self.adherence, 0.0) if each is not None)


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of measured.csv: a partition into shards with that many pictures a slice, and its quality."""

    nearness: Nearness
    shards: int
    pictures: float
    rank: int
    batch: int
    samples_per_image: int
    quality: Quality


def measured(base_sha256: str) -> list[Measured]:
    """The shipped measurements; none for a base that they weren't made on."""
    text = (files("volenti.training") / "measured.csv").read_text()
    return [
        Measured(
            "far" if row["nearness"] == "far" else "near",
            int(row["shards"]),
            float(row["pictures"]),
            int(row["rank"]),
            int(row["batch"]),
            int(row["samples"]),
            Quality(_figure(row["adherence"]), float(row["frechet"]), _figure(row["learned"])),
        )
        for row in csv.DictReader(text.splitlines())
        if base_sha256.startswith(row["base"])
    ]


def _figure(text: str) -> float | None:
    return float(text) if text else None


def expected(recipe: Recipe, pictures: float, measured: Sequence[Measured]) -> Quality | None:
    """A partition's quality, interpolated between the nearest that were measured; None outside of these.

    Interpolation is linear in the logarithms of shards and of pictures a slice. Rows of another rank, batch
    or number of samples a picture aren't used.
    """
    way = (recipe.rank, recipe.batch, recipe.samples_per_image)
    by_shards: dict[int, dict[float, Quality]] = {}
    for row in (each for each in measured if (each.rank, each.batch, each.samples_per_image) == way):
        by_shards.setdefault(row.shards, {})[row.pictures] = row.quality
    lines: dict[float, Quality] = {}
    for shards, line in by_shards.items():
        least = min(line)
        # People fall into slices by chance: with a few pictures less than was measured, quality is that.
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
        _on_line(low.adherence, high.adherence, share),
        low.frechet + share * (high.frechet - low.frechet),
        _on_line(low.learned, high.learned, share),
    )


def _on_line(low: float | None, high: float | None, share: float) -> float | None:
    return None if low is None or high is None else low + share * (high - low)
