"""Request: what a data subject asks for, and how far it has come.

An erasure goes opened -> frozen -> erasing -> replaying -> certified -> done. Each step that
was done is written into the request before the next begins, so that whoever
picks it up after a crash goes on where it stopped. While it runs the request
names the subject; once it is certified, all that is left of them in it is a
commitment under a key that is in the certificate's private copy alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from volenti.core.canonical import Json
from volenti.core.clock import moment, stamp
from volenti.core.errors import ConflictError

#: Art. 12(3) GDPR: one month. Counted as 30 days, the shortest month that isn't February.
DEADLINE = timedelta(days=30)

#: Which state may follow which.
NEXT: dict[str, tuple[str, ...]] = {
    "opened": ("frozen", "refused"),
    "frozen": ("erasing",),
    "erasing": ("replaying",),
    "replaying": ("certified",),
    "certified": ("done",),
    "done": (),
    "refused": (),
}

KINDS = ("erasure",)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `notes` is what later steps need to know and nobody's personal data."""

    id: str
    kind: str
    subject: str
    opened: str
    due: str
    state: str = "opened"
    steps: tuple[str, ...] = ()
    notes: Json = field(default_factory=dict)

    @classmethod
    def open(cls, identifier: str, kind: str, subject: str, now: datetime) -> Request:
        return cls(identifier, kind, subject, stamp(now), stamp(now + DEADLINE))

    def moved(self, state: str) -> Request:
        """In the next state; ConflictError where that may not follow."""
        if state not in NEXT[self.state]:
            raise ConflictError(
                f"A request that is {self.state} can't become {state}.", "Run it from where it is."
            )
        return replace(self, state=state)

    def did(self, step: str, **notes: Any) -> Request:
        """With one more step done and what it found."""
        return replace(self, steps=(*self.steps, step), notes={**self.notes, **notes})

    @property
    def is_certified(self) -> bool:
        """Whether it has its certificate, and nothing may be added to what that says."""
        return self.state in ("certified", "done")

    def is_overdue(self, now: datetime) -> bool:
        return self.state not in ("done", "refused") and now > moment(self.due)

    def to_json(self) -> Json:
        return {"kind": self.kind, "subject": self.subject, "opened": self.opened, "due": self.due,
                "steps": list(self.steps), "notes": self.notes}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, state: str, body: Json) -> Request:
        return cls(identifier, body["kind"], body["subject"], body["opened"], body["due"], state,
                   tuple(body["steps"]), body["notes"])  # fmt: skip
