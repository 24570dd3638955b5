"""Amendments from a table: a row for each picture, with what is to be said of it from now on.

| column | what it says |
|---|---|
| image, file | which picture: its identifier, or the name of a file that gave it and no other |
| caption, shoot | what is to be said; where a cell is empty, that stays as it is |

Everything or nothing: a fault in one row keeps the table out, and every fault is named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from volenti.clearance.amendment import Amendment
from volenti.consent.document import Problem, faults_of_text, require
from volenti.consent.headings import columns_of
from volenti.consent.tablefile import (
    Line,
    UnreadableRow,
    decoded,
    lines_of,
    lines_of_workbook,
    trimmed,
)

#: Columns that say which picture, and those that say what is to be said of it.
WHICH, WHAT = ("image", "file"), ("caption", "shoot")
#: Finds the pictures that files of these names gave, by name.
Named = Callable[[Collection[str]], Mapping[str, Collection[str]]]


def amendments_in(data: bytes, encoding: str, named: Named) -> dict[str, Amendment]:
    """The amendments in a table, by picture. named: looks files' names up.

    Raises DocumentError where the table can't be read or a row is faulty.
    """
    rows = list(_rows(data, encoding))
    by_name = named({row["file"] for _, row in rows if row.get("file") and not row.get("image")})
    amendments: dict[str, Amendment] = {}
    faults: list[Problem] = []
    for number, row in rows:
        found = [row["image"]] if row.get("image") else sorted(by_name.get(row.get("file", ""), ()))
        said = {name: row[name] for name in WHAT if row.get(name)}
        wrong = list(_faults(row, found, said))
        if not wrong and found[0] in amendments:
            wrong = [Problem("", "is about a picture that an earlier row is about.")]
        faults += [replace(each, field=f"row {number}") for each in wrong]
        if not wrong:
            amendments[found[0]] = Amendment(**said)
    require(faults)
    return amendments


def _faults(row: Mapping[str, str], found: Sequence[str], said: Mapping[str, str]) -> Iterator[Problem]:
    if not row.get("image") and not row.get("file"):
        yield Problem("", "names no picture: fill in image or file.")
    elif not found:
        yield Problem("", "names a file that gave no picture that is here.")
    elif len(found) > 1:
        yield Problem("", f"names a file that gave {len(found)} pictures: fill in image.")
    if not said:
        yield Problem("", "says nothing: fill in caption or shoot.")
    for name, text in said.items():
        yield from (Problem("", f"has a {name} that {each.message}") for each in faults_of_text(name, text))


def _rows(data: bytes, encoding: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the header, by column."""
    lines = trimmed(_lines(data, encoding))
    _, header = next(lines, (0, []))
    columns = columns_of(header, {}, (*WHICH, *WHAT))
    if not set(WHICH) & set(columns) or not set(WHAT) & set(columns):
        require([Problem("", "The table has no header with image or file, and caption or shoot.")])
    for number, cells in lines:
        yield number, {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}


def _lines(data: bytes, encoding: str) -> Iterator[Line]:
    if data.startswith(b"PK"):
        yield from lines_of_workbook(data)
        return
    try:
        yield from lines_of(decoded(data, encoding))
    except UnreadableRow as error:
        require([Problem(f"row {error.row}", str(error))])
