"""Manifest store: what a C2PA manifest store in a file of its own says about machine use.

Such a file (`photo.c2pa`) holds the boxes that would otherwise lie in the picture: JUMBF boxes (ISO 19566-5),
with assertions as CBOR (RFC 8949) or JSON in them. Only what is asserted is read. Neither hashes nor
signatures are checked, because what lies beside a picture can forbid its use and never allow it
(`credentials`). What isn't such a store, or holds a reservation that can't be read, may say anything.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from volenti.core.canonical import parse_given
from volenti.perception.rights.credentials import MINING_LABEL, Credentials, credentials_of

#: Boxes in boxes, and values in values: no honest store nests them deeper.
_DEPTH_MAX = 32
#: Boxes of a store, and values of an assertion.
_PARTS_MAX = 100_000
#: The kind of a description box of a manifest whose assertions are compressed, and of such a box.
_COMPRESSED = b"c2cm"


def store_credentials(data: bytes) -> Credentials:
    """What the manifests of a store assert; ValueError where it isn't one, or hides what may forbid a use."""
    assertions = []
    found_store = False
    for kind, label, content, body in _contents(data):
        if kind == _COMPRESSED or content == b"brob":
            raise ValueError("a compressed manifest")
        found_store |= kind in (b"c2ma", b"c2um", b"c2cl")
        is_mining = MINING_LABEL.search(label) is not None
        try:
            if content == b"cbor":
                assertions.append({"label": label, "data": from_cbor(body)})
            elif content == b"json":
                assertions.append({"label": label, "data": parse_given(body)})
            elif is_mining and content != b"jumd":
                raise ValueError("a reservation of an unknown kind")
        except (ValueError, IndexError, struct.error, OverflowError) as error:
            if is_mining:
                raise ValueError("a damaged reservation") from error
    if not found_store:
        raise ValueError("no manifest store")
    return credentials_of({"manifests": {"beside": {"assertions": assertions}}})


def _contents(data: bytes) -> Iterator[tuple[bytes, str, bytes, bytes]]:
    """Every box in a superbox: the superbox's kind and label, the box's type and its bytes.

    ValueError where a box doesn't end where it says.
    """
    left: list[tuple[bytes, str, bytes, int]] = [(b"", "", data, 0)]
    parts = 0
    while left:
        kind, label, inside, depth = left.pop()
        for name, body in _boxes(inside):
            parts += 1
            if depth > _DEPTH_MAX or parts > _PARTS_MAX:
                raise ValueError("nested too deeply")
            if name == b"jumb":
                left.append((*_described(body), depth + 1))
            elif name != b"jumd":
                yield kind, label, name, body
            else:
                # The description by itself says that such a box is there, whatever else is in it.
                yield kind, label, name, b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and bytes of each box, one after the other."""
    position = 0
    while position < len(data):
        head = data[position : position + 8]
        if len(head) < 8:
            raise ValueError("cut off")
        size, name, begins = int.from_bytes(head[:4]), head[4:], 8
        if size == 1:
            size, begins = int.from_bytes(data[position + 8 : position + 16]), 16
        size = size or len(data) - position
        if size < begins or position + size > len(data):
            raise ValueError("cut off")
        yield name, data[position + begins : position + size]
        position += size


def _described(superbox: bytes) -> tuple[bytes, str, bytes]:
    """Kind and label in a superbox's description box, and all of its boxes."""
    name, body = next(_boxes(superbox), (b"", b""))
    if name != b"jumd" or len(body) < 17:
        raise ValueError("a box without a description")
    label = body[17:].partition(b"\0")[0] if body[16] & 2 else b""
    return body[:4], label.decode(errors="replace"), superbox


class _Break(ValueError):
    """The end of a list, map or text whose length isn't said before."""


def from_cbor(data: bytes) -> Any:
    """The value of a CBOR item, as JSON would have it; ValueError or IndexError where it is damaged."""
    return _Cbor(data).item(0)


class _Cbor:
    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._parts = data, 0, 0

    def item(self, depth: int) -> Any:
        self._parts += 1
        if depth > _DEPTH_MAX or self._parts > _PARTS_MAX:
            raise ValueError("nested too deeply")
        major, extra = divmod(self._take(1)[0], 32)
        if major == 7:
            return self._simple(extra)
        length = self._number(extra)
        if major in (0, 1):
            return length if major == 0 else -1 - (length or 0)
        if major in (2, 3):
            parts = (
                [self._take(length)]
                if length is not None
                else [_bytes(each) for each in self._items(None, depth)]
            )
            whole = b"".join(parts)
            return whole.decode(errors="replace") if major == 3 else whole.hex()
        if major == 4:
            return list(self._items(length, depth))
        if major == 5:
            flat = list(self._items(None if length is None else 2 * length, depth))
            return {str(key): value for key, value in zip(flat[::2], flat[1::2], strict=True)}
        return self.item(depth + 1)  # a tag says how to understand what follows

    def _items(self, count: int | None, depth: int) -> Iterator[Any]:
        while count is None or count > 0:
            try:
                yield self.item(depth + 1)
            except _Break:
                if count is None:
                    return
                raise
            count = None if count is None else count - 1

    def _simple(self, extra: int) -> Any:
        if extra == 31:
            raise _Break("the end of nothing")
        if extra in (25, 26, 27):
            kind, size = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}[extra]
            return struct.unpack(kind, self._take(size))[0]
        value = self._number(extra)
        return {20: False, 21: True}.get(value if value is not None else -1)

    def _number(self, extra: int) -> int | None:
        """The number after an item's first byte; None where the length isn't said."""
        if extra < 24:
            return extra
        if extra == 31:
            return None
        if extra > 27:
            raise ValueError("no such item")
        return int.from_bytes(self._take(1 << (extra - 24)))

    def _take(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise ValueError("cut off")
        self._at += size
        return self._data[self._at - size : self._at]


def _bytes(part: Any) -> bytes:
    return part.encode() if isinstance(part, str) else b""
