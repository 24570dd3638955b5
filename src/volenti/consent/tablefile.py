"""Tables as files: the rows of a CSV file or of a workbook (.xlsx), each as a list of texts.

Spreadsheets save the same table in many ways: with a byte order mark, in UTF-16, with a first line `sep=;`,
with separators after the last cell, with rows that end where their last filled cell is. All of these are the
same rows here. How bytes that aren't Unicode are to be read isn't guessed: `encoding` says it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from volenti.consent.document import Problem, require
from volenti.core.errors import UsageError

#: A row: its number as spreadsheets count, and its cells.
Line = tuple[int, list[str]]
#: Most cells that a workbook may have, filled or not, and most bytes that it may unpack to.
CELLS_MAX, UNPACKED_BYTES_MAX = 20_000_000, 512 * 2**20

#: How a workbook begins: it is a ZIP archive.
WORKBOOK = b"PK\x03\x04"

_DELIMITERS = (",", ";", "\t")
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableRow(ValueError):
    """A row of a CSV file can't be read, and so nothing after it."""

    def __init__(self, row: int) -> None:
        self.row = row
        super().__init__("can't be read as CSV: look at its quotation marks.")


def decoded(data: bytes, encoding: str = "") -> str:
    """The text of a CSV file: UTF-8, or UTF-16 with its mark, or else what `encoding` says.

    Raises DocumentError where the bytes can't be read so, UsageError where there is no such encoding.
    """
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    try:
        name = codecs.lookup(marked or encoding or "utf-8").name
        text = data.decode(name)
    except LookupError as error:
        raise UsageError(f"There is no encoding {encoding!r}.", "Name one such as cp1252.") from error
    except UnicodeDecodeError:
        how = "save it as 'CSV UTF-8' or as .xlsx, or, if Excel saved it on Windows, say --encoding cp1252."
        if marked or encoding:
            how = "save it as 'CSV UTF-8' or as .xlsx."
        called = (marked or encoding or "utf-8").upper().removesuffix("-SIG")
        require([Problem("", f"isn't {called} text; {how}")])
    if "\0" in text:
        require([Problem("", "isn't text; save it as 'CSV UTF-8' or as .xlsx.")])
    return text


def lines_of(text: str) -> Iterator[Line]:
    """The rows of a CSV text. Raises UnreadableRow, after the rows before it, where one can't be read.

    Cells are separated by commas, semicolons or tabs: by what a line `sep=;` before the table says, else by
    whichever cuts the first row into most cells.
    """
    said = _SEP.match(text)
    if said is not None:
        text = text[said.end() :]
    delimiter = said[1] if said else max(_DELIMITERS, key=partial(_columns, text.lstrip("\r\n")))
    number = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            yield number, cells
    except csv.Error:
        raise UnreadableRow(number + 1) from None


def _columns(text: str, delimiter: str) -> int:
    """Into how many cells a delimiter cuts the first row."""
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), []))
    except csv.Error:
        return 0


def lines_of_workbook(data: bytes) -> Iterator[Line]:
    """The rows of the one filled sheet of a workbook (.xlsx); DocumentError where there isn't one.

    A formula counts as what it gave when the workbook was saved.
    """
    from defusedxml import DefusedXmlException
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    unreadable = Problem("", "can't be read as a workbook (.xlsx); save it anew, or as 'CSV UTF-8'.")
    # What openpyxl raises for damaged workbooks; what it is given comes from strangers.
    faulty = (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, zlib.error, SyntaxError)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > UNPACKED_BYTES_MAX:
                require([Problem("", f"unpacks to more than {UNPACKED_BYTES_MAX} bytes.")])
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        filled = [found for each in book.worksheets if (found := list(_lines_of_sheet(each)))]
    except (*faulty, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError):
        require([unreadable])
    if len(filled) > 1:
        require([Problem("", "has several sheets that are filled; keep the one with the releases.")])
    yield from filled[0] if filled else []


def _lines_of_sheet(sheet: Any) -> Iterator[Line]:
    sheet.reset_dimensions()  # what a sheet says of its own size may be wrong
    count = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        count += len(row)
        if count > CELLS_MAX:
            require([Problem("", f"has more than {CELLS_MAX} cells; delete the empty rows and columns.")])
        cells = [_text(value) for value in row]
        if any(cells):
            yield number, cells


def _text(value: object) -> str:
    """A cell of a workbook as it would be in CSV: days as YYYY-MM-DD, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        is_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def trimmed(lines: Iterable[Line]) -> Iterator[Line]:
    """The rows in which something stands, without the empty cells after their last filled one."""
    for number, cells in lines:
        last = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
        if last:
            yield number, cells[:last]


def as_workbook(text: str) -> bytes:
    """A CSV text as a workbook (.xlsx), every cell a text, so that none becomes a number or a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _, cells in lines_of(text):
        row = [WriteOnlyCell(sheet, each) for each in cells]
        for cell in row:
            cell.data_type = "s"
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
