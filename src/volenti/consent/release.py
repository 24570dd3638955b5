"""The model release: what one subject agreed to.

The signed bytes are the RFC 8785 canonical JSON of `Release.to_json`, so anybody with the
document, a signature and a public key can check the signature without this package. The
document names the subject by identifier, legal name and birth date: who they are and how
old they were is part of what is signed. A later withdrawal is never written into it.

Version 2 of the document added the shoot's name, the release it supersedes, and the notice's
digest. Version 1 is read, checked and written byte for byte as it was signed; it can't hold
those fields.

Whether a release covers a use is decided in `coverage`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from volenti.consent.document import Fields, Problem, faults_of_text, require
from volenti.consent.purpose import Grants
from volenti.consent.subject import BORN_FROM
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.identifiers import check
from volenti.core.shown import short_repr

TYPE = "volenti-model-release"
#: The version that new documents have, and those that are read.
VERSION, VERSIONS = 2, (1, 2)


@dataclass(frozen=True, slots=True)
class Release:
    """The document. `subject` is the subject's identifier; name and birth date are as signed.

    `supersedes`: the identifier of the release whose place this one takes once it is signed.
    """

    id: str
    subject: str
    legal_name: str
    birth_date: date
    controller: str
    shoot: Shoot
    grants: Grants
    terms: Terms
    evidence: Evidence
    supersedes: str | None = None
    version: int = VERSION

    __repr__ = short_repr

    def __post_init__(self) -> None:
        check(self.id)
        check(self.subject)
        require(self._faults())

    def _faults(self) -> Iterator[Problem]:
        yield from faults_of_text("legal_name", self.legal_name, blank=False)
        yield from faults_of_text("controller", self.controller, blank=False)
        if self.supersedes is not None:
            check(self.supersedes)
        if self.supersedes == self.id:
            yield Problem("supersedes", "is this release itself.")
        if self.version not in VERSIONS:
            yield Problem("version", "isn't one that is read here.")
        added = {
            "supersedes": self.supersedes,
            "shoot.name": self.shoot.name,
            "shoot.further_references": self.shoot.further_references,
            "evidence.notice_sha256": self.evidence.notice_sha256,
        }
        if self.version == 1:
            yield from (Problem(name, "came with version 2.") for name, value in added.items() if value)
        elif not self.evidence.notice_sha256:
            yield Problem("evidence.notice_sha256", "is missing.")

    def impossible_dates(self, today: date) -> Iterator[Problem]:
        """Dates because of which it may not be put on record today: they can't be, so one of them is a slip.

        What is on record already is read as it is, whatever its dates.
        """
        if self.birth_date > self.shoot.first_day:
            yield Problem("birth_date", "is after the shoot.")
        if self.birth_date < BORN_FROM:
            yield Problem("birth_date", f"is before {BORN_FROM}.")
        if self.shoot.last_day > today:
            yield Problem("shoot.last_day", "is in the future.")
        signed_at = self.evidence.signed_at
        if signed_at is not None and signed_at.date() > today + timedelta(days=1):
            # A day more, because it may be tomorrow where it was signed.
            yield Problem("evidence.signed_at", "is in the future.")

    @property
    def signed_bytes(self) -> bytes:
        """What every signature is over."""
        return canonical(self.to_json())

    def check_reference(self, photo: bytes) -> None:
        """Raise UsageError if the release names no photograph, IntegrityError if it names other ones."""
        if not self.shoot.references:
            raise UsageError("The release names no reference photograph.", "Name it before signing.")
        if sha256(photo) not in self.shoot.references:
            raise IntegrityError("This isn't a photograph the release names.", "Give the file as it was.")

    @classmethod
    def from_json(cls, value: object) -> Release:
        """From `to_json`'s form; raises DocumentError that names every faulty field."""
        return cls.read(Fields(value))

    @classmethod
    def read(cls, fields: Fields) -> Release:
        """From the fields of a document; raises DocumentError that names every faulty one."""
        fields.literal("type", TYPE)
        version = fields.number("version", VERSIONS)
        release: dict[str, Any] = {
            "id": fields.identifier("id"),
            "subject": fields.identifier("subject"),
            "legal_name": fields.text("legal_name"),
            "birth_date": fields.day("birth_date"),
            "controller": fields.text("controller"),
            "shoot": fields.section("shoot", partial(Shoot.read, version=version)),
            "grants": fields.section("grants", Grants.read),
            "terms": fields.section("terms", Terms.read),
            "evidence": fields.section("evidence", partial(Evidence.read, version=version)),
            "supersedes": fields.optional_identifier("supersedes") if version > 1 else None,
        }
        fields.finish()
        return cls(**release, version=version)

    def to_json(self) -> Json:
        """The document as a JSON object, in the form of its version; `signed_bytes` are made of it."""
        said: Json = {
            "type": TYPE,
            "version": self.version,
            "id": self.id,
            "subject": self.subject,
            "legal_name": self.legal_name,
            "birth_date": self.birth_date.isoformat(),
            "controller": self.controller,
            "shoot": self.shoot.to_json(self.version),
            "grants": self.grants.to_json(),
            "terms": self.terms.to_json(),
            "evidence": self.evidence.to_json(self.version),
        }
        return said | {"supersedes": self.supersedes} if self.version > 1 else said
