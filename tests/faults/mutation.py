"""Pictures damaged in the ways files get damaged, and by those who mean harm; one a seed.

A mutation is a function of its seed and of the files it draws from: whatever goes wrong
can be repeated from the number alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

#: Bytes of a file from which on it isn't drawn: two thousand of them would be decoding only.
SOURCE_BYTES_MAX = 3 * 2**20

#: Where formats keep sizes, counts and offsets: their first bytes, and what follows these marks.
HEADER = 64
MARKS = (
    b"IHDR",
    b"acTL",
    b"fcTL",
    b"\xff\xc0",
    b"\xff\xc2",
    b"\xff\xe1",
    b"VP8 ",
    b"VP8L",
    b"VP8X",
    b"ANMF",
    b"ispe",
    b"II*\0",
    b"MM\0*",
    b"GIF8",
    b"iCCP",
    b"Exif",
)

#: Values that break arithmetic.
EXTREMES = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\0\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\1",
)


def sources(shared: Path) -> list[Path]:
    """The files that mutations are made of, in a fixed order."""
    folders = ("broken", "metadata", "portraits/images", "cast/images", "scenes")
    files: list[Path] = []
    for folder in folders:
        found = sorted(path for path in (shared / folder).iterdir() if path.is_file())
        files += found if folder in ("broken", "metadata") else found[::20]
    return [path for path in files if path.stat().st_size <= SOURCE_BYTES_MAX]


def mutated(seed: int, files: Sequence[Path]) -> bytes:
    """The damaged file of a seed."""
    draw = random.Random(seed)
    data = bytearray(draw.choice(files).read_bytes())
    other = draw.choice(files).read_bytes()
    for _ in range(draw.choice((1, 1, 2, 4))):
        data = draw.choice(_WAYS)(data, other, draw)
    return bytes(data)


def _bits(data: bytearray, _: bytes, draw: random.Random) -> bytearray:
    for _number in range(draw.choice((1, 4, 64))):
        if data:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data


def _cut(data: bytearray, _: bytes, draw: random.Random) -> bytearray:
    return data[: draw.randrange(len(data) + 1)]


def _hole(data: bytearray, _: bytes, draw: random.Random) -> bytearray:
    start = draw.randrange(len(data) + 1)
    del data[start : start + draw.choice((1, 2, 16, 400))]
    return data


def _repeated(data: bytearray, _: bytes, draw: random.Random) -> bytearray:
    start = draw.randrange(len(data) + 1)
    piece = data[start : start + draw.choice((2, 30, 2000))]
    data[start:start] = piece * draw.choice((1, 3, 50))
    return data


def _spliced(data: bytearray, other: bytes, draw: random.Random) -> bytearray:
    place, start = draw.randrange(len(data) + 1), draw.randrange(len(other) + 1)
    return data[:place] + other[start:]


def _pasted(data: bytearray, other: bytes, draw: random.Random) -> bytearray:
    start, length = draw.randrange(len(other) + 1), draw.choice((8, 200, 5000))
    place = draw.randrange(len(data) + 1)
    data[place : place + length] = other[start : start + length]
    return data


def _header(data: bytearray, _: bytes, draw: random.Random) -> bytearray:
    for _number in range(draw.choice((1, 2, 6))):
        if data:
            data[draw.randrange(min(HEADER, len(data)))] = draw.choice(
                (0, 1, 127, 128, 255, draw.randrange(256))
            )
    return data


def _field(data: bytearray, _: bytes, draw: random.Random) -> bytearray:
    """An extreme number behind one of the marks that the file has."""
    places = [place for mark in MARKS if (place := data.find(mark)) >= 0]
    if places:
        place = draw.choice(places) + draw.randrange(2, 16)
        value = draw.choice(EXTREMES)[: draw.choice((2, 4))]
        data[place : place + len(value)] = value
    return data


_WAYS: tuple[Callable[[bytearray, bytes, random.Random], bytearray], ...] = (
    _bits,
    _cut,
    _hole,
    _repeated,
    _spliced,
    _pasted,
    _header,
    _field,
    _field,
)
