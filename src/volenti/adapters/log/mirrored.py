"""A log store that keeps a second copy of everything it writes, for the day its disk breaks.

A log that is restored from a backup alone would go on from the backup's state, and write other entries in
the places of those that were signed since: whoever kept a later checkpoint would see a fork. The mirror is
never behind the log it copies. Where the mirror is ahead, the log was put back to an earlier state, and
nothing is written until that is repaired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from volenti.adapters.log.files import FileLogStore
from volenti.adapters.mirror import Mirror
from volenti.transparency.copy import check_copy
from volenti.transparency.ports import LogStore
from volenti.transparency.problem import CHECKPOINT_PATH


class MirroredLogStore:
    """A `LogStore` over another one; it writes and removes everything in the mirror's folder too."""

    def __init__(self, store: LogStore, mirror: Mirror, name: str) -> None:
        """name: the name of the log's folder in the mirror."""
        self._store = store
        self._place, self._name = mirror, name
        self._mirror = FileLogStore(mirror.place / name)

    def read(self, path: str) -> bytes | None:
        """The file's content in the store, or None; the mirror isn't read."""
        return self._store.read(path)

    def write(self, path: str, data: bytes) -> None:
        """Write to the store, then to the mirror; StorageError where the mirror isn't there."""
        self._place.folder(self._name)
        # The mirror is written last, so that it never has an entry that the log lacks.
        self._store.write(path, data)
        self._mirror.write(path, data)

    def remove(self, path: str) -> None:
        """Unlink the file in the store, then in the mirror. Absent is fine."""
        self._store.remove(path)
        self._mirror.remove(path)

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Paths in the store that begin with `prefix`, sorted."""
        return self._store.paths(prefix)

    def remembered(self) -> Sequence[str]:
        """The signed checkpoint in the mirror; empty where it has none."""
        signed = self._mirror.read(CHECKPOINT_PATH)
        return () if signed is None else (signed.decode(errors="replace"),)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's lock; IntegrityError where the mirror is ahead or has another history."""
        # Checked before the caller stores anything, because what is stored has to be logged.
        self._place.folder(self._name)
        with self._store.lock():
            check_copy(self._store, self._mirror, str(self._place.place / self._name))
            yield
