"""Download record: what a program wrote in JSON beside a picture.

A record is an object, or a list of objects. One of a downloader has `headers` (an object, pairs, or the lines
as text) and `url`; `exiftool -j` writes the fields that it read, also by group, and often as words instead of
the vocabulary's values. Fields of opt-outs, headers and words count at whatever depth they stand, in any
letter case, with or without a group before their names (`XMP-plus:DataMining`) or around them.

A field with null in it isn't there. Whatever else stands where headers or a field's value should be, and
isn't understood as such, may say anything, and so may JSON that isn't a record (`5`, `"noai"`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from volenti.core.canonical import parse_given
from volenti.perception.rights import properties as named
from volenti.perception.rights.headers import FIELDS, field, header_lines, is_headers, mentions_field
from volenti.perception.rights.optouts import CONSTRAINTS, IN_WORDS
from volenti.perception.rights.reservation import (
    ENTRIES,
    UNKNOWN_VALUE,
    MiningEntry,
    data_mining_in,
    tdm_statement,
    worded,
)
from volenti.perception.rights.usageterms import forbids_machines, is_field_of_rights, speaks_of_machines

#: Characters of a web address; a longer one isn't taken for one.
ADDRESS_MAX = 8192

_HEADERS = {"headers", "responseheaders", "httpheaders", "httpresponseheaders", "rawheaders"}
#: Names of a pair's two halves, where it is an object.
_PAIR = ({"name", "key", "header"}, {"value"})
#: Names of files and identifiers, which are no words.
_NAMES = {"sourcefile", "filename", "file", "directory", "path", "filepath", "key", "id", "url"}
#: Fields about rights that `is_field_of_rights` doesn't tell by their names.
_TERMS = {"instructions", "specialinstructions", "otherconditions"}
#: Characters of a name that are looked at.
_NAME_MAX = 256
#: Text that holds JSON of its own is read to this depth: img2dataset keeps EXIF so.
_TEXTS_IN_TEXTS = 2


@dataclass(frozen=True, slots=True)
class DownloadRecord:
    """Headers, as `headers.header_lines` gives them; the picture's address; statements; and whether all of it
    could be understood as what its place says it is."""

    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    statements: tuple[str, ...] = ()
    is_understood: bool = True


def download_record(text: str) -> DownloadRecord | None:
    """What such a record says; None where the text isn't JSON."""
    try:
        parse_given(text)
    except ValueError:
        return None
    reader = _Reader()
    reader.read(_parsed(text))
    said = tuple(dict.fromkeys(reader.statements))
    return DownloadRecord(tuple(reader.headers), reader.address, said, reader.is_understood)


def _parsed(text: str) -> Any:
    """JSON that isn't nested too deeply; of a name that stands there twice, both values count."""
    return json.loads(text, object_pairs_hook=every_value)


