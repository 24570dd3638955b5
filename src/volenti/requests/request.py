"""Request: what a data subject asks for, and how far it has come.

An erasure goes opened -> frozen -> erasing -> replaying -> certified -> done. Before it is certified it may
be waiting, as long as a second copy of the person's key can't be reached. The request records each step
that was done before the next begins, so that after a crash the next run goes on where the last one stopped.
While it runs the request names the subject. Once it is certified, all that is left of them in it is a
commitment under a key that only they have: they got it while the request ran.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from volenti.core.canonical import Json
from volenti.core.clock import moment, stamp
from volenti.core.codec import decoded, encoded, fields_of
from volenti.core.errors import ConflictError, UsageError
from volenti.core.shown import short_repr
from volenti.requests.course import ANSWERED, COURSES, FINISHED, OVERTAKEN, next_steps, why_not
from volenti.requests.history import (
    GROUNDS,
    HISTORIES,
    AnswerHistory,
    Delay,
    ErasureHistory,
    Extension,
    GivenAnswer,
    Ground,
    History,
    Private,
    Refusal,
    RestrictionHistory,
    WithdrawalHistory,
    Withdrawn,
)
from volenti.requests.identity import Identification, Identified

H = TypeVar("H", bound=History)

#: Art. 12(3) GDPR: one month. Counted as 30 days, the shortest month that isn't February.
DEADLINE = timedelta(days=30)
#: The same article: "may be extended by two further months where necessary", also counted as 30 days each.
EXTENSION = timedelta(days=60)


#: What replaces the subject of a request once they were erased begins with this; a commitment follows.
ERASED = "erased:"

#: Steps of an erasure that come after its holders.
_LATER = ("attest", "replay", "wait", "certify")


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    history: what it has been through, by kind. private: what no certificate may hold. number: counts requests
    in the order in which they were opened, because two may be opened in one second. other: what an earlier
    version wrote down and this one doesn't know; it is kept and never certified.
    """

    id: str
    kind: str
    subject: str
    opened: str
    due: str
    state: str = "opened"
    steps: tuple[str, ...] = ()
    history: History = field(default_factory=ErasureHistory)
    private: Private = field(default_factory=Private)
    number: int = 0
    other: Json = field(default_factory=dict)

    __repr__ = short_repr

    @classmethod
    def open(
        cls,
        identifier: str,
        kind: str,
        subject: str,
        now: datetime,
        *,
        withdrawn: Withdrawn | None = None,
        private: Private | None = None,
    ) -> Request:
        """A new request, due after the deadline. withdrawn: what a withdrawal is about."""
        return cls(
            identifier,
            kind,
            subject,
            stamp(now),
            stamp(now + DEADLINE),
            history=HISTORIES[kind]() if withdrawn is None else WithdrawalHistory(withdrawn=withdrawn),
            private=private or Private(),
        )

    def asks_the_same(self, other: Request) -> bool:
        """Whether another request asks for the same, about the same; who asks isn't compared."""
        mine, theirs = self.history, other.history
        if isinstance(mine, WithdrawalHistory) and isinstance(theirs, WithdrawalHistory):
            return mine.withdrawn == theirs.withdrawn
        return self.kind == other.kind

    @property
    def erasure(self) -> ErasureHistory:
        """What an erasure has been through; TypeError of any other kind."""
        return _of(ErasureHistory, self.history)

    @property
    def withdrawal(self) -> WithdrawalHistory:
        """What a withdrawal has been through; TypeError of any other kind."""
        return _of(WithdrawalHistory, self.history)

    @property
    def restriction(self) -> RestrictionHistory:
        """What a restriction or an objection has been through; TypeError of any other kind."""
        return _of(RestrictionHistory, self.history)

    @property
    def faces(self) -> tuple[str, ...] | None:
        """The faces it is about, IMAGE.NUMBER, where the subject was never enrolled; else None."""
        return self.private.faces

    @property
    def owners(self) -> tuple[str, ...]:
        """Under whose keys its events are sealed; somebody never enrolled has none."""
        return () if self.faces is not None else (self.subject,)

    def moved(self, state: str) -> Request:
        """The request in its next state; ConflictError where that state may not follow."""
        if state not in COURSES[self.kind][self.state]:
            why = why_not(self.state, state)
            raise ConflictError(f"{self.id}, for {self.kind}, is {self.state}: {why}.", self.remedy)
        return replace(self, state=state)

    def did(self, step: str, history: History | None = None) -> Request:
        """The request with one more step done. history: with what the step found, if it found anything."""
        return replace(self, steps=(*self.steps, step), history=history or self.history)

    def extended(self, reason: Delay, now: datetime) -> Request:
        """The request, due two months later; ConflictError where it was extended before, is over or overdue.

        Whoever asked must be told within the first month (Art. 12(3)).
        """
        if self.is_finished or self.history.extended is not None or self.is_overdue(now):
            raise ConflictError(
                "A request is extended once, while it is under way and not yet overdue.",
                "Carry it out, or refuse it with a ground.",
            )
        later = replace(self, due=stamp(moment(self.due) + EXTENSION))
        return later.did("extend", replace(self.history, extended=Extension(reason, stamp(now))))

    def identified(self, how: Identified, now: datetime) -> Request:
        """The request with how it was made sure who asks; ConflictError once it is certified or over."""
        if self.is_finished or self.is_certified:
            raise ConflictError(f"The request is {self.state}.", "Nothing can be added to it.")
        return self.did("identify", replace(self.history, identified=Identification(how, stamp(now))))

    def check_identified(self) -> None:
        """Raise ConflictError where nobody made sure who asks, and nobody waived that either."""
        if self.needs_identity:
            raise ConflictError(
                f"Nobody made sure that whoever asks for {self.kind} in {self.id} is who they say.",
                f"Say how it was done: volenti request identify {self.id} --by WAY, where waived means that "
                "nobody did",
            )

    def refused(self, ground: Ground, now: datetime) -> Request:
        """The request, refused on a ground of law.

        Raises ConflictError once it was begun, UsageError where a request of its kind can't be refused so.
        """
        over = self.moved("refused")
        if ground not in GROUNDS[self.kind]:
            raise UsageError(
                f"{ground.value} ({ground.article} GDPR) is no ground to refuse a request for {self.kind}.",
                f"{self.id} can be refused for {' or '.join(GROUNDS[self.kind])}; else: {self.remedy}",
            )
        refusal = Refusal(ground, ground.article, stamp(now))
        return over.did("refuse", replace(self.history, refused=refusal))

    def overtaken(self, erasure: str) -> Request:
        """The request as it ends where its subject is erased before it is over. erasure: by which request."""
        return self.moved(OVERTAKEN).did(f"overtaken by {erasure}")

    def answered(self, digests: Json, now: datetime) -> Request:
        """The request, answered. digests: SHA-256 of what was given. ConflictError where it was answered."""
        over = self.moved("done")
        given = GivenAnswer(stamp(now), **digests)
        return over.did("answer", replace(_of(AnswerHistory, self.history), answered=given))

    def certified(self, name: str, history: ErasureHistory) -> Request:
        """The request, certified: `name`, which names nobody, replaces its subject; nothing private stays."""
        return replace(self.moved("certified"), subject=name, history=history, private=Private(), other={})

    def once_more(self) -> Request:
        """The erasure, to go through all holders again, because what they held is back."""
        return replace(
            self,
            state="erasing",
            steps=tuple(each for each in self.steps if each not in _LATER and not each.startswith("erase ")),
        )

    def anew(self) -> Request:
        """The erasure, to run from its first step on."""
        early = tuple(each for each in self.once_more().steps if each not in ("freeze", "locate"))
        return replace(self, state="opened", steps=early)

    @property
    def is_begun(self) -> bool:
        """Whether its first step was done."""
        return self.state != "opened" or "hold" in self.steps

    @property
    def needs_identity(self) -> bool:
        """Whether it has to be made sure who asks, or explicitly waived, before anything is done for it."""
        irreversible = self.kind == "erasure" or COURSES[self.kind] is ANSWERED
        return irreversible and not self.is_begun and self.history.identified is None

    @property
    def next_steps(self) -> tuple[str, ...]:
        """The commands that are to be called next for it; of several, each is one way to go on."""
        return next_steps(self.id, self.kind, self.state, is_identified=not self.needs_identity)

    @property
    def remedy(self) -> str:
        """What to do about it now, in one line."""
        return ", or ".join(self.next_steps) or "If they ask again, open a new one: volenti request open."

    @property
    def names_nobody(self) -> bool:
        """Whether it names nobody any more."""
        return self.subject.startswith(ERASED)

    @property
    def is_finished(self) -> bool:
        """Whether it is done, refused or overtaken, so that nothing of it is left to do."""
        return self.state in FINISHED

    @property
    def is_certified(self) -> bool:
        """Whether it has its certificate, and nothing may be added to what that says."""
        return self.state in ("certified", "done")

    def days_left(self, now: datetime) -> int:
        """How many days are left until it is due, counted by dates (UTC); below 0 once that is past."""
        days = (moment(self.due).date() - now.date()).days
        return min(days, -1) if now > moment(self.due) else days

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is past due and not finished; a restriction in force counts as answered."""
        answered = self.kind == "restriction" and self.state == "in-force"
        return not self.is_finished and not answered and now > moment(self.due)

    def facts(self) -> Json:
        """Everything but the key of the commitment to who asked, which nobody else may see."""
        shown = replace(self, private=replace(self.private, commitment_key=None))
        return {"id": self.id, "state": self.state, **shown.to_json()}

    def to_json(self) -> Json:
        """The body of its row: `notes` holds history and private fields together."""
        notes = {**self.other, **encoded(self.history), **encoded(self.private)}
        return {
            "kind": self.kind,
            "subject": self.subject,
            "opened": self.opened,
            "due": self.due,
            "steps": list(self.steps),
            "notes": notes,
        }

    @classmethod
    def from_json(cls, identifier: str, state: str, body: Json, number: int = 0) -> Request:
        """The request of a row: its identifier, state and number, and the body that `to_json` wrote."""
        history, notes = HISTORIES[body["kind"]], body["notes"]
        known = {*fields_of(history), *fields_of(Private)}
        return cls(
            identifier,
            body["kind"],
            body["subject"],
            body["opened"],
            body["due"],
            state,
            tuple(body["steps"]),
            decoded(history, notes),
            decoded(Private, notes),
            number,
            {name: each for name, each in notes.items() if name not in known},
        )


def _of(kind: type[H], history: History) -> H:
    if not isinstance(history, kind):
        raise TypeError(f"{type(history).__name__} isn't {kind.__name__}")
    return history
