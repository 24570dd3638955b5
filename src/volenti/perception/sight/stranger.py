"""A stranger: somebody in a picture who is to be made unrecognisable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from volenti.perception.sight.figure import scaled


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody to be made unrecognisable, in pixels of the picture that is judged.

    `box` is (left, top, width, height) around their face or, where no face was found, around all that was
    seen of them: `part` says which. `score` is how sure the detector is, 0 to 1: a box that it isn't
    sure of may lie beside what it saw.
    """

    box: tuple[float, float, float, float]
    part: Literal["head", "body"] = "head"
    score: float = 1.0

    def scaled(self, factor: float) -> Stranger:
        """The same in the picture with sides of so many times the pixels."""
        return replace(self, box=scaled(self.box, factor))
