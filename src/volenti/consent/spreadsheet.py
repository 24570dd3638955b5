"""The CSV template for releases, one row for each, and how a row becomes an entry.

`COLUMNS` is the template: names, meanings, and the place of each in the JSON form that
`importing` documents. A file may have its columns in any order and leave out those that
have a default. Cells are separated by commas, semicolons or tabs, whichever the first row
uses; the text is UTF-8. Row 1 is the header, as spreadsheets count. A witness's or the
controller's signature and declared attributes need the JSON form.

The first template had no columns shoot_name, supersedes and notice_sha256: signed rows of a
file made from it are documents of version 1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from volenti.consent.document import Problem
from volenti.consent.purpose import Grant
from volenti.consent.release import TYPE, VERSION
from volenti.consent.signature import Role
from volenti.consent.wording import LANGUAGES, WordingKind, wording, wordings, words
from volenti.core.canonical import Json


class Cell(Enum):
    """How a cell is read."""

    TEXT = "text"
    OPTIONAL = "text; empty means there is none"
    YES_NO = "yes or no"
    LIST = "several, separated by spaces"
    FILES = "several, separated by semicolons; a folder means all files in it"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `default` is what an empty or missing cell means; None: the cell must be filled.

    `usual`: whether an empty cell means what is usual in the row's language; see `_usual`.
    """

    name: str
    path: str
    meaning: str
    default: str | None = None
    cell: Cell = Cell.TEXT
    usual: bool = False

    @property
    def if_empty(self) -> str:
        """What an empty cell means, in words."""
        if self.default is None:
            return "must be filled"
        return "as usual in the row's language" if self.usual else self.default or "none"

    @property
    def explained(self) -> str:
        """What the column means, and how a cell is written where that isn't plain text."""
        how = "" if self.cell in (Cell.TEXT, Cell.OPTIONAL) else f" Written as {self.cell.value}."
        return self.meaning + how


def _usual_column(name: str, path: str, meaning: str) -> Column:
    return Column(name, path, meaning, "", usual=True)


def _grant_column(grant: Grant) -> Column:
    path = f"release.grants.{grant}"
    return Column(f"grant_{grant.replace('-', '_')}", path, grant.meaning, cell=Cell.YES_NO)


