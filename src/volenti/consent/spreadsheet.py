"""The CSV template for releases, one row for each, and how a row becomes an entry.

`COLUMNS` is the template: names, meanings, and the place of each in the JSON form that
`importing` documents. A table may have its columns in any order and leave out those that
have a default; `headings` says which heading stands for which column, `cells` how a cell is read, `tablefile`
how a file is. Row 1 is the first row of the file, as spreadsheets count. A witness's or the controller's
signature and declared attributes need the JSON form.

The first template had no columns shoot_name, supersedes, notice_sha256 and document_version. A signed row
without a version is of the version that its signature fits, or else of the current one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from volenti.consent.cells import CellError, answer_in, day_in, moment_in, place_in, places_in
from volenti.consent.columns import BY_NAME, COLUMNS, FURTHER, NEEDED, Cell
from volenti.consent.document import Problem
from volenti.consent.filled import checked_fill
from volenti.consent.headings import LEFT_OUT, Notation, columns_of, faults_of_headings, joined_in
from volenti.consent.release import TYPE, VERSION, Release
from volenti.consent.signature import Role, Signature, fits
from volenti.consent.tablefile import Line, UnreadableRow, trimmed
from volenti.consent.wording import LANGUAGES, WordingKind, wording, wordings, words
from volenti.core.canonical import Json
from volenti.core.errors import UsageError

_AS_IN_THE_TEMPLATE = Notation()
#: Columns that came with version 2 of the document.
_ADDED = ("shoot_name", "further_sha256", "supersedes", "notice_sha256", "document_version")
#: Rows among which the header is looked for, and the columns that it names at least.
ABOVE_MAX, HEADINGS_MIN = 20, 2
_SIGNATURES = ("subject_signature", "guardian_signature")


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
    names = [column.name for column in COLUMNS]
    entry, problems = _entry(Header(names), [filled.get(name) or usual.get(name, "") for name in names])
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


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: the column of each cell, what makes one together, what is filled in."""

    names: list[str]
    joined: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""

    @classmethod
    def of(cls, headings: list[str], notation: Notation) -> Header:
        """The header that headings make, as the notation reads them."""
        names = columns_of(headings, notation.columns, BY_NAME)
        lacking = {name: text for name, text in notation.filled.items() if name not in names}
        return cls(names, joined_in(headings, notation.columns), lacking, notation.dates)

    @property
    def known(self) -> int:
        """How many cells name a column, or are left out."""
        return sum(each in BY_NAME for each in self.names)

    @property
    def faults(self) -> list[Problem]:
        """What is wrong with the table's columns."""
        needed = [name for name in NEEDED if name not in self.filled]
        return list(faults_of_headings(self.names, BY_NAME, needed, self.joined))

    def cells(self, row: list[str]) -> dict[str, str]:
        """What a row says, by column."""
        cells = [cell.replace("\r\n", "\n").strip() for cell in row]
        # A spreadsheet may leave out the empty cells at the end of a row.
        given = dict(zip(self.names, cells, strict=False))
        for name, places in self.joined.items():
            given[name] = " ".join(cells[place] for place in places if place < len(cells) and cells[place])
        return {**self.filled, **given}


def rows_of(
    lines: Iterable[Line], notation: Notation = _AS_IN_THE_TEMPLATE
) -> Iterator[tuple[int, Json | None, list[Problem]]]:
    """Every row that isn't blank: its number, its entry if there is one, and its cells' problems.

    What stands above the header, such as a title, is no row. Problems of the header are the first; then no
    other row is read. Raises UsageError where the notation names a column that there isn't.
    """
    number = above = 0
    rows = trimmed(lines)
    notation = replace(notation.checked(BY_NAME), filled=checked_fill(notation.filled))
    try:
        number, header = header_in(rows, notation)
        above = number
        if header.faults:
            yield number, None, header.faults
            return
        for number, cells in rows:
            yield number, *_entry(header, cells)
    except UnreadableRow as error:
        yield error.row, None, [Problem("", str(error))]
        return
    if number == above:
        yield 0, None, [Problem("", "has headings, and no row below them.")]


