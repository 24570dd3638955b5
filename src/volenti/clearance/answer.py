"""Answer: what a reviewer says of a held picture, and what the policy lets them say of a face.

A face that nobody with a release covers may not be waved through. Of each such face a reviewer says one of:

| answer | what it says | when it is taken |
|---|---|---|
| a subject | the face is theirs | releases cover the use, and it is like them: `review.person_min` |
| no-face | the detector erred: it is no face | it was less sure than `review.no_face_below` |
| too-small | nobody can be recognised by it | it is at most `review.too_small_px` high |
| too-blurred | nobody can be recognised by it | it is less sharp than `review.too_blurred_below` |
| blur | the head is to be made unrecognisable | where that can be done without touching anybody else |

or rejects the picture. That a picture shows nobody can be said only where it has no such face. Where
somebody may be seen whose face wasn't found, the reviewer says who that is, or that nobody is.

A face that surely matches somebody is theirs and nobody else's, whatever their releases say; it can only be
blurred. Nobody is in a picture twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from volenti.core.errors import RefusedError, UsageError
from volenti.perception.sight.stranger import Stranger

if TYPE_CHECKING:
    from volenti.clearance.decision import Decision
    from volenti.clearance.image import Image, SeenFace
    from volenti.clearance.reviewing import Reviewing


#: What may be said of a face that is nobody's.
NoOne = Literal["no-face", "too-small", "too-blurred", "blur"]
NO_ONE: tuple[NoOne, ...] = get_args(NoOne)

_LISTED = f"{', '.join(NO_ONE[:-1])} or {NO_ONE[-1]}"


def no_one(said: str | None) -> NoOne | None:
    """What was said of faces that are nobody's, if anything; UsageError where that can't be said."""
    for each in NO_ONE:
        if said == each:
            return each
    if said is not None:
        raise UsageError(f"{said!r} can't be said of a face.", f"Say one of {', '.join(NO_ONE)}.")
    return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer says of a picture, or of every picture of a question.

    clear: whether to let it in. subjects: whom it shows, beside those who were recognised. nobody: it shows
    no person but those. faces: what single faces are, by their number: a subject or one of NO_ONE. others:
    what the faces are that nobody covers and that `faces` doesn't name.
    """

    clear: bool
    subjects: tuple[str, ...] = ()
    nobody: bool = False
    faces: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    others: NoOne | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whom the answer names."""
        faces = (each for each in self.faces.values() if each not in NO_ONE)
        return tuple(dict.fromkeys((*self.subjects, *faces)))


@dataclass(frozen=True, slots=True)
class Answered:
    """A picture as an answer leaves it: its faces, whom it shows, and whom to make unrecognisable.

    `said` are the answers about single faces, as NUMBER=ANSWER: reviewers sign them. `unproved` are the faces
    that can't be compared with whoever they are said to be: a second person has to agree.
    """

    image: Image
    subjects: tuple[str, ...]
    redact: tuple[Stranger, ...]
    said: tuple[str, ...]
    unproved: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be measured of a face of the picture, where that is asked for.

    `sharpness` is how sharp it is seen (`perception.sight.blur`). `nearness` is how near it comes to
    somebody, in per cent of what a match needs; None where it can't be compared with them.
    """

    sharpness: Callable[[SeenFace], float]
    nearness: Callable[[SeenFace, str], float | None]


def answered(
    image: Image, decision: Decision, answer: Answer, rule: Reviewing, measures: Measures
) -> Answered:
    """The picture by an answer that clears it; decision: what holds it.

    Raises UsageError where something isn't answered, or a face isn't there, and RefusedError where the
    policy's rule doesn't let a reviewer say that. Whether the subjects' releases cover the use is asked by
    the caller.
    """
    said = _said(image, answer)
    faces: list[SeenFace] = []
    redact: list[Stranger] = []
    unproved: list[int] = []
    for number, face in enumerate(image.faces):
        reply = said.get(number)
        if reply is None:
            faces.append(face)
        elif reply in NO_ONE:
            _check_allowed(image, number, reply, rule, measures.sharpness)
            if reply == "blur":
                redact.append(Stranger(face.box, score=face.detector_score))
            faces.append(replace(face, status=reply, subject=None, code=""))
        else:
            _check_nobody_elses(image, number, reply, said)
            if not _is_near(face, number, reply, rule, measures):
                unproved.append(number)
            faces.append(replace(face, status="covered", subject=reply, code=""))
    _check_once(faces)
    shown = {face.subject for face in faces if face.status == "covered" and face.subject}
    if not {*shown, *answer.subjects} and not said and not answer.nobody:
        raise UsageError(
            "Say whom the picture shows.",
            "Name each: --subject SUBJECT; or --nobody if it shows no person.",
        )
    _check_unseen(image, decision, answer, said)
    # Faces that were called none stay on record: the policy of another purpose may not let that be said.
    return Answered(
        replace(image, faces=tuple(faces)),
        tuple(sorted({*shown, *answer.subjects})),
        tuple(redact),
        tuple(f"{number}={said[number]}" for number in sorted(said)),
        tuple(unproved),
    )


def _check_once(faces: Sequence[SeenFace]) -> None:
    """Refuse two faces of one person: nobody is in a picture twice."""
    first: dict[tuple[int, str], int] = {}
    for number, face in enumerate(faces):
        if face.status != "covered" or face.subject is None:
            continue
        before = first.setdefault((face.frame, face.subject), number)
        if before != number:
            raise RefusedError(
                f"Faces {before} and {number} can't both be {face.subject}'s: nobody is in a picture twice.",
                "Say whose the other one is; blur it, where it is a mirror's image or a print; or reject.",
            )


