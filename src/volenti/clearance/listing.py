"""Listings: reading what a folder's `metadata.jsonl` or `metadata.csv` says, line by line.

Whoever made a listing may have made it with any program: it is read as UTF-8 or UTF-16, with or without a
byte order mark, and else as Windows-1252, which is said. A line ends at a line break and nowhere else. No
line stops the others, and no length of a line or a listing takes more than a bounded memory.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from volenti.core.canonical import parse_given

#: Characters of a caption; a longer text isn't one.
LENGTH_MAX = 2**16
#: Bytes of a listing and of one line that are read; of a listing that has to be in memory as a whole.
BYTES_MAX, LINE_BYTES_MAX, WHOLE_BYTES_MAX = 2**28, 2**20, 2**26
#: What a field may be separated by in a table, the likeliest first.
SEPARATORS = ",;\t|"
#: The field that names the picture, and those that may hold its caption: the first that is there counts.
FILE_NAME, TEXTS = "file_name", ("text", "caption")
#: What is said of a text in another encoding, which is used all the same.
OTHER_ENCODING = "isn't UTF-8, and was read as Windows-1252"
#: Letters of Windows-1252 by what stands in their place in Latin-1.
_WESTERN = {each: bytes([each]).decode("cp1252", errors="ignore") or chr(each) for each in range(0x80, 0xA0)}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says: the caption of a file; or why it says nothing. Lines are numbered from 1.

    With a `fault` that `is_used`, the caption counts all the same.
    """

    line: int
    file_name: str = ""
    text: str = ""
    fault: str = ""

    @property
    def is_used(self) -> bool:
        """Whether it has a caption."""
        return bool(self.text)


def text_in(data: bytes) -> tuple[str, str]:
    """The text in a file, and what is to be said of its encoding, "" for UTF-8 and UTF-16."""
    try:
        if data.startswith(_WIDE):
            return data.decode("utf-16"), ""
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        if data.startswith(_WIDE):
            return data.decode("utf-16", errors="replace"), "isn't whole UTF-16"
        return _western(data), OTHER_ENCODING


def entries_of(file: IO[bytes], suffix: str) -> Iterator[Entry]:
    """What every line of an open listing says, in order; `suffix` says whether it is a table."""
    yield from _rows(file) if suffix == ".csv" else _objects(file)


def _western(data: bytes) -> str:
    """Windows-1252, with the five bytes that mean nothing in it as in Latin-1."""
    return data.decode("latin-1").translate(_WESTERN)


# -- metadata.jsonl


def _objects(file: IO[bytes]) -> Iterator[Entry]:
    told = False
    for number, raw in _lines(file):
        if raw is None:
            yield Entry(number, fault=f"is longer than {LINE_BYTES_MAX:,} bytes, as is no honest line")
            continue
        text, other = text_in(raw)
        if not text.strip():
            continue
        entry = _entry_of_json(number, text)
        if other and not entry.fault and not told:
            # Once is enough: a whole file is mostly in one encoding.
            told = True
            entry = Entry(number, entry.file_name, entry.text, other)
        yield entry


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Every line with its number, None in place of one that is too long."""
    start = file.peek(2)[:2] if isinstance(file, io.BufferedReader) else b""
    if start in _WIDE:
        file = io.BytesIO(text_in(file.read(WHOLE_BYTES_MAX))[0].encode(errors="replace"))
    read = number = 0
    while raw := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        read += len(raw)
        too_long = len(raw) > LINE_BYTES_MAX
        while len(raw) > LINE_BYTES_MAX and not raw.endswith(b"\n"):
            raw = file.readline(LINE_BYTES_MAX + 1)
            read += len(raw)
            if read > BYTES_MAX:
                break
        yield number, None if too_long else raw
        if read > BYTES_MAX:
            yield number + 1, None
            return


def _entry_of_json(number: int, text: str) -> Entry:
    try:
        value = parse_given(text)
    except ValueError:
        return Entry(number, fault="isn't JSON")
    if not isinstance(value, dict):
        return Entry(number, fault=f"is {_kind(value)}, not an object")
    return _entry(number, value)


# -- metadata.csv


def _rows(file: IO[bytes]) -> Iterator[Entry]:
    data = file.read(WHOLE_BYTES_MAX + 1)
    text, other = text_in(data[:WHOLE_BYTES_MAX])
    if other:
        yield Entry(1, fault=other)
    if len(data) > WHOLE_BYTES_MAX:
        yield Entry(1, fault=f"is longer than {WHOLE_BYTES_MAX // 2**20} MiB, and wasn't read to its end")
    before, text = _without_sep(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    heading: list[str] | None = None
    while True:
        number = before + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Entry(number, fault=f"isn't a row of a table: {error}")
            continue
        if not any(cell.strip() for cell in row):
            continue
        if heading is not None:
            yield _entry_of_row(number, heading, row)
            continue
        heading = [cell.strip().lower() for cell in row]
        if FILE_NAME not in heading:
            yield Entry(number, fault=f"the heading has no column {FILE_NAME}")
            return


def _entry_of_row(number: int, heading: list[str], row: list[str]) -> Entry:
    if any(cell.strip() for cell in row[len(heading) :]):
        return Entry(
            number,
            fault=f"has {len(row)} fields, the heading {len(heading)}: put texts with separators in quotes",
        )
    values: dict[str, str] = {}
    for name, cell in zip(heading, row, strict=False):
        values.setdefault(name, cell)
    return _entry(number, values)


def _separator(text: str) -> str:
    """What separates the fields of the heading: that with which one of them is `file_name`."""
    first = next((line for line in text.splitlines() if line.strip()), "").lower()
    cut = ((each, [name.strip().strip('"').strip() for name in first.split(each)]) for each in SEPARATORS)
    return next((each for each, names in cut if FILE_NAME in names and len(names) > 1), ",")


def _without_sep(text: str) -> tuple[int, str]:
    """The text without Excel's first line `sep=;`, and how many lines that took."""
    first, end, rest = text.partition("\n")
    return (1, rest) if end and first.strip().lower().startswith("sep=") else (0, text)


# -- what both say


def _entry(number: int, values: Mapping[str, Any]) -> Entry:
    field = next((each for each in TEXTS if each in values), "")
    if FILE_NAME not in values:
        return Entry(number, fault=f"has no {FILE_NAME}")
    if not field:
        return Entry(number, fault=f"has neither {' nor '.join(TEXTS)}")
    name, text = values[FILE_NAME], values[field]
    for called, value in ((FILE_NAME, name), (field, text)):
        if not isinstance(value, str):
            return Entry(number, fault=f"{called} is {_kind(value)}, not a text")
        if not value.strip():
            return Entry(number, fault=f"{called} is empty")
    if len(text) > LENGTH_MAX:
        return Entry(number, fault=f"{field} is longer than {LENGTH_MAX:,} characters")
    if any("\ud800" <= each <= "\udfff" for each in text):
        return Entry(number, fault=f"{field} has half of a character in it")
    return Entry(number, name, text.strip())


def _kind(value: object) -> str:
    kinds = {type(None): "null", bool: "true or false", list: "a list", dict: "an object", str: "a text"}
    return kinds.get(type(value), "a number")