def every_value(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these names and values; the values of a name that stands there twice as a list."""
    found: dict[str, Any] = {}
    twice: dict[str, list[Any]] = {}
    for name, value in pairs:
        if name in twice:
            twice[name].append(value)
        elif name in found:
            found[name] = twice[name] = [found[name], value]
        else:
            found[name] = value
    return found


class _Reader:
    """Reads one file's records."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.statements: list[str] = []
        self.address = ""
        self.is_understood = True
        self._texts = 0

    def read(self, body: Any) -> None:
        if isinstance(body, dict):
            self._object(body, "", of_rights=False)
        elif isinstance(body, list):
            for each in body:
                self.read(each)
        else:
            self.is_understood = False

    def _object(self, body: dict[str, Any], group: str, *, of_rights: bool) -> None:
        for name, value in body.items():
            if value is not None:
                self._field(name[:_NAME_MAX], value, group, of_rights=of_rights)

    def _field(self, name: str, value: Any, group: str, *, of_rights: bool) -> None:
        before, _, local = name.rpartition(":")
        plain = re.sub(r"[\W_]", "", local).lower()
        if plain in _HEADERS:
            self._headers(value)
        elif (header := field(local)) in FIELDS:
            self.headers += [(header, each) for each in _leaves(value)]
        elif _entry(local) and isinstance(value, dict) and "use" in value:
            use = value["use"] if isinstance(value["use"], str) else ""
            self.statements.append(worded(str(MiningEntry(_entry(local), use)), ".json"))
        elif opt_out := named.asked_as(f"{{{before or group}}}{local}"):
            if opt_out == named.MACHINES and _is_group(local, value):
                self._object(value, local, of_rights=of_rights)
            else:
                self._opt_out(opt_out, value)
        elif "rightsexpr" in plain:
            self.statements.append(worded(CONSTRAINTS, ".json"))
        else:
            if plain == "url" and isinstance(value, str) and len(value) <= ADDRESS_MAX:
                self.address = self.address or value
            is_terms = of_rights or plain in _TERMS or is_field_of_rights(local)
            self._value(value, local, is_terms, is_words=plain not in _NAMES)

    def _value(self, value: Any, name: str, of_rights: bool, is_words: bool) -> None:
        """Whatever stands in a field that isn't about machines by its name."""
        if isinstance(value, dict):
            self._object(value, name, of_rights=of_rights)
        elif isinstance(value, list):
            for each in value:
                self._value(each, name, of_rights, is_words)
        elif isinstance(value, str):
            if mentions_field(value):
                self._headers(value)
            elif (of_rights and speaks_of_machines(value)) or (is_words and forbids_machines(value)):
                self.statements.append(worded(IN_WORDS, ".json"))
            if value.lstrip()[:1] in ("{", "["):
                self._text(value)

    def _text(self, text: str) -> None:
        """A text that may be JSON of its own."""
        try:
            parse_given(text)
        except ValueError:
            return
        if self._texts < _TEXTS_IN_TEXTS and isinstance(body := _parsed(text), dict):
            self._texts += 1
            self._object(body, "", of_rights=False)
            self._texts -= 1

    def _opt_out(self, name: str, value: Any) -> None:
        for text in _leaves(value):
            said: tuple[str, ...]
            if name == named.DATA_MINING:
                said = data_mining_in(text)
            elif name == named.TDM:
                said = tuple(filter(None, [tdm_statement(text)]))
            else:
                said = (CONSTRAINTS if name == named.OTHER_CONSTRAINTS else UNKNOWN_VALUE,)
            self.statements += [worded(each, ".json") for each in said]

    def _headers(self, value: Any) -> None:
        """Headers in each of the forms that programs give them: an object, pairs, objects, or lines."""
        if isinstance(value, dict):
            names, values = ([each for each in value if each.lower() in half] for half in _PAIR)
            if names and values:
                self._field(str(value[names[0]])[:_NAME_MAX], value[values[0]], "", of_rights=False)
            else:
                self._object(value, "", of_rights=False)
        elif isinstance(value, list):
            self._lines("\n".join(each for each in value if isinstance(each, str)))
            for each in value:
                if isinstance(each, list) and len(each) == 2 and isinstance(each[0], str):
                    self._object({each[0]: each[1]}, "", of_rights=False)
                elif not isinstance(each, str):
                    self._headers(each)
        elif isinstance(value, str):
            self._lines(value)
        else:
            self.is_understood = False

    def _lines(self, text: str) -> None:
        self.headers += header_lines(text)
        if text.strip() and not is_headers(text):
            self.is_understood = False


def _is_group(name: str, value: Any) -> bool:
    """Whether what a name about machines is the name of are fields that are known by themselves."""
    return (
        isinstance(value, dict) and bool(value) and all(named.asked_as(f"{{{name}}}{each}") for each in value)
    )


def _entry(name: str) -> str:
    """The entry of a training and data mining assertion that a field is named after; "" for another name."""
    local = name.rpartition(".")[2]
    return local if local in ENTRIES else ""


def _leaves(value: Any) -> Iterator[str]:
    """Every text, number and truth value in a value, as text; "" where there is none."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inside is None:
        yield "" if value is None else str(value)
    elif not inside:
        yield ""
    else:
        for each in inside:
            yield from _leaves(each)
