"""Withdrawal: a subject takes back a yes, at once and without giving a reason.

A withdrawal is added beside what was signed; it never edits or removes it. It counts from
the moment it is recorded, for every use asked about afterwards. A new release signed
later stands on its own: withdrawing once doesn't bind the subject for ever. Nothing here
erases; that is `erasure`, which listens.
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


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was withdrawn: one release or all of them (None), one grant or everything (None)."""

    id: str
    subject: str
    at: datetime
    release: str | None = None
    grant: Grant | None = None

    def reaches(self, release: Release) -> bool:
        """Whether it concerns this release.

        One that names a release always does. One about all of a subject's releases concerns
        those signed up to that second; a release signed later is a new yes.
        """
        if self.subject != release.subject:
            return False
        if self.release is not None:
            return self.release == release.id
        signed_at = release.evidence.signed_at
        return signed_at is not None and signed_at <= self.at

    def is_as_wide_as(self, later: Withdrawal, reached: Iterable[Release]) -> bool:
        """Whether this one says the same as a later one and reaches all the releases that one does."""
        same = (self.subject, self.release, self.grant) == (later.subject, later.release, later.grant)
        return same and all(self.reaches(release) for release in reached)

    @classmethod
    def from_json(cls, value: object) -> Withdrawal:
        """From `to_json`'s form; raises DocumentError that names every faulty field."""
        fields = Fields(value)
        identifier, subject = fields.identifier("id"), fields.identifier("subject")
        at = fields.moment("at")
        release = fields.text("release", optional=True) or None
        grant = fields.optional_choice("grant", Grant)
        fields.finish()
        return cls(identifier, subject, at, release, grant)

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "subject": self.subject,
            "at": stamp(self.at),
            "release": self.release,
            "grant": None if self.grant is None else self.grant.value,
        }
