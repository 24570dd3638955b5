"""Importing tables of people and their releases, with headings that the workspace remembers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.core.progress import Silent
from volenti.folder import COLUMNS, FILLED, REMEMBERED
from volenti.workspace.given import signing_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volenti.consent.headings import Notation
    from volenti.consent.importreport import ImportReport
    from volenti.consent.tableview import TableView
    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.core.signing import SigningKey
    from volenti.wiring.parts import Parts


def import_table(
    parts: Parts,
    file: bytes | Path | str,
    *,
    beside: Mapping[str, bytes] | None = None,
    columns: Json | None,
    fill: Json | None,
    dates: str,
    encoding: str,
    key: SigningKey | bytes | Path | str | None,
    another_person: bool,
    after_erasure: bool,
    accept_reference: bool,
    dry_run: bool,
    progress: Progress | None,
) -> ImportReport:
    """Import a file of releases (`consent.importing.import_file`).

    columns, fill: headings, and what is filled in, beside those that were remembered; remembered, too, unless
    this is a dry run.
    """
    from volenti.consent.importing import Uploaded, import_file
    from volenti.consent.permissions import Permissions
    from volenti.core.files import write_atomically

    if beside is not None and not isinstance(file, bytes):
        raise UsageError("Files in memory go with a table in memory.", "Give the table's bytes.")
    known, notation = _noted(parts, columns, fill, dates, encoding)
    officer = None if key is None else signing_key(key)
    permissions = Permissions(officer, another_person, after_erasure, accept_reference)
    report = import_file(
        parts.consent,
        Uploaded(file, beside or {}) if isinstance(file, bytes) else Path(file),
        notation=notation,
        permissions=permissions,
        dry_run=dry_run,
        progress=progress or Silent(),
    )
    for place, given in ((COLUMNS, columns), (FILLED, fill)):
        if given and not dry_run:
            text = json.dumps(known[place], indent=1, ensure_ascii=False)
            write_atomically(parts.path / place, text.encode() + b"\n")
    return report


def view_table(
    parts: Parts,
    file: bytes | Path | str,
    *,
    columns: Json | None,
    fill: Json | None,
    encoding: str,
    corrections: Mapping[str, str] | None,
) -> TableView:
    """A table as it would be read (`consent.tableview.view_of`). Nothing is remembered."""
    from volenti.consent.tableview import view_of
    from volenti.workspace.given import bytes_of

    _, notation = _noted(parts, columns, fill, "", encoding)
    cells = {}
    for where, text in (corrections or {}).items():
        row, _, place = where.partition(":")
        if not (row.isdecimal() and place.isdecimal()):
            raise UsageError(f"{where!r} is no cell.", "Write it as ROW:PLACE, both from 1.")
        cells[int(row), int(place)] = text
    return view_of(bytes_of(file), notation, cells)


def _noted(
    parts: Parts, columns: Json | None, fill: Json | None, dates: str, encoding: str
) -> tuple[dict[str, dict[str, str]], Notation]:
    """What is remembered by its file, with what is given now, and the notation that follows."""
    from volenti.consent.columns import BY_NAME
    from volenti.consent.filled import checked_fill
    from volenti.consent.headings import Notation

    known = {place: _remembered(parts.path / place) for place in REMEMBERED}
    for place, given in ((COLUMNS, columns), (FILLED, fill)):
        known[place] |= {str(name): str(text) for name, text in (given or {}).items()}
    notation = Notation(known[COLUMNS], dates, encoding, checked_fill(known[FILLED])).checked(BY_NAME)
    return known, notation


#: By which option a file of what is remembered is given anew.
_OPTIONS = {COLUMNS: "--map", FILLED: "--fill"}


def _remembered(place: Path) -> dict[str, str]:
    """The column of each heading, or the text of each column, that was given before."""
    try:
        found = json.loads(place.read_text("utf-8"))
        return {str(heading): str(column) for heading, column in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{place.name} in the workspace can't be read.",
            f"Correct it, or remove it and give {_OPTIONS[place.name]} again.",
        ) from error
