"""A log store that keeps a second copy of everything it writes, for the day its disk breaks.

A log brought back from a backup would go on from where it was then, with other entries in the places of
those that were signed since: whoever remembers one of them would see a fork. A mirror is never behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from volenti.adapters.log_files import FileLogStore
from volenti.core.errors import StorageError
from volenti.transparency.ports import LogStore


class MirroredLogStore:
    """LogStore over another; what is written or removed there is in the mirror's folder too."""

    def __init__(self, store: LogStore, mirror: Path) -> None:
        self._store = store
        self._folder = mirror
        self._mirror = FileLogStore(mirror)

    def read(self, path: str) -> bytes | None:
        return self._store.read(path)

    def write(self, path: str, data: bytes) -> None:
        if not self._folder.is_dir():
            raise StorageError(f"The mirror of a log, {self._folder}, isn't there.", "Mount it, then repeat.")
        # The mirror last: it never says more than the log does.
        self._store.write(path, data)
        self._mirror.write(path, data)

    def remove(self, path: str) -> None:
        self._store.remove(path)
        self._mirror.remove(path)

    def paths(self, prefix: str = "") -> Iterator[str]:
        return self._store.paths(prefix)

    def lock(self) -> AbstractContextManager[None]:
        return self._store.lock()
