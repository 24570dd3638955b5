"""Seen references: what is seen in the photographs by which somebody is enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.reference import Reference

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SeenReference:
    """A reference photograph of somebody, and what was seen in it when the gallery was filled last.

    `release` names it by its `digest`. `state`: "enrolled"; or "refused" because of `flaws`, values of
    `perception.sight.reference.Flaw`, that weren't accepted; or "waiting" until the gallery is filled, which
    `clear` does, for people whose release grants face templates. `accepted`: what was doubtful and accepted.
    `box`: the face, in pixels of the upright picture; None where there isn't one.
    """

    subject: str
    release: str
    digest: str
    state: Literal["enrolled", "refused", "waiting"]
    flaws: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    box: Box | None = None

    __repr__ = short_repr

    @property
    def face_px(self) -> int | None:
        """The longer side of the face's box, in pixels; None where there isn't one."""
        return None if self.box is None else round(max(self.box[2:]))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a template's row says of one photograph."""

    digest: str
    flaws: tuple[str, ...]
    box: Box | None = None


@dataclass(frozen=True)
class Describer:
    """Makes templates of reference photographs. Picklable, for worker processes."""

    detector: FaceDetector

    def describe(self, subjects: Sequence[Sequence[bytes]]) -> list[list[Reference]]:
        """For each subject's photographs: what is seen in each."""
        # Imported where a picture is looked at: whoever only asks who has templates needs none of it.
        from volenti.perception.sight.reference import look_at

        return [[look_at(self.detector, photo) for photo in photos] for photos in subjects]
