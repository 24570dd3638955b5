"""A log store that keeps a second copy of everything it writes, for the day its disk breaks.

A log that is restored from a backup alone would go on from the backup's state, and write other entries in
the places of those that were signed since: whoever kept a later checkpoint would see a fork. While the mirror
can be written to, it is never behind the log it copies; where it was away, it gets what it lacks before the
next entry. Where the mirror is ahead, or has another history, the log was put back to an earlier state, or
another copy of the workspace writes there too: nothing is written until that is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from volenti.adapters.log.files import FileLogStore
from volenti.adapters.mirror import Mirror
from volenti.core.errors import StorageError
from volenti.transparency.copy import bring_up
from volenti.transparency.ports import LogStore
from volenti.transparency.problem import CHECKPOINT_PATH


class MirroredLogStore:
    """A `LogStore` over another one; it writes and removes everything in the mirror's folder too."""

    def __init__(self, store: LogStore, mirror: Mirror, name: str) -> None:
        """name: the name of the log's folder in the mirror."""
        self._store = store
        self._place, self._name = mirror, name
        self._mirror = FileLogStore(mirror.place / name)
        #: Whether the mirror has all that the log had before: only then may it get more.
        self._is_level = False

    def read(self, path: str) -> bytes | None:
        """The file's content in the store, or None; the mirror isn't read."""
        return self._store.read(path)

    def write(self, path: str, data: bytes) -> None:
        """Write to the store, then to the mirror, if it is there and has everything before this."""
        # The mirror is written last, so that it never has an entry that the log lacks.
        self._store.write(path, data)
        self._also(lambda: self._mirror.write(path, data))

    def remove(self, path: str) -> None:
        """Unlink the file in the store, then in the mirror. Absent is fine."""
        self._store.remove(path)
        self._also(lambda: self._mirror.remove(path))

    def _also(self, change: Callable[[], None]) -> None:
        """Make a change in the mirror; where one fails, no later one is tried, so that none is left out."""
        if self._is_level:
            try:
                change()
            except StorageError:
                self._is_level = False
                self._place.fall_behind()

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Paths in the store that begin with `prefix`, sorted."""
        return self._store.paths(prefix)

    def remembered(self) -> Sequence[str]:
        """The signed checkpoint in the mirror; empty where it has none, or isn't there."""
        try:
            signed = self._mirror.read(CHECKPOINT_PATH)
        except StorageError:
            return ()
        return () if signed is None else (signed.decode(errors="replace"),)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's lock; IntegrityError where the mirror is ahead or has another history."""
        # Checked before the caller stores anything, because what is stored has to be logged.
        self._place.prepare()
        with self._store.lock():
            self._is_level = self._place.is_there and self._brought_up()
            try:
                yield
            finally:
                self._is_level = False

    def _brought_up(self) -> bool:
        """Bring the mirror to where the log is; False where the mirror can't be read or written."""
        try:
            bring_up(self._store, self._mirror, str(self._place.place / self._name))
        except StorageError:
            self._place.fall_behind()
            return False
        return True
