"""Packs in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from volenti.core.errors import IntegrityError
from volenti.vault.ports import Location


class MemoryPackStore:
    """PackStore over a dict of byte arrays."""

    def __init__(self) -> None:
        self._packs: dict[tuple[str, str], bytearray] = {}

    def append(self, prefix: str, pack: str, data: bytes) -> Location:
        content = self._packs.setdefault((prefix, pack), bytearray())
        content += data
        return Location(prefix, pack, len(content) - len(data), len(data))

    def read(self, location: Location) -> bytes:
        content = self._packs.get((location.prefix, location.pack), bytearray())
        data = bytes(content[location.offset : location.offset + location.length])
        if len(data) != location.length:
            raise IntegrityError("A pack is missing or too short.", "Run `volenti audit`.")
        return data

    def flush(self) -> None:
        pass

    def blank(self, location: Location) -> None:
        content = self._packs.get((location.prefix, location.pack), bytearray())
        end = min(location.offset + location.length, len(content))
        content[location.offset : end] = bytes(max(0, end - location.offset))

    def remove_packs(self, prefix: str, packs: Iterable[str]) -> int:
        return sum(len(self._packs.pop((prefix, pack), b"")) for pack in packs)

    def remove(self, prefix: str) -> int:
        names = [pack for owner, pack in self._packs if owner == prefix]
        return self.remove_packs(prefix, names)

    def prefixes(self) -> Iterator[str]:
        return iter(sorted({prefix for prefix, _ in self._packs}))

    def packs(self, prefix: str) -> Iterator[str]:
        return iter(sorted(pack for owner, pack in self._packs if owner == prefix))

    def size(self, prefix: str) -> int:
        return sum(len(content) for (owner, _), content in self._packs.items() if owner == prefix)
