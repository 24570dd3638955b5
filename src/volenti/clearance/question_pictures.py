"""Pictures of a question, one by one and sized for a screen: what `question_sheet` has on one sheet.

They are made when somebody looks at the question, and kept nowhere. Nothing is shown but what belongs to the
question: its pictures, the faces in them, and reference photographs of one person.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from volenti.core.errors import NotFoundError, UsageError
from volenti.perception.files.kept import shown_as

if TYPE_CHECKING:
    from PIL import Image as Pillow

    from volenti.clearance.gallery import Gallery
    from volenti.clearance.image import Image
    from volenti.clearance.question import Question
    from volenti.consent.service import Consent

#: What may be seen of a question, and its longer side on a screen, in pixels, where no other is asked for.
SIDES = {"picture": 1600, "face": 480, "reference": 480}
SIDE_MAX = 2000

T = TypeVar("T")
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class QuestionPictures:
    """Makes pictures of one question. opened: a picture's bytes."""

    question: Question
    opened: Callable[[Image], bytes]
    consent: Consent
    gallery: Gallery

    def made(self, part: str, number: int, subject: str, side: int | None) -> bytes:
        """One picture as a JPEG; NotFoundError where the question has no such picture.

        number: of a picture, of a face or of a reference, from 0. A face is that in question in the picture
        of that number, or else the first picture's face of that number. subject: whose reference.
        """
        if part not in SIDES:
            raise UsageError(f"There is no {part!r} of a question.", f"Choose: {', '.join(SIDES)}.")
        side = SIDES[part] if side is None else side
        if not 1 <= side <= SIDE_MAX:
            raise UsageError(f"A picture can't be {side} pixels large.", f"Choose up to {SIDE_MAX}.")
        if part == "picture":
            picture = shown_as(self.opened(_at(self.question.images, number)), side)
        elif part == "face":
            picture = _cut(shown_as(self.opened(self._image_of(number))), self._box_of(number))
        else:
            picture = self._reference(subject, number)
        picture.thumbnail((side, side))
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=85)
        return out.getvalue()

    def _image_of(self, number: int) -> Image:
        return _at(self.question.images, number if self.question.faces else 0)

    def _box_of(self, number: int) -> Box:
        return _at(self.question.faces or self.question.images[0].faces, number).box

    def _reference(self, subject: str, number: int) -> Pillow.Image:
        """A reference photograph: the face in it, where the gallery has seen one."""
        photo = _at(self.consent.references(subject), number)
        seen = next((each for each in self.gallery.seen(subject) if each.digest == photo.digest), None)
        whole = shown_as(self.consent.open_reference(photo))
        return whole if seen is None or seen.box is None else _cut(whole, seen.box)


def _at(among: Sequence[T], number: int) -> T:
    if not 0 <= number < len(among):
        raise NotFoundError("The question has no such picture.", "Open the question again.")
    return among[number]


def _cut(picture: Pillow.Image, box: Box) -> Pillow.Image:
    from volenti.perception.exhibit import around

    return picture.crop(around(box, picture.size))
