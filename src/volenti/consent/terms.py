"""The parts of a model release: the shoot, the terms, and the evidence of the signing.

Deliberately absent: who somebody is, which `subject` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from volenti.consent.document import Fields, Problem, faults_of_text, require
from volenti.consent.territory import faults_of_territory
from volenti.core.canonical import Json
from volenti.core.clock import stamp

if TYPE_CHECKING:
    from volenti.consent.reference import GivenPhoto

#: The terms on withdrawal unless others are agreed.
WITHDRAWAL_METHOD = "Tell the controller in any form, at any time, without giving a reason."
WITHDRAWAL_EFFECT = (
    "From then on nothing new is done under this release. My pictures and what was computed from them "
    "are erased, and models trained on them are rebuilt without them."
)

#: How many reference photographs a release may name.
REFERENCES_MAX = 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Shoot:
    """Where the pictures come from: who took them, from which day to which.

    `reference` is the hexadecimal SHA-256 of a photograph of the subject, or empty. `name` is
    the name under which the shoot's pictures are added (`volenti add --shoot`): a release with a
    name is about those pictures alone; one without isn't tied to pictures of any name.
    `further_references` are the SHA-256 of further photographs of the subject; a document that has none
    doesn't have the field.
    """

    photographer: str
    first_day: date
    last_day: date
    reference: str = ""
    name: str = ""
    further_references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self._faults())

    @property
    def references(self) -> tuple[str, ...]:
        """The digests of all reference photographs."""
        return (self.reference, *self.further_references) if self.reference else ()

    def showing(self, photos: Sequence[GivenPhoto]) -> Shoot:
        """This shoot with these photographs in place of others; the same where none is given."""
        if not photos:
            return self
        first, *further = dict.fromkeys(each.digest for each in photos)
        return replace(self, reference=first, further_references=tuple(further))

    def _faults(self) -> Iterator[Problem]:
        yield from faults_of_text("photographer", self.photographer, blank=False)
        yield from faults_of_text("name", self.name)
        if self.name != self.name.strip():
            yield Problem("name", "begins or ends with a space.")
        if self.last_day < self.first_day:
            yield Problem("last_day", "is before first_day.")
        if self.reference and not _DIGEST.fullmatch(self.reference):
            yield Problem("reference", "isn't a SHA-256 in 64 lower-case hexadecimal digits.")
        further = self.further_references
        if not all(map(_DIGEST.fullmatch, further)):
            yield Problem("further_references", "holds what isn't a SHA-256 in 64 hexadecimal digits.")
        if further and not self.reference:
            yield Problem("further_references", "is given without a first one in reference.")
        if len({self.reference, *further}) <= len(further):
            yield Problem("further_references", "names a photograph twice.")
        if len(further) >= REFERENCES_MAX:
            yield Problem("further_references", f"makes more than {REFERENCES_MAX} photographs.")

    @classmethod
    def read(cls, fields: Fields, version: int) -> Shoot:
        """From the fields of a release of that version; raises DocumentError that names every faulty one."""
        found = (fields.text("photographer"), fields.day("first_day"), fields.day("last_day"))
        reference = fields.text("reference", blank=True)
        name = fields.text("name", blank=True) if version > 1 else ""
        further: tuple[str, ...] = ()
        if version > 1 and "further_references" in fields.names():
            further = fields.texts("further_references")
            if not further:
                fields.note_fault("further_references", "names none; leave the field out.")
        fields.finish()
        return cls(*found, reference, name, further)

    def to_json(self, version: int) -> Json:
        """The shoot as a document of that version has it; version 1 has no name and no further references."""
        said: Json = {
            "photographer": self.photographer,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "reference": self.reference,
        }
        if version > 1:
            said["name"] = self.name
        if self.further_references:
            said["further_references"] = list(self.further_references)
        return said


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of a release. It is valid on both days, `valid_from` and `valid_until`, too;
    without `valid_until` it is valid until it is withdrawn."""

    territory: tuple[str, ...]
    valid_from: date
    governing_law: str
    valid_until: date | None = None
    sublicensing: bool = False
    compensation: str = "none"
    withdrawal_method: str = WITHDRAWAL_METHOD
    withdrawal_effect: str = WITHDRAWAL_EFFECT

    def __post_init__(self) -> None:
        require(self._faults())

    def _faults(self) -> Iterator[Problem]:
        yield from faults_of_territory("territory", self.territory)
        if self.valid_until is not None and self.valid_until < self.valid_from:
            yield Problem("valid_until", "is before valid_from.")
        for name in ("governing_law", "compensation", "withdrawal_method", "withdrawal_effect"):
            yield from faults_of_text(name, getattr(self, name), blank=False)

    @classmethod
    def read(cls, fields: Fields) -> Terms:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        terms: dict[str, Any] = {
            "territory": fields.texts("territory"),
            "valid_from": fields.day("valid_from"),
            "valid_until": fields.optional_day("valid_until"),
            "sublicensing": fields.yes_no("sublicensing"),
        }
        for name in ("governing_law", "compensation", "withdrawal_method", "withdrawal_effect"):
            terms[name] = fields.text(name)
        if terms["territory"]:
            # Told beside other faults, and not only once those are corrected.
            fields.problems.extend(faults_of_territory("territory", terms["territory"]))
        fields.finish()
        return cls(**terms)

    def to_json(self) -> Json:
        """Every term as a JSON object; days as YYYY-MM-DD, `valid_until` null where there is no last day."""
        return {
            "territory": list(self.territory),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "sublicensing": self.sublicensing,
            "compensation": self.compensation,
            "governing_law": self.governing_law,
            "withdrawal_method": self.withdrawal_method,
            "withdrawal_effect": self.withdrawal_effect,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the release was signed: which text (its SHA-256) in which language, shown with which
    notice (its version and SHA-256), by which method, when, before which witness. `signed_at` is
    None until the first signature."""

    text_sha256: str
    language: str
    notice_version: str
    method: str
    signed_at: datetime | None = None
    witness: str = ""
    notice_sha256: str = ""

    def __post_init__(self) -> None:
        require(self._faults())

    def _faults(self) -> Iterator[Problem]:
        if self.notice_sha256 and not _DIGEST.fullmatch(self.notice_sha256):
            yield Problem("notice_sha256", "isn't a SHA-256 in 64 lower-case hexadecimal digits.")
        if not _DIGEST.fullmatch(self.text_sha256):
            yield Problem("text_sha256", "isn't a SHA-256 in 64 lower-case hexadecimal digits.")
        if not _LANGUAGE.fullmatch(self.language):
            yield Problem("language", "isn't a language tag such as en or de-CH.")
        if self.signed_at is not None and self.signed_at.utcoffset() is None:
            yield Problem("signed_at", "has no time zone.")
        if self.signed_at is not None and self.signed_at.microsecond:
            yield Problem("signed_at", "has fractions of a second, which the signed form can't hold.")
        for name in ("notice_version", "method"):
            yield from faults_of_text(name, getattr(self, name), blank=False)
        yield from faults_of_text("witness", self.witness)

    @classmethod
    def read(cls, fields: Fields, version: int) -> Evidence:
        """From the fields of a release of that version; raises DocumentError that names every faulty one."""
        names = ("text_sha256", "language", "notice_version", "method")
        found = {name: fields.text(name) for name in names}
        signed_at = fields.optional_moment("signed_at")
        witness = fields.text("witness", blank=True)
        notice_sha256 = fields.text("notice_sha256") if version > 1 else ""
        fields.finish()
        return cls(**found, signed_at=signed_at, witness=witness, notice_sha256=notice_sha256)

    def to_json(self, version: int) -> Json:
        """The evidence as a document of that version has it; version 1 has no digest of the notice."""
        said: Json = {
            "text_sha256": self.text_sha256,
            "language": self.language,
            "notice_version": self.notice_version,
            "method": self.method,
            "signed_at": None if self.signed_at is None else stamp(self.signed_at),
            "witness": self.witness,
        }
        return said | {"notice_sha256": self.notice_sha256} if version > 1 else said