_FURTHER = "release.shoot.further_references"
COLUMNS: tuple[Column, ...] = (
    Column("subject_id", "subject.id", "Their identifier; says nothing about them.", "", Cell.OPTIONAL),
    Column("legal_name", "subject.legal_name", "Name as in their papers."),
    Column("birth_date", "subject.birth_date", "YYYY-MM-DD."),
    Column("contact", "subject.contact", "How to reach them.", ""),
    Column("pseudonym", "subject.pseudonym", "What to show instead of the name.", ""),
    Column("notes", "subject.notes", "Anything else.", ""),
    Column("identity_check", "subject.identity_check", "How it was made sure who they are.", ""),
    Column("subject_public_key", "subject.public_key", "Their key: base64 of 32 bytes.", "", Cell.OPTIONAL),
    Column("guardian_name", "subject.guardian.name", "For minors: who signs for them.", ""),
    Column("guardian_relation", "subject.guardian.relation", "What the guardian is to them.", ""),
    Column("guardian_public_key", "subject.guardian.public_key", "The guardian's key.", "", Cell.OPTIONAL),
    Column("release_id", "release.id", "The release's identifier; needed if signed.", "", Cell.OPTIONAL),
    Column("controller", "release.controller", "To whom the release is given."),
    Column("photographer", "release.shoot.photographer", "Who took the pictures."),
    Column("shoot_first_day", "release.shoot.first_day", "YYYY-MM-DD."),
    Column("shoot_last_day", "release.shoot.last_day", "YYYY-MM-DD."),
    Column("shoot_name", "release.shoot.name", "What its pictures are added under (--shoot).", ""),
    Column("reference_sha256", "release.shoot.reference", "SHA-256 of a photograph of them.", ""),
    Column("further_sha256", _FURTHER, "SHA-256 of further ones.", "", Cell.LIST),
    *(_grant_column(grant) for grant in Grant),
    Column("territory", "release.terms.territory", "Country codes such as DE FR, or WORLD.", cell=Cell.LIST),
    Column("valid_from", "release.terms.valid_from", "First valid day, YYYY-MM-DD."),
    Column("valid_until", "release.terms.valid_until", "Last valid day, or empty.", "", Cell.OPTIONAL),
    Column("sublicensing", "release.terms.sublicensing", "May it be passed on?", cell=Cell.YES_NO),
    _usual_column("compensation", "release.terms.compensation", "What they get for it."),
    Column("governing_law", "release.terms.governing_law", "Which country's law."),
    _usual_column("withdrawal_method", "release.terms.withdrawal_method", "How to withdraw."),
    _usual_column("withdrawal_effect", "release.terms.withdrawal_effect", "What then happens."),
    Column("supersedes", "release.supersedes", "Identifier of the release it replaces.", "", Cell.OPTIONAL),
    Column("language", "release.evidence.language", "The text's language.", LANGUAGES[0]),
    _usual_column("text_sha256", "release.evidence.text_sha256", "SHA-256 of the text shown."),
    _usual_column("notice_version", "release.evidence.notice_version", "Version of the notice shown."),
    _usual_column("notice_sha256", "release.evidence.notice_sha256", "SHA-256 of the notice shown."),
    Column("signed_at", "release.evidence.signed_at", "YYYY-MM-DDTHH:MM:SSZ.", "", Cell.OPTIONAL),
    Column("witness", "release.evidence.witness", "Who saw it.", ""),
    Column("method", "release.evidence.method", "How it was signed."),
    Column("subject_signature", "signatures.subject", "Base64 of 64 bytes.", "", Cell.OPTIONAL),
    Column("guardian_signature", "signatures.guardian", "Base64 of 64 bytes.", "", Cell.OPTIONAL),
    Column("reference_file", "reference", "The photograph, relative to this file.", "", Cell.FILES),
    Column("document_version", "release.version", "Version of the signed document.", str(VERSION)),
)

#: Columns that came with version 2 of the document.
_ADDED = ("shoot_name", "further_sha256", "supersedes", "notice_sha256", "document_version")
_SIGNATURES = ("subject_signature", "guardian_signature")

_BY_NAME = {column.name: column for column in COLUMNS}
_BY_PATH = {column.path: column.name for column in COLUMNS} | {
    # Fields that a release repeats from its subject have one column for both.
    "release.subject": "subject_id",
    "release.legal_name": "legal_name",
    "release.birth_date": "birth_date",
}


def template() -> str:
    """An empty file of the template: its header."""
    return ",".join(column.name for column in COLUMNS) + "\r\n"


def example() -> Json:
    """One unsigned entry of the JSON form: of somebody who doesn't exist, who says no to everything."""
    usual = _usual(LANGUAGES[0], str(VERSION))
    filled = {
        "legal_name": "Ada Example",
        "birth_date": "1990-05-17",
        "controller": "Example Studio, 1 Example Street",
        "photographer": "Pat Photographer",
        "shoot_first_day": "2026-11-01",
        "shoot_last_day": "2026-11-02",
        "shoot_name": "spring",
        "territory": "DE FR",
        "valid_from": "2026-11-01",
        "governing_law": "DE",
        "method": "paper",
        "sublicensing": "no",
        **{column.name: "no" for column in COLUMNS if column.path.startswith("release.grants.")},
    }
    header = [column.name for column in COLUMNS]
    entry, problems = _entry(header, [filled.get(name) or usual.get(name, "") for name in header])
    assert entry is not None, problems
    return entry


def _usual(language: str, version: str) -> dict[str, str]:
    """What empty cells of `usual` columns mean; an empty dict where there is no text in the language."""
    if version == "1":
        first = next(each for each in wordings(WordingKind.RELEASE) if each.version == "1")
        return {"text_sha256": first.sha256, "notice_version": "1", **words(first.language)["terms"]}
    if language not in LANGUAGES:
        return {}
    notice = wording(WordingKind.NOTICE, language)
    return {
        "text_sha256": wording(WordingKind.RELEASE, language).sha256,
        "notice_version": notice.version,
        "notice_sha256": notice.sha256,
        **words(language)["terms"],
    }


