"""C2PA manifest stores, made box by box for tests."""

from __future__ import annotations

import json
import struct
from typing import Any

_END = bytes.fromhex("00110010800000aa00389b71")


def store(*assertions: bytes, kind: bytes = b"c2ma") -> bytes:
    """A store with one manifest that makes these assertions."""
    manifest = superbox(kind, "urn:c2pa:1", superbox(b"c2as", "c2pa.assertions", *assertions))
    return superbox(b"c2pa", "c2pa", manifest)


def assertion(label: str, data: Any, kind: bytes = b"cbor") -> bytes:
    """An assertion as CBOR, as JSON, or as bytes of another kind."""
    body = {b"cbor": cbor, b"json": lambda value: json.dumps(value).encode()}.get(kind, lambda _: b"??")(data)
    return superbox(kind, label, box(kind, body))


def superbox(kind: bytes, label: str, *inside: bytes) -> bytes:
    """A JUMBF superbox with its description."""
    return box(b"jumb", box(b"jumd", kind + _END + b"\3" + label.encode() + b"\0") + b"".join(inside))


def box(kind: bytes, body: bytes) -> bytes:
    """A box of a type."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def cbor(value: Any) -> bytes:
    """A value of JSON as CBOR."""
    if value is None or isinstance(value, bool):
        return bytes([{None: 0xF6, True: 0xF5, False: 0xF4}[value]])
    if isinstance(value, int):
        number, major = (value, 0) if value >= 0 else (-1 - value, 1)
        return _head(major, number) if number < 2**64 else cbor(str(value))
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode(errors="replace")
        return _head(3, len(text)) + text
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    return _head(5, len(value)) + b"".join(cbor(str(key)) + cbor(inner) for key, inner in value.items())


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    size = next(each for each in (0, 1, 2, 3) if number < 1 << (8 << each))
    return bytes([major << 5 | 24 + size]) + number.to_bytes(1 << size)
