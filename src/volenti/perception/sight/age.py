"""Age as a reason to look, never as an answer.

An estimate of age from a photograph is wrong for one young person in three, and works unequally well for
different people. So it may only refer: where a face looks young and the release says adult, a person compares
birth dates. No face is ever taken for an adult's because of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face

#: Age in years below which somebody looks young: well above 18, because estimates scatter.
YOUNG_YEARS = 25


class AgeEstimator(Protocol):
    """Says how young faces look. Picklable: loads its model where it works."""

    @property
    def available(self) -> bool:
        """Whether the model is there. Where it isn't, nobody is estimated and nothing is referred."""
        ...

    def under_25_scores(self, rgb: Rgb, faces: Sequence[Face]) -> list[float]:
        """For each face of an upright (height, width, 3) uint8 picture how likely the estimate says "younger
        than YOUNG_YEARS", 0 to 1; 0 for all where the model isn't there."""
        ...
