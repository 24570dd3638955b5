"""Table view: a table before it is imported, with what each of its headings stands for or may stand for.

For whoever maps headings to columns while they see them. What a heading may stand for is a suggestion, by
words that people use in three languages; it counts only once somebody says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from volenti.consent.columns import BY_NAME, NEEDED
from volenti.consent.document import Problem, require
from volenti.consent.headings import Notation, plain
from volenti.consent.spreadsheet import header_in
from volenti.consent.tablefile import (
    WORKBOOK,
    Line,
    UnreadableRow,
    decoded,
    lines_of,
    lines_of_workbook,
    trimmed,
)
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr

#: Words that people write above a column.
_WORDS = {
    "legal_name": "name full_name vor_und_nachname vollständiger_name nombre nombre_completo model person",
    "birth_date": "birthday born date_of_birth dob geburtsdatum geboren geburtstag geb_datum "
    "fecha_de_nacimiento nacimiento",
    "contact": "email e_mail mail phone telefon kontakt correo teléfono contacto",
    "pseudonym": "nickname künstlername alias seudónimo stage_name",
    "notes": "note comment comments bemerkung bemerkungen notiz notizen notas observaciones",
    "guardian_name": "guardian parent erziehungsberechtigte tutor",
    "controller": "company studio client firma auftraggeber empresa estudio",
    "photographer": "fotograf fotografin fotógrafo fotógrafa",
    "shoot_first_day": "date shoot_date datum aufnahmetag fecha day tag",
    "shoot_name": "shoot shooting project projekt sesión proyecto",
    "reference_file": "photo picture portrait foto bild referenz referenzfoto retrato imagen",
    "scan_file": "scan paper papier einwilligung release_file escaneo papel",
    "territory": "country countries land länder where país países",
    "valid_until": "until ends gültig_bis ende hasta válido_hasta",
    "signed_at": "signed signature_date unterschrieben unterschrieben_am firmado fecha_de_firma",
    "compensation": "fee honorar vergütung pago",
    "governing_law": "law recht ley",
    "language": "sprache idioma",
}
_SUGGESTED = {plain(word): column for column, words in _WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as it was given.

    `headings`, and the template's column that each stands for: `columns` has an empty text where one is left
    out, and the heading itself where it isn't known. `suggested`: what it may stand for, or an empty text.
    `header`: the number of the row with the headings, as spreadsheets count; `rows`: those below it, each
    with its number. `lacking`: columns that have to be there and aren't. `filled`: what stands in every row,
    by column. `text`: the whole table as CSV.
    """

    headings: tuple[str, ...]
    columns: tuple[str, ...]
    suggested: tuple[str, ...]
    header: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    lacking: tuple[str, ...]
    filled: Mapping[str, str]
    text: str = field(repr=False)

    __repr__ = short_repr


def view_of(data: bytes, notation: Notation, corrections: Mapping[tuple[int, int], str]) -> TableView:
    """The table in the bytes of a CSV file or a workbook.

    corrections: the text of a cell by its row and its place in the row, both from 1. Raises DocumentError
    where it isn't a table, UsageError where a correction names no cell of it.
    """
    if data.startswith(WORKBOOK):
        given = list(lines_of_workbook(data))
    else:
        try:
            given = list(lines_of(decoded(data, notation.encoding)))
        except UnreadableRow as error:
            require([Problem("", f"row {error.row} {error}")])
    lines = _corrected(given, corrections)
    there = list(trimmed(lines))
    if not there:
        require([Problem("", "is empty.")])
    number, header = header_in(iter(there), notation)
    headings = next(cells for each, cells in there if each == number)
    named = {name for name in header.names if name in BY_NAME} | notation.filled.keys()
    return TableView(
        tuple(each.strip() for each in headings),
        tuple(header.names),
        tuple(_suggestion(each, named) for each in headings),
        number,
        tuple((each, tuple(cells)) for each, cells in there if each > number),
        tuple(name for name in NEEDED if name not in named),
        dict(notation.filled),
        _as_csv(lines),
    )


def _suggestion(heading: str, taken: set[str]) -> str:
    found = _SUGGESTED.get(plain(heading), "")
    return "" if found in taken else found


def _corrected(lines: Sequence[Line], corrections: Mapping[tuple[int, int], str]) -> list[Line]:
    rows = {number: list(cells) for number, cells in lines}
    for (row, place), text in corrections.items():
        if row not in rows or not 1 <= place <= 1000:
            raise UsageError(f"The table has no cell {place} in row {row}.", "Give the table once more.")
        cells = rows[row]
        cells += [""] * (place - len(cells))
        cells[place - 1] = text
    return sorted(rows.items())


def _as_csv(lines: Sequence[Line]) -> str:
    """The rows as CSV, each in the line of its number, so that numbers stay as they were."""
    out, last = io.StringIO(newline=""), 0
    write = csv.writer(out)
    for number, cells in lines:
        # A row in which nothing stands is a row of its own, as spreadsheets count.
        out.write("\r\n" * (number - last - 1))
        write.writerow(cells)
        last = number
    return out.getvalue()
