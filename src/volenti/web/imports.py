"""Imports: people with their releases from a table, mapped, looked at and corrected before they come in.

Nothing is kept between two steps: the table stands in the page that the browser has, photographs and scans in
its form. So nothing lies anywhere in the clear, and who is interrupted goes on from the page, or begins anew;
an import is everything or nothing, and the same one again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from volenti.consent.columns import BY_NAME, COLUMNS, Column
from volenti.consent.importreport import ranges
from volenti.core.errors import RefusedError, UsageError, VolentiError
from volenti.web.given import files_of
from volenti.web.room import OFFICER, Body, Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volenti.consent.importreport import ImportReport, RowProblem
    from volenti.consent.tableview import TableView
    from volenti.web.visit import Visit

room = Room()
#: A table, photographs and scans.
FILES = Body(512 << 20, max_files=1000, max_fields=1000)
#: The largest table that stands in the page from one step to the next, in bytes; and how many rows,
#: faults included, and columns of it are shown.
TEXT_MAX, ROWS, PLACES = 1_000_000, 12, 80
#: Ways in which days may be written; the first is always read.
DATES = ("", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy")
ENCODINGS = ("", "cp1252", "mac_roman", "iso8859_15")
#: What an officer may say of all rows, by its field.
PERMISSIONS = ("another_person", "after_erasure", "accept_reference")
#: Columns that may be the same in every row, in the order in which they are asked for.
FILLED = (
    *("controller", "photographer", "shoot_first_day", "shoot_name", "territory", "governing_law"),
    *("valid_until", "method", "sublicensing", "language", "compensation"),
)
#: Columns that name files.
OF_FILES = ("reference_file", "scan_file")
#: Beginnings of columns by what they are about, in the order of the page.
GROUPS = (
    (
        "person",
        (
            "legal_name",
            "birth_date",
            "contact",
            "pseudonym",
            "notes",
            "identity_check",
            "guardian_name",
            "guardian_relation",
        ),
    ),
    ("answers", ("grant_", "sublicensing")),
    ("shoot", ("controller", "photographer", "shoot_", "reference_file", "scan_file")),
    ("terms", ("territory", "valid_", "governing_law", "compensation", "language", "signed_at", "method")),
)


@dataclass(frozen=True, slots=True)
class InRows:
    """One thing that is to be said of several rows; `where`: their numbers in words, empty for the file."""

    where: str
    field: str
    message: str
    fatal: bool

    @classmethod
    def every(cls, problems: Iterable[RowProblem]) -> list[InRows]:
        """Problems, each kind once."""
        rows: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
        for each in problems:
            rows[each.field, each.message, each.fatal].append(each.row)
        return [cls(ranges(tuple(filter(None, found))), *kind) for kind, found in rows.items()]


@dataclass(slots=True)
class Looked:
    """What a table would do: the table as it is read, the report, and the faults by row and place."""

    view: TableView
    report: ImportReport | None = None
    faults: dict[tuple[int, int], list[RowProblem]] = field(default_factory=dict)
    others: list[InRows] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[int, tuple[str, ...]]]:
        """The rows that are shown: those with faults first, then the first ones, in the table's order."""
        faulty = {row for row, _ in self.faults}
        first = [each for each, _ in self.view.rows if each in faulty][:ROWS]
        more = [each for each, _ in self.view.rows if each not in faulty][: max(3, ROWS - len(first))]
        return [each for each in self.view.rows if each[0] in {*first, *more}]


@room.get("/imports", open_to=OFFICER)
def begin(visit: Visit) -> Response:
    """Ask for a table."""
    return _page(visit, None, None)


@room.post("/imports", open_to=OFFICER, body=FILES)
def go_on(visit: Visit) -> Response:
    """Look at a table as it is mapped and corrected, or import it; everything or nothing."""
    try:
        looked = _looked(visit, is_real=visit.said("do") == "import")
    except RefusedError:
        raise
    except VolentiError as error:
        return _page(visit, None, error)
    report = looked.report
    if report is not None and not report.dry_run and not report.refused:
        return visit.page("imported.html", report=report, kinds=InRows.every(report.problems))
    return _page(visit, looked, None)


