"""Question: one thing for a person to decide, and every picture that one answer decides.

One unknown face in forty pictures is one question, not forty. To find the same face in several pictures,
its templates lie in the quarantine with them, under the same key and for the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from volenti.clearance.decision import Decision
from volenti.clearance.image import Image, SeenFace
from volenti.consent.coverage import Coverage
from volenti.consent.purpose import Use
from volenti.core.shown import short_repr

#: Findings about who somebody is: an answer about a face decides them.
_ABOUT_FACES = frozenset({"bystander", "uncertain-match", "unlike-claim", "no-release"})

#: Whether a subject's releases cover a use.
Covered = Callable[[str, Use], Coverage]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a face may be: how near, and what their release says about the use."""

    subject: str
    score: float
    coverage: Coverage
    #: The score that a match needed when the face was judged.
    needed: float = 0.0

    __repr__ = short_repr

    @property
    def nearness(self) -> float:
        """How near the face comes to them, in per cent of what a match needs."""
        return max(0.0, 100 * self.score / self.needed) if self.needed > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """One thing for a person to decide, and the pictures that one answer decides.

    `id` is that of the first picture, with the face's number where it is about a face. `decision` is what
    holds the first picture, with what was found and who has said yes so far; `findings` are the codes of all
    of them. `faces` are the face in question in each of the pictures, in their order, where it is about a
    face; `candidates` are then those it is nearest to. After `last_day` the first picture is dropped.
    """

    id: str
    decision: Decision
    images: tuple[Image, ...]
    findings: tuple[str, ...]
    faces: tuple[SeenFace, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    last_day: date | None = None

    __repr__ = short_repr

    @property
    def purpose(self) -> str:
        """What the pictures are held for."""
        return self.decision.purpose

    @property
    def nearness(self) -> float:
        """How near the nearest person comes, in per cent of what a match needs; 0 where nobody is near."""
        return max((each.nearness for each in self.candidates), default=0.0)

    @property
    def face(self) -> SeenFace | None:
        """The face in question in the first picture, where it is about a face."""
        return self.faces[0] if self.faces else None


@dataclass(frozen=True, slots=True)
class Among:
    """Which questions are meant: those for which everything that is said here holds.

    finding: a code that was found. subject: whom a face comes near to, or was matched with. shoot: of the
    first picture. folder: what the first picture's file name begins with. below, above: how near the
    nearest person comes, in per cent of what a match needs (`Question.nearness`).
    """

    finding: str | None = None
    subject: str | None = None
    shoot: str | None = None
    folder: str | None = None
    below: float | None = None
    above: float | None = None

    def __contains__(self, question: object) -> bool:
        return isinstance(question, Question) and all(self._checks(question))

    def _checks(self, question: Question) -> Iterator[bool]:
        image = question.images[0]
        yield self.finding is None or self.finding in question.findings
        yield self.subject is None or self.subject in {each.subject for each in question.candidates}
        yield self.shoot is None or self.shoot == image.shoot
        yield self.folder is None or image.file.startswith(self.folder.rstrip("/") + "/")
        yield self.below is None or question.nearness < self.below
        yield self.above is None or question.nearness >= self.above


@dataclass(frozen=True, slots=True)
class Held:
    """A picture held for a purpose, and the face that it is held for, where it is held for one."""

    image: Image
    decision: Decision
    face: int | None = None

    @property
    def name(self) -> str:
        """The identifier of the question whose first picture this is."""
        return self.image.id if self.face is None else f"{self.image.id}.{self.face}"


#: The codes because of which a decision holds a picture.
Blocking = Callable[[Decision], set[str]]


def face_in_question(image: Image, decision: Decision, blocking: Blocking) -> int | None:
    """The number of the one face that a picture is held for; None where it is held for something else too."""
    open_faces = image.faces_in_question
    if len(open_faces) != 1 or not all(open_faces.values()):
        return None
    return next(iter(open_faces)) if blocking(decision) <= _ABOUT_FACES else None


def divided(
    queue: Iterable[tuple[Image, Sequence[Decision]]], blocking: Blocking
) -> tuple[list[list[Held]], dict[str, list[Held]]]:
    """What is held: pictures that are a question each, and by purpose those that are held for a face.

    queue: pictures with the decisions that hold them.
    """
    alone: list[list[Held]] = []
    faces: dict[str, list[Held]] = {}
    for image, decisions in queue:
        for decision in decisions:
            held = Held(image, decision, face_in_question(image, decision, blocking))
            if held.face is None:
                alone.append([held])
            else:
                faces.setdefault(decision.purpose, []).append(held)
    return alone, faces


def by_face(faces: Mapping[str, Sequence[Held]]) -> list[list[Held]]:
    """Pictures held for a face, in groups that show one person; each group in the order of the queue."""
    groups: list[list[Held]] = []
    for _, seen in sorted(faces.items()):
        if len(seen) == 1:
            groups.append([*seen])
            continue
        # Imported here, because comparing templates needs numpy, and most lists have nothing to compare.
        from volenti.clearance.same_faces import same_face_groups, template_of

        templates = [template_of(each.image.faces[each.face]) for each in seen if each.face is not None]
        groups += [[seen[index] for index in group] for group in same_face_groups(templates)]
    return groups


def candidates(face: SeenFace, use: Use, covered: Covered) -> tuple[Candidate, ...]:
    """The two people a face is nearest to, with the clause of their release that decides."""
    second = face.score - face.margin if face.margin is not None else 0.0
    pairs = [(face.nearest, face.score), (face.second, second)]
    return tuple(
        Candidate(subject, score, covered(subject, use), face.needed)
        for subject, score in pairs
        if subject is not None
    )


def shown_in(image: Image, use: Use, covered: Covered) -> tuple[Candidate, ...]:
    """Those whom the faces of a picture were matched with or come near to, the nearest first."""
    best: dict[str, Candidate] = {}
    for face in image.faces:
        for each in candidates(face, use, covered)[:1]:
            if face.subject == each.subject and each.nearness > best.get(each.subject, _NOBODY).nearness:
                best[each.subject] = each
    return tuple(sorted(best.values(), key=lambda each: -each.nearness))


_NOBODY = Candidate("", 0.0, Coverage(False, "", "", ""))
