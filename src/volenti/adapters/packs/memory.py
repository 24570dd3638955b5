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
        """Add `data` at the end of a pack; returns where it lies."""
        content = self._packs.setdefault((prefix, pack), bytearray())
        content += data
        return Location(prefix, pack, len(content) - len(data), len(data))

    def read(self, location: Location) -> bytes:
        """The bytes at a location; IntegrityError where the pack is missing or too short."""
        content = self._packs.get((location.prefix, location.pack), bytearray())
        data = bytes(content[location.offset : location.offset + location.length])
        if len(data) != location.length:
            raise IntegrityError("A pack is missing or too short.", "Run `volenti audit`.")
        return data

    def flush(self) -> None:
        """Nothing to do: packs in memory end with the process."""

    def blank(self, location: Location) -> None:
        """Overwrite the bytes at a location with zeros; what isn't there is fine."""
        content = self._packs.get((location.prefix, location.pack), bytearray())
        end = min(location.offset + location.length, len(content))
        content[location.offset : end] = bytes(max(0, end - location.offset))

    def remove_blank(self, prefix: str, pack: str) -> int:
        """Drop a pack in which everything was overwritten; returns the bytes freed, 0 where it has others."""
        return 0 if any(self._packs.get((prefix, pack), b"")) else self.remove_packs(prefix, [pack])

    def remove_packs(self, prefix: str, packs: Iterable[str]) -> int:
        """Drop packs; returns the bytes freed. What isn't there is fine."""
        return sum(len(self._packs.pop((prefix, pack), b"")) for pack in packs)

    def remove(self, prefix: str) -> int:
        """Drop all packs under the prefix; returns the bytes freed."""
        names = [pack for owner, pack in self._packs if owner == prefix]
        return self.remove_packs(prefix, names)

    def prefixes(self) -> Iterator[str]:
        """Every prefix that has a pack, sorted."""
        return iter(sorted({prefix for prefix, _ in self._packs}))

    def packs(self, prefix: str) -> Iterator[str]:
        """Names of the packs under a prefix, sorted."""
        return iter(sorted(pack for owner, pack in self._packs if owner == prefix))

    def size(self, prefix: str) -> int:
        """Bytes of all packs under the prefix."""
        return sum(len(content) for (owner, _), content in self._packs.items() if owner == prefix)