def _looked(visit: Visit, *, is_real: bool) -> Looked:
    ws, mapped, fill = visit.ws, _mapped(visit), _filled(visit)
    chosen = files_of(visit, "table")
    data = chosen[0][1] if chosen else visit.said("text").encode()
    if not data.strip():
        raise UsageError("There is no table.", "Choose its file: CSV, or Excel as .xlsx.")
    corrections = {} if chosen else _corrections(visit)
    look = partial(ws.subjects.headings, data, encoding=visit.said("encoding"), corrections=corrections)
    if not chosen and visit.said("text"):
        view = look(columns=mapped, fill=fill)
    else:
        # Of a new file nothing was mapped yet: what its headings may stand for is offered.
        view = look(fill=fill)
        if len(view.headings) > PLACES:
            raise UsageError(
                "The table has too many columns.",
                f"Keep those that are about people and what they signed, {PLACES} at most.",
            )
        mapped = {one: two for one, two in zip(view.headings, view.suggested, strict=True) if two}
        view = look(columns=mapped, fill=fill)
    if view.lacking or any(each and each not in BY_NAME for each in view.columns):
        return Looked(view)
    if visit.said("light"):
        # The page asks again after each choice, and sends no photographs with it: they aren't looked at then.
        mapped = {one: "" if two in OF_FILES else two for one, two in mapped.items()}
    key = files_of(visit, "key")
    permissions: dict[str, Any] = {each: bool(visit.said(each)) for each in PERMISSIONS}
    report = ws.subjects.import_(
        view.text.encode(),
        beside=dict(files_of(visit, "files")),
        columns=mapped,
        fill=fill,
        dates=visit.said("dates"),
        key=key[0][1] if key else None,
        dry_run=not is_real,
        **permissions,
    )
    found = Looked(view, report)
    _place(found, view)
    return found


def _place(looked: Looked, view: TableView) -> None:
    """Put each problem of the report beside its cell, where it is in one."""
    assert looked.report is not None
    places = {name: number for number, name in reversed(list(enumerate(view.columns, 1))) if name}
    faults, others = defaultdict(list), []
    for each in looked.report.problems:
        if each.row and each.field in places:
            faults[each.row, places[each.field]].append(each)
        else:
            others.append(each)
    looked.faults, looked.others = dict(faults), InRows.every(others)


def _mapped(visit: Visit) -> dict[str, str]:
    """The column of each heading, as it was chosen; several headings of one column are joined."""
    chosen: dict[str, list[str]] = defaultdict(list)
    left_out = {}
    for number in range(1, PLACES + 1):
        heading, column = visit.said(f"heading-{number}"), visit.said(f"column-{number}")
        if heading and column:
            chosen[column].append(heading)
        elif heading:
            left_out[heading] = ""
    return {" + ".join(headings): column for column, headings in chosen.items()} | left_out


def _filled(visit: Visit) -> dict[str, str]:
    """What stands in every row, where it was said; a no for answers that the table doesn't have."""
    found = {name: text for name in FILLED if (text := visit.said(f"fill-{name}").strip())}
    return {**({"grant_*": "no"} if visit.said("rest") else {}), **found}


def _corrections(visit: Visit) -> dict[str, str]:
    """Cells that were corrected in place, by ROW:PLACE."""
    given = {name: visit.said(name) for name in visit.form if name.startswith("cell-")}
    return {name.removeprefix("cell-").replace("-", ":"): text for name, text in given.items()}


def _page(visit: Visit, looked: Looked | None, problem: VolentiError | None) -> Response:
    view = looked.view if looked else None
    known = view.filled if view else {}
    said = {name: visit.said(f"fill-{name}") or known.get(name, "") for name in FILLED}
    facts: dict[str, Any] = {
        "looked": looked,
        "text": view.text if view and len(view.text.encode()) <= TEXT_MAX else "",
        "groups": _groups(),
        "columns": BY_NAME,
        "used": set(view.columns) if view else set(),
        "fill": [BY_NAME[name] for name in FILLED if view and name not in view.columns],
        "filled": said,
        "rest": any(name.startswith("grant_") for name in known),
        "dates": DATES,
        "encodings": ENCODINGS,
        "permissions": {each: bool(visit.said(each)) for each in PERMISSIONS},
        "told": _remedy,
    }
    return visit.page("imports.html", 400 if problem else 200, problem=problem, **facts)


def _groups() -> Mapping[str, list[Column]]:
    """The columns by what they are about; those that few tables have are the last group."""
    found: dict[str, list[Column]] = {name: [] for name in (*dict(GROUPS), "more")}
    for each in COLUMNS:
        group = next((name for name, starts in GROUPS if each.name.startswith(starts)), "more")
        found[group].append(each)
    return found


#: What the command line calls what stands in the page under another name.
_SAID = (
    (" say --another-person", " tick “Same names are other people”"),
    ("say --another-person", "tick “Same names are other people”"),
    (" Say --after-erasure", " Tick “Erased people agreed anew”"),
    ("accept it as it is: --accept-reference", "tick “Take doubtful photographs”"),
    ("say --dates ", "choose under “How days are written” "),
    ("--dates ", "choose under “How days are written” "),
    ("name the key of the officer who attests it, --key FILE", "give the key of the officer who attests it"),
    ("or, if Excel saved it on Windows, say --encoding cp1252", "or choose cp1252 as its encoding"),
)


def _remedy(message: str) -> str:
    """A fault in words that fit the page."""
    for command, page in _SAID:
        message = message.replace(command, page)
    return message