def column_of(path: str) -> str:
    """The column that fills a field, or the field itself where none does."""
    return _BY_PATH.get(path, path)


def rows_of(text: str) -> Iterator[tuple[int, Json | None, list[Problem]]]:
    """Every row that isn't blank: its number, its entry if there is one, and its cells' problems.

    Problems of row 1 are the header's; then no other row is read.
    """
    first_line = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first_line), strict=True)
    number = 0
    try:
        header = [name.strip() for name in next(reader, [])]
        number, faults = 1, list(_header_faults(header))
        if faults:
            yield 1, None, faults
            return
        for number, cells in enumerate(reader, 2):
            if any(cell.strip() for cell in cells):
                yield number, *_entry(header, cells)
    except csv.Error:
        yield number + 1, None, [Problem("", "can't be read as CSV: look at its quotation marks.")]


def _delimiter(first_line: str) -> str:
    return max((",", ";", "\t"), key=first_line.count)


def _header_faults(header: list[str]) -> Iterator[Problem]:
    for name in dict.fromkeys(header):
        if name not in _BY_NAME:
            yield Problem(name[:40], "isn't a column of the template.")
        elif header.count(name) > 1:
            yield Problem(name, "stands in the header twice.")
    for column in COLUMNS:
        if column.default is None and column.name not in header:
            yield Problem(column.name, "is missing in the header.")


def _entry(header: list[str], cells: list[str]) -> tuple[Json | None, list[Problem]]:
    if len(cells) != len(header):
        return None, [Problem("", f"has {len(cells)} cells where the header has {len(header)}.")]
    given = {name: cell.replace("\r\n", "\n").strip() for name, cell in zip(header, cells, strict=True)}
    version = _version(given)
    usual = _usual(given.get("language") or LANGUAGES[0], version)
    entry: Json = {"release": {"type": TYPE}}
    problems: list[Problem] = []
    for column in COLUMNS:
        text = given.get(column.name) or usual.get(column.name) or column.default or ""
        if version == "1" and column.name in _ADDED and not given.get(column.name):
            continue
        if column.path == _FURTHER and not text:
            continue  # a document that names no further photographs doesn't have the field
        value: object = text
        if column.cell is Cell.OPTIONAL:
            value = text or None
        elif column.cell is Cell.LIST:
            value = text.split()
        elif column.cell is Cell.FILES:
            value = [name.strip() for name in text.split(";") if name.strip()] or None
        elif column.cell is Cell.YES_NO:
            value = {"yes": True, "no": False}.get(text.lower())
            if value is None:
                problems.append(Problem(column.name, "is neither yes nor no."))
        _put(entry, column.path, value)
    entry["release"]["version"] = (
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else version
    )
    return _complete(entry), problems


def _version(given: dict[str, str]) -> str:
    """Which version of the document a row holds."""
    is_first_template = not any(name in given for name in _ADDED)
    is_signed = any(given.get(name) for name in _SIGNATURES)
    return given.get("document_version") or ("1" if is_first_template and is_signed else str(VERSION))


def _put(entry: Json, path: str, value: object) -> None:
    *sections, name = path.split(".")
    for section in sections:
        entry = entry.setdefault(section, {})
    entry[name] = value


def _complete(entry: Json) -> Json:
    """Make a list of the entry's signatures, write name and birth date into the release, too, and
    leave out a guardian whose cells are empty; returns the entry."""
    subject, release = entry["subject"], entry["release"]
    release |= {"subject": subject["id"]}
    release |= {name: subject[name] for name in ("legal_name", "birth_date")}
    if not any(subject["guardian"].values()):
        subject["guardian"] = None
    keys = {Role.SUBJECT: subject["public_key"], Role.GUARDIAN: (subject["guardian"] or {}).get("public_key")}
    entry["signatures"] = [
        {"role": role.value, "public_key": key, "signature": entry["signatures"][role]}
        for role, key in keys.items()
        if entry["signatures"][role] is not None
    ]
    return entry
