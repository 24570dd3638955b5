"""Forged certificates: each field of one changed, in several ways. Both verifiers read it."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

from volenti.core.canonical import Json


def forged(certificate: Json) -> Iterator[tuple[str, bytes]]:
    """(what was changed, the document) of each forgery of a personal copy of a certificate."""
    for path in _paths(certificate):
        yield f"edited {path}", _printed(_with(certificate, path, _edited))
        yield f"without {path}", _printed(_without(certificate, path))
        yield f"of another type {path}", _printed(_with(certificate, path, lambda _: 7))
    statement = json.loads(base64.b64decode(certificate["payload"]))
    for path in _paths(statement):
        # What is stated, changed, with the signature as it was.
        said = json.dumps(_with(statement, path, _edited), sort_keys=True, separators=(",", ":")).encode()
        yield (
            f"stated otherwise {path}",
            _printed({**certificate, "payload": base64.b64encode(said).decode()}),
        )
    spaced = base64.b64encode(json.dumps(statement).encode()).decode()
    yield "stated in another form", _printed({**certificate, "payload": spaced})
    yield "with a field more", _printed({**certificate, "remark": "true"})
    yield "with two signatures", _printed({**certificate, "signatures": certificate["signatures"] * 2})
    unused = certificate["signatures"][0]["sig"]
    yield (
        "with unused bits of base64",
        _printed(_with(certificate, ("signatures", 0, "sig"), lambda _: _other_bits(unused))),
    )
    proof = certificate["transparency"]["proof"]
    for number, line in enumerate(proof.split("\n")):
        if line:
            lines = proof.split("\n")
            lines[number] = _edited(line)
            said = "\n".join(lines)
            yield f"proof's line {number} edited", _printed(_put(certificate, "proof", said))
    upper = certificate["transparency"]["opening"]["key"].upper()
    entry = {**certificate["transparency"]["opening"], "key": upper}
    yield "the entry's key in capitals", _printed(_put(certificate, "opening", entry))
    yield "nested deeply", b'{"payload":' + b"[" * 100 + b"]" * 100 + b"}"
    for junk in (b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"payload": 1}'):
        yield f"junk {junk!r}", junk


def _put(certificate: Json, field: str, value: Any) -> Json:
    return {**certificate, "transparency": {**certificate["transparency"], field: value}}


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each field, and to each element of a list."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*path, name)
        yield from _paths(each, (*path, name))


def _edited(value: Any) -> Any:
    if isinstance(value, str):
        if not value:
            return "x"
        middle = len(value) // 2
        return value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return [*value, 1]
    return {**value, "another": 1}


def _with(value: Any, path: tuple[Any, ...], change: Any) -> Any:
    made = copy.deepcopy(value)
    inner = made
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = change(inner[path[-1]])
    return made


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    made = copy.deepcopy(value)
    inner = made
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return made


def _other_bits(text: str) -> str:
    """The same bytes in base64 whose unused bits aren't 0: 64 bytes leave four of them in the last letter."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    return body[:-1] + letters[letters.index(body[-1]) + 1] + text[len(body) :]


def _printed(value: Any) -> bytes:
    return json.dumps(value).encode()
