"""Offers: which answers to a question the policy would take, found before a reviewer gives one.

Every answer that a reviewer may think of is tried as if it were given (`answer.answered`), and nothing is put
on record. How sharp a face is seen is measured in the first pictures of a question alone, because each has to
be opened for it: a later one may still refuse the answer. So may the detector, where it still finds a face in
what was to be made unrecognisable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.answer import NO_ONE, Answer, Answered, Measures, answered
from volenti.clearance.decision import Approval, agreed
from volenti.core.errors import VolentiError
from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.clearance.image import Image
    from volenti.clearance.policy import Policy
    from volenti.clearance.question import Question

#: In how many pictures of a question it is measured how sharp a face is seen.
MEASURED = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer that would be taken.

    answer: "reject"; "clear", where nobody is seen but those recognised; "is", with the subject; or what is
    said of a face that is nobody's, one of `answer.NO_ONE`. face: the number of the face that it is about,
    where the question isn't about one face and something has to be said of each; None where it answers the
    question. needs_second: whether it then waits for a second person who says the same.
    """

    answer: str
    subject: str = ""
    face: int | None = None
    needs_second: bool = False

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who would answer: their name, and the identifier of the user that they are, if they are one."""

    name: str
    user: str = ""

    def has_agreed(self, approvals: Sequence[Approval]) -> bool:
        """Whether one of the yeses so far is theirs."""
        return any(each.reviewer == self.name or (self.user and each.user == self.user) for each in approvals)


@dataclass(frozen=True, slots=True)
class Trial:
    """Tries answers to one question.

    measures: what can be measured of a picture's faces. covered: whether somebody's releases cover the use of
    a picture today.
    """

    question: Question
    policy: Policy
    reviewer: Reviewer
    measures: Callable[[Image], Measures]
    covered: Callable[[str, Image], bool]

    def offers(self, people: Sequence[str] = ()) -> Iterator[Offer]:
        """Every answer that would be taken. people: who may be meant beside those who come near."""
        if self.policy.review.signed:
            return  # no answer is taken without a key, not even a no
        if not self.reviewer.has_agreed(self.question.decision.approvals):
            near = [each.subject for each in self.question.candidates]
            yield from self._yeses(tuple(dict.fromkeys((*near, *people))))
        yield Offer("reject")

    def _yeses(self, people: Sequence[str]) -> Iterator[Offer]:
        image = self.question.images[0]
        open_faces = [number for number, face in enumerate(image.faces) if face.status != "covered"]
        if not open_faces:
            yield from self._tried(Offer("clear"), Answer(True, nobody=True))
        if self.question.faces or not open_faces:
            for each in people:
                yield from self._tried(Offer("is", each), Answer(True, (each,)))
            for kind in NO_ONE if open_faces else ():
                yield from self._tried(Offer(kind), Answer(True, nobody=True, others=kind))
            return
        for number in open_faces:
            yield from self._about(number, people)
        for kind in NO_ONE:
            yield from self._tried(Offer(kind), Answer(True, nobody=True, others=kind))

    def _about(self, number: int, people: Sequence[str]) -> Iterator[Offer]:
        """What would be taken of one of several faces, where the others are made unrecognisable."""
        image = self.question.images[0]
        face = image.faces[number]
        near = [each for each in (face.match, face.nearest, face.second, face.subject) if each]
        for each in dict.fromkeys((*near, *people)):
            # A look-alike's face may be somebody else's once another one is said to be theirs.
            other = {
                place: one.match
                for place, one in enumerate(image.faces)
                if place != number and one.match is not None and one.match == face.match != each
            }
            said = {**dict(list(other.items())[:1]), number: each}
            yield from self._tried(Offer("is", each, number), Answer(True, (), True, said, "blur"))
        for kind in NO_ONE:
            yield from self._tried(Offer(kind, "", number), Answer(True, (), True, {number: kind}, "blur"))

    def _tried(self, offer: Offer, answer: Answer) -> Iterator[Offer]:
        """The offer, where the answer would be taken of every picture of the question."""
        needs_second = self.policy.review.reviewers == 2 and not self.question.decision.approvals
        for place, image in enumerate(self.question.images):
            measures = self.measures(image)
            if place >= MEASURED:
                measures = replace(measures, sharpness=lambda face: 0.0)
            try:
                seen = answered(image, self.question.decision, answer, self.policy.review, measures)
                self._check(offer, image, seen)
            except VolentiError:
                return
            needs_second |= bool(seen.unproved) and not self.question.decision.approvals
        yield replace(offer, needs_second=needs_second)

    def _check(self, offer: Offer, image: Image, seen: Answered) -> None:
        """Raise where releases don't cover it, another reviewer said otherwise, or a head can't be filled."""
        if not all(self.covered(each, image) for each in seen.subjects):
            raise _NotTakenError
        said = seen.said
        before = self.question.decision.approvals
        if offer.face is not None and before:
            said = tuple(each for each in said if each.startswith(f"{offer.face}="))
            if not {*said} <= {*before[0].answers}:
                raise _NotTakenError
        elif before:
            agreed(before, Approval(self.reviewer.name, "", seen.subjects, answers=said))
        if seen.redact and (offer.face is None or offer.answer == "blur"):
            from volenti.perception.sight.redaction import check_fits

            kept = [face.box for face in seen.image.faces if face.status == "covered"]
            only = [
                each for each in seen.redact if offer.face is None or each.box == image.faces[offer.face].box
            ]
            check_fits(only, kept, (round(image.width / image.scale), round(image.height / image.scale)))


class _NotTakenError(VolentiError):
    """The answer wouldn't be taken."""

    def __init__(self) -> None:
        super().__init__("It wouldn't be taken.", "Give another answer.")
