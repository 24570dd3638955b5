"""The data subject: who may say yes, and with which key.

Everything here but the identifier is personal data and is kept sealed under the
subject's key. The public key says whose signature counts. The controller checks that it
belongs to this person (the identity check) and notes in words how. Nobody's age is
guessed: it follows from the birth date on record.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from volenti.consent.document import Fields, Problem, faults_of_text, require
from volenti.consent.former_key import FormerKey
from volenti.consent.signature import BOUND_ROLES, Role
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.core.identifiers import check, new
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey

#: From this age on people sign for themselves; before it a guardian signs for them.
ADULT_AGE_YEARS = 18
#: Nobody who was born before is here to sign: an earlier date is a slip.
BORN_FROM = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who signs for a minor, by name, relation and key."""

    name: str
    relation: str
    public_key: PublicKey | None = None

    def __post_init__(self) -> None:
        require(faults_of_text("name", self.name, blank=False))
        require(faults_of_text("relation", self.relation, blank=False))

    @classmethod
    def read(cls, fields: Fields) -> Guardian:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        name, relation = fields.text("name"), fields.text("relation")
        key = fields.optional_key("public_key")
        fields.finish()
        return cls(name, relation, key)

    def to_json(self) -> Json:
        """Name, relation and key (base64, or null) as a JSON object."""
        key = None if self.public_key is None else str(self.public_key)
        return {"name": self.name, "relation": self.relation, "public_key": key}


@dataclass(frozen=True, slots=True)
class Subject:
    """A person in pictures. Raises DocumentError where a field can't be.

    `pseudonym` is what may be shown instead of the name; `attributes` are what the person
    declared of themselves, as pairs of name and value; `created` is when they were recorded.
    `former_keys` are keys of theirs, or of their guardian's, that were replaced.
    The identifier is random unless one is given, and then it should say nothing about them.
    """

    legal_name: str
    birth_date: date
    contact: str = ""
    pseudonym: str = ""
    notes: str = ""
    guardian: Guardian | None = None
    identity_check: str = ""
    public_key: PublicKey | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    created: datetime | None = None
    id: str = field(default_factory=partial(new, "sub"))
    former_keys: tuple[FormerKey, ...] = ()

    __repr__ = short_repr

    def __post_init__(self) -> None:
        check(self.id)
        object.__setattr__(self, "attributes", tuple(sorted(self.attributes)))
        require(self._faults())

    def _faults(self) -> Iterator[Problem]:
        yield from faults_of_text("legal_name", self.legal_name, blank=False)
        for name in ("contact", "pseudonym", "notes", "identity_check"):
            yield from faults_of_text(name, getattr(self, name))
        for name, value in self.attributes:
            yield from faults_of_text("attributes", name, blank=False)
            yield from faults_of_text("attributes", value)
        if len(dict(self.attributes)) < len(self.attributes):
            yield Problem("attributes", "names one of them twice.")
        guardian_key = self.guardian.public_key if self.guardian else None
        if guardian_key is not None and guardian_key == self.public_key:
            # With one key for both, a minor could sign as their own guardian.
            yield Problem("guardian.public_key", "is the subject's own key.")

    def weaknesses(self) -> Iterator[Problem]:
        """Keys because of which nobody may be recorded: anybody could make signatures under them."""
        guardian = self.guardian.public_key if self.guardian else None
        for name, key in (("public_key", self.public_key), ("guardian.public_key", guardian)):
            if key is not None and key.is_weak:
                yield Problem(name, "is nobody's: anything can be signed under it. Have a new one made.")

    def impossible_dates(self, today: date) -> Iterator[Problem]:
        """A birth date because of which nobody may be recorded today; who was recorded before stays so."""
        if self.birth_date > today:
            yield Problem("birth_date", "is in the future.")
        if self.birth_date < BORN_FROM:
            yield Problem("birth_date", f"is before {BORN_FROM}.")

    def age_on(self, day: date) -> int:
        """Completed years on `day`; negative before birth. Who was born on 29 February is a year older
        on 1 March, in years without that day."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)

    def is_minor_on(self, day: date) -> bool:
        """Whether they are under 18 on `day`."""
        return self.age_on(day) < ADULT_AGE_YEARS

    @property
    def comes_of_age(self) -> date:
        """The first day on which they sign for themselves; after a birth on 29 February, a 1 March."""
        year = self.birth_date.year + ADULT_AGE_YEARS
        if (self.birth_date.month, self.birth_date.day) == (2, 29):
            return date(year, 3, 1) if not isleap(year) else date(year, 2, 29)
        return self.birth_date.replace(year=year)

    def key_of(self, role: Role) -> PublicKey | None:
        """The key on record for a role; None for roles whose keys aren't recorded."""
        if role is Role.SUBJECT:
            return self.public_key
        return self.guardian.public_key if role is Role.GUARDIAN and self.guardian else None

    def keys_under(self, role: Role, document: str) -> tuple[PublicKey, ...]:
        """The keys whose signatures in a role count under a document, by the SHA-256 of its signed bytes."""
        former = [
            each.public_key
            for each in self.former_keys
            if each.counts_under(role, document) and each.fits(self.id)
        ]
        key = self.key_of(role)
        return tuple(former) if key is None else (key, *former)

    def accepts(self, role: Role, key: PublicKey) -> bool:
        """Whether a signature in `role` may be made with `key`."""
        return role not in BOUND_ROLES or self.key_of(role) == key

    @classmethod
    def from_json(cls, value: object) -> Subject:
        """From `to_json`'s form; raises DocumentError that names every faulty field."""
        return cls.read(Fields(value))

    @classmethod
    def read(cls, fields: Fields) -> Subject:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        subject: dict[str, Any] = {
            "id": fields.identifier("id"),
            "legal_name": fields.text("legal_name"),
            "birth_date": fields.day("birth_date"),
            "guardian": fields.optional_section("guardian", Guardian.read),
            "public_key": fields.optional_key("public_key"),
            "attributes": fields.optional_section("attributes", _read_attributes) or (),
            "created": fields.optional_moment("created"),
        }
        for name in ("contact", "pseudonym", "notes", "identity_check"):
            subject[name] = fields.text(name, blank=True, optional=True)
        if "former_keys" in fields.names():
            subject["former_keys"] = fields.sections("former_keys", FormerKey.read)
        fields.finish()
        return cls(**subject)

    def to_json(self) -> Json:
        """Every field as a JSON object, as `from_json` reads it."""
        said: Json = {
            "id": self.id,
            "legal_name": self.legal_name,
            "birth_date": self.birth_date.isoformat(),
            "contact": self.contact,
            "pseudonym": self.pseudonym,
            "notes": self.notes,
            "guardian": None if self.guardian is None else self.guardian.to_json(),
            "identity_check": self.identity_check,
            "public_key": None if self.public_key is None else str(self.public_key),
            "attributes": dict(self.attributes),
            "created": None if self.created is None else stamp(self.created),
        }
        if self.former_keys:
            # Not in rows of older versions, nor of people who never lost a key.
            said["former_keys"] = [each.to_json() for each in self.former_keys]
        return said


def _read_attributes(fields: Fields) -> tuple[tuple[str, str], ...]:
    pairs = tuple((name, fields.text(name, blank=True)) for name in fields.names())
    fields.finish()
    return tuple(sorted(pairs))
