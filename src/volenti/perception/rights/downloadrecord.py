"""Download record: what a program wrote in JSON beside a picture.

A downloader writes an object with `headers` or `response_headers` (an object, pairs, or the lines as text)
and `url`; `exiftool -j` writes a list with one object of the fields that it read, often as words instead of
the vocabulary's values. Keys count in any letter case, with or without a group before them
(`XMP-plus:DataMining`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from volenti.core.canonical import parse_given
from volenti.perception.rights.headers import FIELDS, field, header_lines
from volenti.perception.rights.optouts import CONSTRAINTS, IN_WORDS
from volenti.perception.rights.reservation import data_mining_in, worded
from volenti.perception.rights.usageterms import speaks_of_machines

#: Characters of a web address; a longer one isn't taken for one.
ADDRESS_MAX = 8192

_HEADERS = {"headers", "responseheaders", "httpheaders"}
#: Headers by names that programs give them, as `_plain` writes them.
_FIELDS = {re.sub(r"\W", "", name): name for name in FIELDS} | {"robots": "x-robots-tag"}
#: Fields about rights that hold plain words.
_TERMS = {
    *("rights", "usageterms", "copyright", "copyrightnotice", "license", "licence", "terms", "instructions"),
    *("specialinstructions", "termsandconditionstext", "otherconditions", "otherlicenserequirements"),
}


@dataclass(frozen=True, slots=True)
class DownloadRecord:
    """Headers, as `headers.header_lines` gives them; the picture's address; and statements."""

    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    statements: tuple[str, ...] = ()


def download_record(text: str) -> DownloadRecord | None:
    """What such a record says; None where the text isn't JSON."""
    try:
        parse_given(text)
    except ValueError:
        return None
    # Once more, now that nothing in it is nested too deeply: of a name that stands there twice, both count.
    body = json.loads(text, object_pairs_hook=_every_value)
    headers: list[tuple[str, str]] = []
    statements: list[str] = []
    address = ""
    for each in body if isinstance(body, list) else [body]:
        if not isinstance(each, dict):
            continue
        for name, value in each.items():
            plain = _plain(name)
            if plain in _HEADERS:
                headers += _pairs(value)
            elif plain in _FIELDS:
                headers += _flat([(_FIELDS[plain], value)])
            elif plain == "url" and isinstance(value, str) and len(value) <= ADDRESS_MAX:
                address = address or value
            else:
                statements += _statements(plain, value)
    return DownloadRecord(tuple(headers), address, tuple(dict.fromkeys(statements)))


def _every_value(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        both = [*_listed(found[name]), *_listed(value)] if name in found else value
        found[name] = both
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.rpartition(":")[2]).lower()


def _statements(name: str, value: Any) -> Iterator[str]:
    texts = [text for _, text in _flat([(name, value)]) if text.strip()]
    for text in texts:
        if name == "datamining":
            yield from (worded(each, ".json") for each in data_mining_in(text))
        elif name == "otherconstraints":
            yield worded(CONSTRAINTS, ".json")
        elif name in _TERMS and speaks_of_machines(text):
            yield worded(IN_WORDS, ".json")


def _pairs(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return header_lines(value)
    if isinstance(value, dict):
        named = "name" in value and "value" in value
        return list(_flat([(value["name"], value["value"])] if named else list(value.items())))
    if isinstance(value, list):
        pairs = [(each[0], each[1]) for each in value if isinstance(each, list) and len(each) == 2]
        lines = [each for each in value if isinstance(each, str)]
        objects = [pair for each in value if isinstance(each, dict) for pair in _pairs(each)]
        return [*_flat(pairs), *objects, *header_lines("\n".join(lines))]
    return []


def _flat(pairs: list[tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    """Names, as `headers.field`, each with every one of its values as text; null is no value."""
    for name, value in pairs:
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield field(str(name)), str(each)
