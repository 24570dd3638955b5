"""Maker's note: whether the private block of a camera maker names the camera or its owner.

The blocks aren't specified anywhere; their layout is known from cameras. Those that are a TIFF directory are
read: Canon, Nikon (from type 2 on), Fujifilm, Panasonic and Pentax. Only whether a field is filled in is
told, never its value. Blocks that aren't read are removed with all other metadata before a picture is handed
on (`stripping`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

#: Maker -> tag -> what it identifies.
FIELDS: dict[str, dict[int, str]] = {
    "canon": {
        0x0009: "owner",
        0x000C: "camera serial number",
        0x0096: "camera serial number",
    },
    "nikon": {0x001D: "camera serial number", 0x00A0: "camera serial number"},
    "fujifilm": {0x0010: "camera serial number"},
    "panasonic": {0x0025: "camera serial number", 0x0052: "lens serial number"},
    "pentax": {0x0229: "camera serial number"},
}
#: Bytes of one value, by TIFF type.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_ASCII = 2
_ENTRIES_MAX = 512


@dataclass(frozen=True, slots=True)
class _Directory:
    """Where a note's directory is: its offset, its byte order, and what offsets in it are counted
    from (None: from the start of the EXIF block, which lies before the note)."""

    maker: str
    start: int
    order: str
    base: int | None


def identity_in(note: bytes, make: str = "") -> tuple[str, ...]:
    """The kinds of identifying fields that a note holds. make: the EXIF tag Make."""
    found: dict[str, None] = {}
    for directory in _directories(note, make):
        try:
            entries = list(_entries(note, directory))
        except struct.error:
            continue
        fields = FIELDS[directory.maker]
        for tag, kind, value in entries:
            if tag in fields and _says_something(kind, value):
                found[fields[tag]] = None
        if entries:
            break
    return tuple(found)


def _directories(note: bytes, make: str) -> Iterator[_Directory]:
    """The places where a directory may be, by the name that the note begins with, or the maker's."""
    if note.startswith(b"FUJIFILM"):
        yield _Directory("fujifilm", int.from_bytes(note[8:12], "little"), "<", 0)
    elif note.startswith(b"Nikon\0\2"):
        order = ">" if note[10:12] == b"MM" else "<"
        yield _Directory("nikon", 18, order, 10)
    elif note.startswith(b"Panasonic\0"):
        yield _Directory("panasonic", 12, "<", None)
    elif note.startswith(b"AOC\0"):
        yield from (_Directory("pentax", 6, order, None) for order in "><")
    elif make.strip().lower().startswith("canon"):
        yield from (_Directory("canon", 0, order, None) for order in "<>")


def _says_something(kind: int, value: bytes) -> bool:
    # Text ends at its first zero byte; what follows is what was in the camera's memory.
    text = value.partition(b"\0")[0] if kind == _ASCII else value
    return bool(text.strip(b"\0 \xff"))


def _entries(note: bytes, directory: _Directory) -> Iterator[tuple[int, int, bytes]]:
    """Tags, types and values. Raises struct.error where there can't be a directory; a value that lies
    outside of the note counts as filled in."""
    order, start = directory.order, directory.start
    (count,) = struct.unpack_from(f"{order}H", note, start)
    if not 0 < count <= _ENTRIES_MAX:
        raise struct.error
    raw = [struct.unpack_from(f"{order}HHI4s", note, start + 2 + 12 * i) for i in range(count)]
    if any(kind not in _SIZES for _, kind, _, _ in raw[:4]):
        raise struct.error
    end = start + 2 + 12 * count + 4
    outside = [
        struct.unpack(f"{order}I", value)[0]
        for _, kind, number, value in raw
        if number * _SIZES.get(kind, 1) > 4
    ]
    # Values follow the directory, so the first of them tells what offsets are counted from.
    base = directory.base if directory.base is not None else end - min(outside, default=end)
    for tag, kind, number, value in raw:
        size = number * _SIZES.get(kind, 1)
        if size > 4:
            at = base + struct.unpack(f"{order}I", value)[0]
            value = note[at : at + min(size, 4096)] if 0 <= at < len(note) else b"?"
        yield tag, kind, value
