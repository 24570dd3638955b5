"""Request: what a data subject asks for, and how far it has come.

An erasure goes opened -> frozen -> erasing -> replaying -> certified -> done. Each step that
was done is written into the request before the next begins, so that whoever
picks it up after a crash goes on where it stopped. While it runs the request
names the subject; once it is certified, all that is left of them in it is a
commitment under a key that only they have: it was handed to them while the request ran.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from volenti.core.canonical import Json
from volenti.core.clock import moment, stamp
from volenti.core.errors import ConflictError

#: Art. 12(3) GDPR: one month. Counted as 30 days, the shortest month that isn't February.
DEADLINE = timedelta(days=30)
#: The same article: "may be extended by two further months where necessary", counted alike.
EXTENSION = timedelta(days=60)


class Identified(StrEnum):
    """How it was made sure that who asks is who they say (Art. 12(6) GDPR). No detail of it is kept."""

    SIGNATURE = "signature"
    DOCUMENT = "document"
    IN_PERSON = "in-person"
    ACCOUNT = "account"


class Delay(StrEnum):
    """Why a request may take longer (Art. 12(3) GDPR, which knows no other reason)."""

    COMPLEXITY = "complexity"
    NUMBER = "number-of-requests"


class Ground(StrEnum):
    """Why a request may be refused: the law's own reasons, no others."""

    NOT_IDENTIFIED = "not-identified"
    UNFOUNDED = "unfounded-or-excessive"
    EXPRESSION = "freedom-of-expression"
    OBLIGATION = "legal-obligation"
    HEALTH = "public-health"
    ARCHIVING = "archiving-or-research"
    CLAIMS = "legal-claims"
    OVERRIDING = "overriding-grounds"

    @property
    def article(self) -> str:
        """Of the GDPR."""
        return _ARTICLES[self]


_ARTICLES = {
    Ground.NOT_IDENTIFIED: "Art. 11(2), 12(2)",
    Ground.UNFOUNDED: "Art. 12(5)(b)",
    Ground.EXPRESSION: "Art. 17(3)(a)",
    Ground.OBLIGATION: "Art. 17(3)(b)",
    Ground.HEALTH: "Art. 17(3)(c)",
    Ground.ARCHIVING: "Art. 17(3)(d)",
    Ground.CLAIMS: "Art. 17(3)(e)",
    Ground.OVERRIDING: "Art. 21(1)",
}

#: What a request calls its subject, before a commitment to them, once they were erased.
ERASED = "erased:"

#: Which state of an erasure may follow which.
NEXT: dict[str, tuple[str, ...]] = {
    "opened": ("frozen", "refused"),
    "frozen": ("erasing",),
    "erasing": ("replaying",),
    "replaying": ("certified",),
    "certified": ("done",),
    "done": (),
    "refused": (),
}

#: Steps of an erasure after its holders were gone through.
_LATER = ("attest", "replay", "certify")

#: The courses of requests that are answered and change nothing.
ANSWERED: dict[str, tuple[str, ...]] = {"opened": ("done", "refused"), "done": (), "refused": ()}

#: The course of a withdrawal: nothing is erased, and what learned without leave learns again.
WITHDRAWN: dict[str, tuple[str, ...]] = {
    "opened": ("frozen", "refused"),
    "frozen": ("replaying",),
    "replaying": ("done",),
    "done": (),
    "refused": (),
}

#: The course of a restriction: it is in force until it is lifted.
RESTRICTED: dict[str, tuple[str, ...]] = {
    "opened": ("in-force", "refused"),
    "in-force": ("done",),
    "done": (),
    "refused": (),
}

#: The course of an objection: restricted until it is decided (Art. 18(1)(d) GDPR), then upheld or refused.
OBJECTED: dict[str, tuple[str, ...]] = {**RESTRICTED, "in-force": ("done", "refused")}