def _check_nobody_elses(image: Image, number: int, subject: str, said: Mapping[int, str]) -> None:
    """Refuse somebody's face as another person's.

    Of several faces that match one person, look-alikes may be some, once one of them is said to be that
    person's.
    """
    face = image.faces[number]
    match = face.match
    if match is None or match == subject:
        return
    theirs = [
        other
        for other, each in enumerate(image.faces)
        if other != number and each.frame == face.frame and each.match == match and said.get(other) == match
    ]
    if not theirs:
        raise RefusedError(
            f"Face {number} surely matches {match}, so it can't be {subject}'s.",
            f"Say that it is {match}'s, where their releases cover the use; blur it; or reject the picture.",
        )


def _is_near(face: SeenFace, number: int, subject: str, rule: Reviewing, measures: Measures) -> bool:
    """Whether a face comes as near to somebody as the policy asks; False where it can't be compared.

    Raises RefusedError where it could be compared, and isn't near.
    """
    if face.match == subject:
        return True
    nearness = measures.nearness(face, subject)
    if nearness is not None and nearness >= rule.person_min:
        return True
    if nearness is None or not _is_comparable(face, rule, measures):
        return False
    raise RefusedError(
        f"Face {number} isn't like {subject}'s: it comes to {max(0.0, nearness):.0f} % of a match, and "
        f"the policy asks for {rule.person_min:g} %.",
        "Say whose it is, blur it, or reject the picture. Another reference photograph of theirs may help.",
    )


def _is_comparable(face: SeenFace, rule: Reviewing, measures: Measures) -> bool:
    """Whether a face is large enough, straight enough and sharp enough to be compared."""
    if face.box[3] <= rule.too_small_px or face.turn > rule.turned_above:
        return False
    return bool(face.frame) or measures.sharpness(face) >= rule.too_blurred_below


def _check_unseen(image: Image, decision: Decision, answer: Answer, said: Mapping[int, str]) -> None:
    """Have it said who is seen without a face that was found, or that nobody is."""
    unseen = [
        each
        for each in decision.findings
        if each.code == "person" or (each.code == "bystander" and "reviewer" in each.data)
    ]
    # Whoever was named for the one open face is seen there, and not said to be seen elsewhere.
    faces = {reply for number, reply in said.items() if number not in answer.faces}
    if unseen and not answer.nobody and not set(answer.subjects) - faces:
        raise UsageError(
            f"Somebody may be in {image.id} whose face wasn't found, and you say nothing of them.",
            "Say who it is: --subject SUBJECT, and each face by --face; or --nobody, where nobody but those "
            "recognised can be told; or reject.",
        )


def _said(image: Image, answer: Answer) -> dict[int, str]:
    """What is said of each face that nobody covers, and of others that the reviewer named."""
    for number in answer.faces:
        if not 0 <= number < len(image.faces):
            raise UsageError(
                f"{image.id} has no face {number}.",
                f"Its faces: {_numbers(range(len(image.faces))) or 'none'}.",
            )
    said = dict(answer.faces)
    open_faces = [
        number for number, face in enumerate(image.faces) if face.status != "covered" and number not in said
    ]
    known = {face.subject for face in image.faces if face.status == "covered"}
    named = [each for each in answer.subjects if each not in known and each not in said.values()]
    if len(open_faces) == 1 and len(named) == 1 and answer.others is None:
        return {**said, open_faces[0]: named[0]}
    if answer.others is not None:
        return {**said, **dict.fromkeys(open_faces, answer.others)}
    if open_faces:
        raise UsageError(
            f"Nobody covers face {_numbers(open_faces)} of {image.id}, and you say nothing of it.",
            f"Say whose each is: --face NUMBER=SUBJECT; or that it is {_LISTED}; or reject.",
        )
    return said


def _check_allowed(
    image: Image, number: int, reply: str, rule: Reviewing, sharpness: Callable[[SeenFace], float]
) -> None:
    face = image.faces[number]
    if reply != "blur" and face.match is not None:
        raise RefusedError(
            f"Face {number} was recognised: it surely matches {face.match}.",
            "Say that it is theirs, where their releases cover the use; blur it; or reject the picture.",
        )
    if reply == "no-face" and face.detector_score >= rule.no_face_below:
        raise RefusedError(
            f"Face {number} is surely a face ({face.detector_score:.2f}; the policy's limit is "
            f"{rule.no_face_below:g}).",
            "Say whose it is, blur it, or reject the picture.",
        )
    if reply == "too-small" and face.box[3] > rule.too_small_px:
        raise RefusedError(
            f"Face {number} is {face.box[3]:.0f} pixels high, so people can be recognised by it; the "
            f"policy's limit is {rule.too_small_px:g}.",
            "Say whose it is, blur it, or reject the picture.",
        )
    if reply == "too-blurred" and (seen := sharpness(face)) >= rule.too_blurred_below:
        raise RefusedError(
            f"Face {number} is too sharp for that ({seen:.3f}), so people can be recognised by it; the "
            f"policy's limit is {rule.too_blurred_below:g}.",
            "Say whose it is, blur it, or reject the picture.",
        )


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
