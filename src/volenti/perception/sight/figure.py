"""Figure: a sign of a person for whom no face was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from volenti.core.codec import OPTIONAL


@dataclass(frozen=True, slots=True)
class Figure:
    """A sign of a person for whom no face was found: where, and how strong (0 to 1).

    `part` is what `box` is around: a head, where a face is too weak to be one, or all that was seen of
    somebody. It is empty where an earlier version didn't say.
    """

    box: tuple[float, float, float, float]
    score: float
    frame: int = 0
    part: Literal["", "head", "body"] = field(default="", metadata=OPTIONAL)

    def scaled(self, factor: float) -> Figure:
        """The figure in the same picture with sides of so many times the pixels."""
        return replace(self, box=scaled(self.box, factor))


def scaled(box: tuple[float, float, float, float], factor: float) -> tuple[float, float, float, float]:
    """The same box, (left, top, width, height) in pixels, in the picture resized by `factor`."""
    left, top, width, height = box
    return left * factor, top * factor, width * factor, height * factor


@dataclass(frozen=True, slots=True)
class PeopleFree:
    """Scores from which on a face, or a figure, keeps a picture out of a dataset without people."""

    face_min: float
    figure_min: float


#: Measured by `python bench/people.py no-people`.
PEOPLE_FREE = PeopleFree(face_min=0.75, figure_min=0.75)
