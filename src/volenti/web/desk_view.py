"""What the review desk shows of a question, put together for its page."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from volenti.clearance.answer import NO_ONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volenti.clearance.image import Image, SeenFace
    from volenti.clearance.offers import Offer
    from volenti.clearance.place import Place
    from volenti.clearance.question import Question
    from volenti.clearance.question_people import PersonInQuestion
    from volenti.core.errors import VolentiError
    from volenti.web.desk_answers import Given

#: How wide a picture is in the units in which boxes are drawn over it.
WIDE = 1000
#: Pictures of one question that are shown small; how many are left is said.
STRIP = 120
#: Where there is no room above a box, its label stands in it; and how wide a letter is taken to be.
LABEL, LETTER = 34, 13
#: How many letters say how near somebody comes.
NEAR_LETTERS = 12
#: From more faces on, names stand below the picture.
CROWDED = 2
#: Per cent of a match from which on somebody is shown beside the face.
NEAR = 30
#: The key of each thing that may be said of a face that is nobody's.
KEYS = {"blur": "b", "no-face": "n", "too-small": "s", "too-blurred": "t"}


@dataclass(frozen=True, slots=True)
class Box:
    """A face or a figure in the picture, in units of which the picture is WIDE wide.

    kind: "asked", "known" or "figure". number: of the face, from 1. label: who it is or comes near to. near:
    how near, in per cent of a match; None where nothing measured is kept of it.
    """

    kind: str
    number: str
    label: str
    near: int | None
    x: int
    y: int
    width: int
    height: int
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody whom a face may be: whether that answer would be taken, and its key."""

    person: PersonInQuestion
    offer: Offer | None
    key: str


@dataclass(frozen=True, slots=True)
class FaceView:
    """One of several faces of which something has to be said."""

    number: int
    people: tuple[Choice, ...]
    kinds: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page shows of a question."""

    question: Question
    place: Place
    offers: tuple[Offer, ...]
    people: Mapping[str, PersonInQuestion]
    found: tuple[str, ...]
    shown: int
    has_agreed: bool
    problem: VolentiError | None
    given: Given | None
    who: str = ""

    @property
    def name(self) -> str:
        """The question's identifier."""
        return self.question.id

    @property
    def purpose(self) -> str:
        """For what the question is asked."""
        return self.question.purpose

    @property
    def image(self) -> Image:
        """The picture that is shown large."""
        return self.question.images[self.shown]

    @property
    def high(self) -> int:
        """The height of the picture that is shown large, where it is WIDE wide."""
        return round(WIDE * self.image.height / max(1, self.image.width))

    @property
    def boxes(self) -> list[Box]:
        """What is boxed in the picture that is shown large."""
        asked = self.question.faces[self.shown] if self.question.faces else None
        boxes = [self._face(number, face, asked) for number, face in enumerate(self.image.faces)]
        return boxes + [self._box("figure", "", "", None, figure.box) for figure in self.image.figures]

    @property
    def is_crowded(self) -> bool:
        """Whether names would lie over each other in the picture, so that they stand below it."""
        return len(self.image.faces) > CROWDED

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Whom the face in question may be, the nearest first."""
        offered = {each.subject for each in self.offers}
        near = [each for each in self.question.candidates if each.nearness >= NEAR or each.subject in offered]
        return self._choices([each.subject for each in near], None)

    @property
    def found_choices(self) -> tuple[Choice, ...]:
        """Those who were found by typing."""
        return self._choices(self.found, None, first_key=0)

    @property
    def kinds(self) -> tuple[Offer, ...]:
        """What would be taken of a face that is nobody's, or of all of them."""
        return tuple(each for each in self.offers if each.answer in NO_ONE and each.face is None)

    @property
    def several(self) -> tuple[FaceView, ...]:
        """The faces of which something has to be said one by one."""
        numbers = dict.fromkeys(each.face for each in self.offers if each.face is not None)
        return tuple(self._several(number) for number in numbers)

    @property
    def clears(self) -> bool:
        """Whether it would be taken that nobody is seen but those recognised."""
        return any(each.answer == "clear" for each in self.offers)

    @property
    def asks_age(self) -> bool:
        """Whether somebody looks young, so that the birth date helps."""
        return not {"possible-minor", "minor-disclosed", "minor"}.isdisjoint(self.question.findings)

    @property
    def needs_second(self) -> bool:
        """Whether every yes would wait for a second person."""
        yeses = [each for each in self.offers if each.answer != "reject"]
        return bool(yeses) and all(each.needs_second for each in yeses)

    @property
    def seen(self) -> str:
        """By what it is told whether the question is about the same pictures when it is answered."""
        return seen(self.question)

    def _several(self, number: int) -> FaceView:
        face = self.question.images[0].faces[number]
        near = tuple(dict.fromkeys(each for each in (face.match, face.nearest, face.second) if each))
        kinds = tuple(each for each in self.offers if each.answer in NO_ONE and each.face == number)
        return FaceView(number, self._choices((*near, *self.found), number), kinds)

    def _choices(self, subjects: Sequence[str], face: int | None, first_key: int = 1) -> tuple[Choice, ...]:
        offered = {each.subject: each for each in self.offers if each.answer == "is" and each.face == face}
        known = [self.people[each] for each in subjects if each in self.people]
        return tuple(
            Choice(each, offered.get(each.subject), str(place) if first_key and place < 10 else "")
            for place, each in enumerate(known, first_key)
        )

    def _face(self, number: int, face: SeenFace, asked: SeenFace | None) -> Box:
        who = face.subject if face.status == "covered" else face.match or face.nearest
        near = 100 * face.score / face.needed if face.needed > 0 else 0.0
        is_known = face.status == "covered" and face is not asked
        kind = "known" if is_known else "asked"
        if not who or who not in self.people or not (is_known or near >= NEAR):
            return self._box(kind, str(number + 1), "?", None, face.box)
        label = f"{self.people[who].name}{'' if is_known else '?'}"
        # Of a face that somebody confirmed nothing measured may be left: then no per cent stand beside it.
        return self._box(kind, str(number + 1), label, round(near) if near >= 1 else None, face.box)

    def _box(
        self, kind: str, number: str, label: str, near: int | None, box: tuple[float, float, float, float]
    ) -> Box:
        scale = WIDE * self.image.scale / max(1, self.image.width)
        x, y, width, height = (round(scale * each) for each in box)
        letters = len(number) + len(label) + 1 + (NEAR_LETTERS if near is not None else 0)
        label_x = max(0, min(x, WIDE - LETTER * letters))
        label_y = y - LABEL if y >= LABEL else min(y + height, max(0, self.high - LABEL))
        return Box(kind, number, label, near, x, y, width, height, label_x, label_y)


def seen(question: Question) -> str:
    """A short digest of which pictures a question is about."""
    return sha256(" ".join(each.id for each in question.images).encode()).hexdigest()[:16]
