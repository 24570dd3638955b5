"""Canary: a byte string that no file may contain once a person was erased; the search for many of them.

Everybody's record holds 16 random bytes, written as 32 hexadecimal digits (`consent.register.CANARY`).
Searching for thousands of those takes as long as searching for a few: 32 digits in a row cover at least
two neighbours among every sixteenth place of a file, so the search looks closer only where two such
neighbours are digits. Any other string is searched for by itself.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volenti.core.progress import Progress, track

DIGITS = 32
_RECORDED = re.compile(rb"[0-9a-f]{%d}" % DIGITS)
_STEP = DIGITS // 2
#: Bytes that are searched at once.
_PIECE = 2**26
_IS_DIGIT = np.zeros(256, bool)
_IS_DIGIT[list(b"0123456789abcdef")] = True


class Canaries:
    """Byte strings to search for; an empty one is never found."""

    def __init__(self, strings: Sequence[bytes]) -> None:
        self._recorded: dict[bytes, list[int]] = {}
        self._others: list[tuple[int, bytes]] = []
        for number, string in enumerate(strings):
            if _RECORDED.fullmatch(string):
                self._recorded.setdefault(string, []).append(number)
            elif string:
                self._others.append((number, string))

    def found_in(self, path: Path) -> list[int]:
        """Numbers of the strings that occur in a file."""
        if path.stat().st_size == 0:
            return []
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            found = {number for number, string in self._others if view.find(string) >= 0}
            if self._recorded:
                for begin in range(0, len(view), _PIECE):
                    # Pieces overlap, so that a string that lies across an edge is whole in one of them.
                    found |= self._recorded_in(view[begin : begin + _PIECE + DIGITS])
        return sorted(found)

    def scan(self, folder: Path, progress: Progress) -> Iterator[tuple[Path, int, list[int]]]:
        """Every file below a folder, with its bytes and the numbers of the strings that occur in it.

        Files that another command takes away meanwhile are passed over.
        """
        total = sum(1 for _ in _files(folder))
        for path in track(progress, "Scanning every byte", _files(folder), total):
            with suppress(FileNotFoundError):
                found = path, path.stat().st_size, self.found_in(path)
                yield found

    def _recorded_in(self, data: bytes) -> set[int]:
        found: set[int] = set()
        for place in _suspects(data).tolist():
            for begin in range(max(0, place - _STEP + 1), place + 1):
                found.update(self._recorded.get(data[begin : begin + DIGITS], ()))
        return found


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, folder by folder."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(place, name)).is_file())


def _suspects(data: bytes) -> NDArray[np.intp]:
    """Places at which, or at most 15 bytes before which, 32 hexadecimal digits in a row may begin."""
    sampled = _IS_DIGIT[np.frombuffer(data, np.uint8)[_STEP - 1 :: _STEP]]
    return np.flatnonzero(sampled[:-1] & sampled[1:]) * _STEP + _STEP - 1