def header_in(rows: Iterator[Line], notation: Notation) -> tuple[int, Header]:
    """The first row that names columns, with its number; where none does, the first that may be a header."""
    above = []
    try:
        for number, cells in islice(rows, ABOVE_MAX):
            above.append((number, cells))
            header = Header.of(cells, notation)
            if header.known >= HEADINGS_MIN:
                return number, header
    except UnreadableRow:
        if not above:
            raise
    is_wide = (each for each in above if sum(map(bool, each[1])) >= HEADINGS_MIN)
    number, cells = next(is_wide, above[0] if above else (1, []))
    return number, Header.of(cells, notation)


def _entry(header: Header, cells: list[str]) -> tuple[Json | None, list[Problem]]:
    if any(cell.strip() for cell in cells[len(header.names) :]):
        return None, [Problem("", f"has {len(cells)} cells where the header has {len(header.names)}.")]
    given, dates = header.cells(cells), header.dates
    given.pop(LEFT_OUT, None)
    version = given.get("document_version") or str(VERSION)
    entry, problems = _entry_of(given, version, dates)
    if any(given.get(name) for name in _SIGNATURES) and not given.get("document_version"):
        first, faults = _entry_of(given, "1", dates)
        if not faults and _is_signed(first) and not _is_signed(entry):
            return first, []
    return entry, problems


def _entry_of(given: Mapping[str, str], version: str, dates: str) -> tuple[Json, list[Problem]]:
    """The entry of a row that is a document of this version, and what is wrong with its cells."""
    language = given.get("language") or LANGUAGES[0]
    usual = _usual(language.lower() if len(language) == 2 else language, version)
    entry: Json = {"release": {"type": TYPE}}
    problems: list[Problem] = []
    for column in COLUMNS:
        if version == "1" and column.name in _ADDED and not given.get(column.name):
            continue
        like = next((given[each] for each in column.like if given.get(each)), "")
        text = (
            given.get(column.name) or like.partition("T")[0] or usual.get(column.name) or column.default or ""
        )
        if column.path == FURTHER and not text:
            continue
        try:
            value = _value(column.cell, text, dates)
        except CellError as error:
            value = None
            problems.append(Problem(column.name, str(error)))
        _put(entry, column.path, value)
    entry["release"]["version"] = (
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else version
    )
    return _complete(entry), problems


def _value(cell: Cell, text: str, dates: str) -> object:
    """What a cell says. Raises CellError where that can't be read."""
    match cell:
        case Cell.YES_NO:
            return answer_in(text)
        case Cell.DAY:
            return day_in(text, dates) if text else text
        case Cell.LAST_DAY:
            return day_in(text, dates) if text else None
        case Cell.MOMENT:
            return moment_in(text, dates) if text else None
        case Cell.OPTIONAL:
            return text or None
        case Cell.PLACES:
            return places_in(text)
        case Cell.PLACE:
            return place_in(text)
        case Cell.DIGEST:
            return text.lower()
        case Cell.DIGESTS:
            return text.lower().replace(",", " ").replace(";", " ").split()
        case Cell.FILES:
            return [name.strip() for name in text.split(";") if name.strip()] or None
        case Cell.NAME:
            return " ".join(text.split())
    return text


def _is_signed(entry: Json) -> bool:
    """Whether the row's release can be read, and one of its signatures fits it."""
    try:
        release = Release.from_json(entry["release"])
        given = [Signature.from_json(each) for each in entry["signatures"]]
    except UsageError:
        return False
    return any(fits(release.to_json(), each) for each in given)


def _put(entry: Json, path: str, value: object) -> None:
    *sections, name = path.split(".")
    for section in sections:
        entry = entry.setdefault(section, {})
    entry[name] = value


def _complete(entry: Json) -> Json:
    """Make a list of the entry's signatures, write name and birth date into the release, too, and
    leave out a guardian and a scan whose cells are empty; returns the entry."""
    subject, release = entry["subject"], entry["release"]
    if entry["scan"] is None:
        del entry["scan"]
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