#: What may be asked for (Art. 17, 15, 20, 7(3), 18 and 21 GDPR), and which state may follow which.
COURSES = {
    "erasure": NEXT,
    "access": ANSWERED,
    "portability": ANSWERED,
    "withdrawal": WITHDRAWN,
    "restriction": RESTRICTED,
    "objection": OBJECTED,
}
KINDS = tuple(COURSES)
#: States in which something is yet to be done.
UNFINISHED = sorted({state for course in COURSES.values() for state in course} - {"done", "refused"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `notes` is what later steps need to know and nobody's personal data; `number` says
    how many there were before it, so that of two in one second it is known which came first."""

    id: str
    kind: str
    subject: str
    opened: str
    due: str
    state: str = "opened"
    steps: tuple[str, ...] = ()
    notes: Json = field(default_factory=dict)
    number: int = 0

    @classmethod
    def open(cls, identifier: str, kind: str, subject: str, now: datetime, **notes: Any) -> Request:
        """notes: `faces` in quarantine, of somebody never enrolled; what is `withdrawn`."""
        return cls(identifier, kind, subject, stamp(now), stamp(now + DEADLINE), notes=notes)

    @property
    def faces(self) -> tuple[str, ...] | None:
        """The faces it is about, IMAGE.NUMBER, where the subject was never enrolled."""
        return tuple(self.notes["faces"]) if "faces" in self.notes else None

    @property
    def owners(self) -> tuple[str, ...]:
        """Under whose keys what is recorded of it is sealed; somebody never enrolled has none."""
        return () if self.faces is not None else (self.subject,)

    def moved(self, state: str) -> Request:
        """In the next state; ConflictError where that may not follow."""
        if state not in COURSES[self.kind][self.state]:
            raise ConflictError(
                f"A request that is {self.state} can't become {state}.", "Run it from where it is."
            )
        return replace(self, state=state)

    def did(self, step: str, **notes: Any) -> Request:
        """With one more step done and what it found."""
        return replace(self, steps=(*self.steps, step), notes={**self.notes, **notes})

    def extended(self, reason: Delay, now: datetime) -> Request:
        """Due two months later; ConflictError once that was done, or when it is over or overdue.

        Whoever asked must be told within the first month (Art. 12(3)).
        """
        if self.is_finished or "extended" in self.notes or self.is_overdue(now):
            raise ConflictError(
                "A request is extended once, while it is under way and not yet overdue.",
                "Carry it out, or refuse it with a ground.",
            )
        later = replace(self, due=stamp(moment(self.due) + EXTENSION))
        return later.did("extend", extended={"reason": reason.value, "at": stamp(now)})

    def identified(self, how: Identified, now: datetime) -> Request:
        """With how it was made sure who asks; ConflictError once it is certified or refused."""
        if self.is_finished or self.is_certified:
            raise ConflictError(f"The request is {self.state}.", "Nothing can be added to it.")
        return self.did("identify", identified={"how": how.value, "at": stamp(now)})

    def refused(self, ground: Ground, now: datetime) -> Request:
        """Not carried out, on a ground of law; ConflictError once it was begun."""
        facts = {"ground": ground.value, "article": ground.article, "at": stamp(now)}
        return self.moved("refused").did("refuse", refused=facts)

    def answered(self, digests: Json, now: datetime) -> Request:
        """Answered, with the SHA-256 of what was given; ConflictError where it asks for something else."""
        return self.moved("done").did("answer", answered={"at": stamp(now), **digests})

    def once_more(self) -> Request:
        """An erasure whose holders are all gone through again: what they held is back."""
        return replace(self, state="erasing", steps=tuple(each for each in self.steps if each not in _LATER
                                                          and not each.startswith("erase ")))  # fmt: skip

    def anew(self) -> Request:
        """An erasure from its first step on."""
        early = tuple(each for each in self.once_more().steps if each not in ("freeze", "locate"))
        return replace(self, state="opened", steps=early)

    @property
    def names_nobody(self) -> bool:
        """Whether it names nobody any more."""
        return self.subject.startswith(ERASED)

    @property
    def is_finished(self) -> bool:
        return self.state in ("done", "refused")

    @property
    def is_certified(self) -> bool:
        """Whether it has its certificate, and nothing may be added to what that says."""
        return self.state in ("certified", "done")

    def is_overdue(self, now: datetime) -> bool:
        # A restriction in force was answered; how long it lasts is another matter.
        answered = self.kind == "restriction" and self.state == "in-force"
        return not self.is_finished and not answered and now > moment(self.due)

    def to_json(self) -> Json:
        return {"kind": self.kind, "subject": self.subject, "opened": self.opened, "due": self.due,
                "steps": list(self.steps), "notes": self.notes}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, state: str, body: Json, number: int = 0) -> Request:
        return cls(identifier, body["kind"], body["subject"], body["opened"], body["due"], state,
                   tuple(body["steps"]), body["notes"], number)  # fmt: skip
