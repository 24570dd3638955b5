"""QuestionSheet: what a reviewer looks at to answer a question, on one sheet.

First the whole picture, in which every face is boxed, with its number and whom it was matched with; then the
faces in question, enlarged; then the reference photographs of those they come nearest to. How near is said in
per cent of what a match needs, so that it means the same for every kind of face.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image as Pillow

from volenti.clearance.image import Image, SeenFace
from volenti.clearance.question import Question
from volenti.consent.service import Consent
from volenti.perception.exhibit import Box, Exhibit, Mark, sheet
from volenti.perception.files.kept import shown_as

#: Faces of one question on its sheet.
FACES_SHOWN = 6


def question_sheet(
    question: Question, opened: Callable[[Image], bytes], consent: Consent, suffix: str
) -> bytes:
    """The sheet, encoded by the suffix (.jpg or .png); UsageError for another suffix.

    opened: a picture's bytes.
    """

    def whole(image: Image) -> Pillow.Image:
        return shown_as(opened(image))

    def photo(subject: str) -> Pillow.Image | None:
        data = consent.photo_of(subject)
        return None if data is None else shown_as(data)

    image, count = question.images[0], len(question.images)
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    marks = tuple(_mark(number, face) for number, face in enumerate(image.faces))
    exhibits = [Exhibit(whole(image), (image.file, pictures, question.purpose), marks=marks)]
    for place, (box, name, seen) in enumerate(_in_question(question)):
        picture = exhibits[0].picture if seen is image else whole(seen)
        said = name if place == 0 or not question.faces else f"again: {seen.file}"
        exhibits.append(Exhibit(picture, (said,), box, enlarged=True))
    for each in question.candidates:
        lines = (
            each.subject,
            nearness(each.score, each.needed),
            f"{each.coverage.code} {each.coverage.clause}".strip(),
        )
        exhibits.append(Exhibit(photo(each.subject), lines))
    return sheet(exhibits, suffix)


def nearness(score: float, needed: float) -> str:
    """How near a face comes to a person, in per cent of what a match needs."""
    return f"{max(0, round(100 * score / needed))} % of a match" if needed > 0 else ""


def _in_question(question: Question) -> list[tuple[Box, str, Image]]:
    """Boxes of the faces to be shown enlarged, with what is written under them and their pictures."""
    if question.faces:
        pairs = zip(question.faces[:FACES_SHOWN], question.images, strict=False)
        return [(face.box, "the face in question", image) for face, image in pairs]
    image = question.images[0]
    faces = [(face.box, f"face {n}") for n, face in enumerate(image.faces) if face.status != "covered"]
    figures = [(figure.box, "somebody without a face?") for figure in image.figures]
    return [(box, name, image) for box, name in (*faces, *figures)[:FACES_SHOWN]]


def _mark(number: int, face: SeenFace) -> Mark:
    near = nearness(face.score, face.needed)
    if face.status == "covered" and face.subject:
        return Mark(face.box, f"{number} {face.subject}, {near}".rstrip(", "), known=True)
    return Mark(
        face.box, f"{number} {face.nearest}? {near}" if face.subject and face.nearest else f"{number} ?"
    )
