"""Withdrawal: a subject takes back a yes, at once and without giving a reason.

A withdrawal is recorded beside the release; it never edits or removes what was signed. It
counts from the moment when it is recorded, for every use asked about afterwards. A release
that the subject signs later is a new yes: an earlier withdrawal doesn't reach it. Nothing is
erased here; listeners are told whose consent changed, and do what follows from it (`listeners`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from volenti.consent.document import Fields
from volenti.consent.purpose import Grant
from volenti.consent.release import Release
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.core.shown import short_repr


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was withdrawn: one release or all of them (None), one grant or every one (None), for
    one shoot's pictures or for all (None)."""

    id: str
    subject: str
    at: datetime
    release: str | None = None
    grant: Grant | None = None
    shoot: str | None = None

    __repr__ = short_repr

    def reaches(self, release: Release, shoot: str | None = None) -> bool:
        """Whether it concerns this release, for pictures of `shoot` where one is given.

        A withdrawal of one release concerns that one, whenever it is signed. A withdrawal of all
        releases concerns those signed up to that second. A withdrawal of a shoot concerns releases
        for that shoot, and pictures of that shoot under releases that name no shoot.
        """
        if self.subject != release.subject or self.release not in (None, release.id):
            return False
        signed_at = release.evidence.signed_at
        if self.release is None and (signed_at is None or signed_at > self.at):
            return False
        return self.shoot in (None, release.shoot.name or shoot)

    def is_as_wide_as(self, later: Withdrawal, reached: Iterable[Release]) -> bool:
        """Whether this says the same as a later withdrawal, and reaches all the releases in `reached`."""
        same = self._what == later._what
        return same and all(self.reaches(release, self.shoot) for release in reached)

    @property
    def _what(self) -> tuple[str | None, ...]:
        return self.subject, self.release, self.grant, self.shoot

    @classmethod
    def from_json(cls, value: object) -> Withdrawal:
        """From `to_json`'s form; raises DocumentError that names every faulty field."""
        fields = Fields(value)
        identifier, subject = fields.identifier("id"), fields.identifier("subject")
        at = fields.moment("at")
        release = fields.text("release", optional=True) or None
        grant = fields.optional_choice("grant", Grant)
        shoot = fields.text("shoot", optional=True) or None
        fields.finish()
        return cls(identifier, subject, at, release, grant, shoot)

    def to_json(self) -> Json:
        """Every field as a JSON object, as `from_json` reads it; null stands for all of them."""
        return {
            "id": self.id,
            "subject": self.subject,
            "at": stamp(self.at),
            "release": self.release,
            "grant": None if self.grant is None else self.grant.value,
            "shoot": self.shoot,
        }
