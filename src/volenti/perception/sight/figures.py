"""Figures: signs of people whose face wasn't found, and when they count.

A person seen from behind, from the side or from far away has no face that could be compared with anybody's,
and still is somebody. Every sign of a person is a figure: what a detector of persons finds, or a face too
weak to be one. A figure only ever holds a picture, or refuses it where no people are wanted; it never clears
anything.

Every figure that is reported holds a picture; `PEOPLE_FREE` says from which scores on a dataset without
people refuses it. What isn't seen is listed in docs/design/what-is-seen.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face
from volenti.perception.sight.figure import PEOPLE_FREE, Figure, PeopleFree

Box = tuple[float, float, float, float]

#: Share of a person's box, from its top, in which the middle of their face lies.
HEAD_SHARE = 0.6

#: A box of up to so many heights of the face shows little more than a head, which may lie anywhere in it.
CLOSE_UP = 3.5

#: A box of more heights of the face is somebody else's: bodies are about eight heads tall.
TOO_TALL = 14.0

#: Share of the smaller of two boxes that lies in the other, from which on both are one person.
SAME_PERSON = 0.3


class PersonDetector(Protocol):
    """Finds people however they are turned. Picklable: loads its model where it works."""

    def figures(self, rgb: Rgb) -> list[Figure]:
        """People in an upright (height, width, 3) uint8 picture, the surest first, faces or not.

        Raises MissingModelError where the model file isn't there or isn't the right one.
        """
        ...


def faceless(figures: Sequence[Figure], faces: Sequence[Face]) -> tuple[Figure, ...]:
    """The figures, the surest first, that aren't the person of one of the faces in the same frame.

    A face is that of one person: of the boxes that have it where a head belongs the smallest, those that
    overlap it, those that overlap one of these, and so on, because parts of a picture cut one body in several
    ways. So somebody with their back turned isn't taken for the person whose face is beside them.
    """
    left = sorted(figures, key=lambda figure: -figure.score)
    for face in faces:
        owners = [each for each in left if each.frame == face.frame and _has_head_at(each.box, face.box)]
        if owners:
            person = _one_person(owners)
            left = [each for each in left if each not in person]
    return tuple(left)


def _one_person(owners: Sequence[Figure]) -> list[Figure]:
    """The smallest of the figures, and those that overlap it, or one that does, and so on."""
    found = [min(owners, key=lambda figure: figure.box[2] * figure.box[3])]
    for each in found:
        found += [other for other in owners if other not in found and _same(other.box, each.box)]
    return found


def shows_people(faces: Sequence[Face], figures: Sequence[Figure], rule: PeopleFree = PEOPLE_FREE) -> bool:
    """Whether a dataset without people refuses a picture with these faces and figures."""
    return any(face.score >= rule.face_min for face in faces) or any(
        figure.score >= rule.figure_min for figure in figures
    )


def _has_head_at(person: Box, face: Box) -> bool:
    x, y = face[0] + face[2] / 2, face[1] + face[3] / 2
    left, top, width, height = person
    # A head may stand out of a box that was drawn too tight.
    if not (left <= x <= left + width and top - 0.1 * height <= y <= top + height):
        return False
    return height <= CLOSE_UP * face[3] or (y <= top + HEAD_SHARE * height and height <= TOO_TALL * face[3])


def _same(one: Box, other: Box) -> bool:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return max(width, 0.0) * max(height, 0.0) >= SAME_PERSON * max(smaller, 1e-9)
