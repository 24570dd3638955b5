"""Columns of the table that people and their releases come in, and the place of each in an entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from volenti.consent.purpose import Grant
from volenti.consent.release import VERSION
from volenti.consent.wording import LANGUAGES


class Cell(Enum):
    """How a cell is read."""

    TEXT = "text"
    OPTIONAL = "text; empty means there is none"
    NAME = "text in one line"
    YES_NO = "yes or no"
    DAY = "YYYY-MM-DD, or as --dates says"
    LAST_DAY = "as a day; empty means there is none"
    MOMENT = "YYYY-MM-DDTHH:MM:SSZ, or a day"
    DIGEST = "64 hexadecimal digits"
    PLACES = "several, by code or name, separated by spaces or commas"
    PLACE = "a country's code or name"
    DIGESTS = "several, separated by spaces"
    FILES = "several, separated by semicolons; a folder means all files in it"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `default` is what an empty or missing cell means; None: the cell must be filled.

    `usual`: whether an empty cell means what is usual in the row's language; see `_usual`. `like`: columns of
    which the first that is filled has the day that an empty cell means.
    """

    name: str
    path: str
    meaning: str
    default: str | None = None
    cell: Cell = Cell.TEXT
    usual: bool = False
    like: tuple[str, ...] = ()

    @property
    def if_empty(self) -> str:
        """What an empty cell means, in words."""
        if self.default is None:
            return "must be filled"
        if self.like:
            return f"the day in {', or else in '.join(self.like)}"
        return "as usual in the row's language" if self.usual else self.default or "none"

    @property
    def explained(self) -> str:
        """What the column means, and how a cell is written where that isn't plain text."""
        told = (Cell.YES_NO, Cell.PLACES, Cell.PLACE, Cell.MOMENT, Cell.DIGESTS, Cell.FILES)
        how = f" Written as {self.cell.value}." if self.cell in told else ""
        return self.meaning + how


def _usual_column(name: str, path: str, meaning: str, cell: Cell = Cell.TEXT) -> Column:
    return Column(name, path, meaning, "", cell, usual=True)


def _grant_column(grant: Grant) -> Column:
    path = f"release.grants.{grant}"
    return Column(f"grant_{grant.replace('-', '_')}", path, grant.meaning, cell=Cell.YES_NO)


#: The field that a document without further photographs doesn't have.
FURTHER = "release.shoot.further_references"

COLUMNS: tuple[Column, ...] = (
    Column("subject_id", "subject.id", "Their identifier; says nothing about them.", "", Cell.OPTIONAL),
    Column("legal_name", "subject.legal_name", "Name as in their papers.", cell=Cell.NAME),
    Column("birth_date", "subject.birth_date", "YYYY-MM-DD.", cell=Cell.DAY),
    Column("contact", "subject.contact", "How to reach them.", ""),
    Column("pseudonym", "subject.pseudonym", "What to show instead of the name.", "", Cell.NAME),
    Column("notes", "subject.notes", "Anything else.", ""),
    Column("identity_check", "subject.identity_check", "How it was made sure who they are.", ""),
    Column("subject_public_key", "subject.public_key", "Their key: base64 of 32 bytes.", "", Cell.OPTIONAL),
    Column("guardian_name", "subject.guardian.name", "For minors: who signs for them.", "", Cell.NAME),
    Column("guardian_relation", "subject.guardian.relation", "What the guardian is to them.", ""),
    Column("guardian_public_key", "subject.guardian.public_key", "The guardian's key.", "", Cell.OPTIONAL),
    Column("release_id", "release.id", "The release's identifier; needed if signed.", "", Cell.OPTIONAL),
    Column("controller", "release.controller", "To whom the release is given."),
    Column("photographer", "release.shoot.photographer", "Who took the pictures.", cell=Cell.NAME),
    Column("shoot_first_day", "release.shoot.first_day", "YYYY-MM-DD.", cell=Cell.DAY),
    Column(
        "shoot_last_day", "release.shoot.last_day", "YYYY-MM-DD.", "", Cell.DAY, like=("shoot_first_day",)
    ),
    Column("shoot_name", "release.shoot.name", "What its pictures are added under (--shoot).", "", Cell.NAME),
    Column(
        "reference_sha256",
        "release.shoot.reference",
        "SHA-256 of a photograph of them; taken from reference_file while nobody has signed.",
        "",
        Cell.DIGEST,
    ),
    Column("further_sha256", FURTHER, "SHA-256 of further ones, likewise.", "", Cell.DIGESTS),
    *(_grant_column(grant) for grant in Grant),
    Column("territory", "release.terms.territory", "Countries such as DE FR, or WORLD.", cell=Cell.PLACES),
    Column(
        "valid_from",
        "release.terms.valid_from",
        "First valid day, YYYY-MM-DD.",
        "",
        Cell.DAY,
        like=("signed_at", "shoot_first_day"),
    ),
    Column("valid_until", "release.terms.valid_until", "Last valid day, or empty.", "", Cell.LAST_DAY),
    Column("sublicensing", "release.terms.sublicensing", "May it be passed on?", cell=Cell.YES_NO),
    _usual_column("compensation", "release.terms.compensation", "What they get for it."),
    Column("governing_law", "release.terms.governing_law", "Which country's law.", cell=Cell.PLACE),
    _usual_column("withdrawal_method", "release.terms.withdrawal_method", "How to withdraw."),
    _usual_column("withdrawal_effect", "release.terms.withdrawal_effect", "What then happens."),
    Column("supersedes", "release.supersedes", "Identifier of the release it replaces.", "", Cell.OPTIONAL),
    Column("language", "release.evidence.language", "The text's language.", LANGUAGES[0]),
    _usual_column("text_sha256", "release.evidence.text_sha256", "SHA-256 of the text shown.", Cell.DIGEST),
    _usual_column("notice_version", "release.evidence.notice_version", "Version of the notice shown."),
    _usual_column(
        "notice_sha256", "release.evidence.notice_sha256", "SHA-256 of the notice shown.", Cell.DIGEST
    ),
    Column("signed_at", "release.evidence.signed_at", "When it was signed.", "", Cell.MOMENT),
    Column("witness", "release.evidence.witness", "Who saw it.", "", Cell.NAME),
    Column("method", "release.evidence.method", "How it was signed."),
    Column("subject_signature", "signatures.subject", "Base64 of 64 bytes.", "", Cell.OPTIONAL),
    Column("guardian_signature", "signatures.guardian", "Base64 of 64 bytes.", "", Cell.OPTIONAL),
    Column("reference_file", "reference", "The photograph, relative to this file.", "", Cell.FILES),
    Column("scan_file", "scan", "The scanned paper, relative to this file; needs --key.", "", Cell.OPTIONAL),
    Column(
        "document_version", "release.version", "Version of the signed document.", str(VERSION), Cell.OPTIONAL
    ),
)

BY_NAME = {column.name: column for column in COLUMNS}
NEEDED = [column.name for column in COLUMNS if column.default is None]
_BY_PATH = {column.path: column.name for column in COLUMNS} | {
    # Fields that a release repeats from its subject have one column for both.
    "release.subject": "subject_id",
    "release.legal_name": "legal_name",
    "release.birth_date": "birth_date",
}


def column_of(path: str) -> str:
    """The column that fills a field, or the field itself where none does."""
    return _BY_PATH.get(path, path)
