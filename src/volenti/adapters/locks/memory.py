"""Locks between the threads of one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from volenti.core.progress import Progress


class MemoryLocks:
    """The `Locks` port: one lock per name."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, RLock] = defaultdict(RLock)

    @contextmanager
    def take(self, name: str, progress: Progress) -> Iterator[None]:
        """Hold the name's lock; `progress` says when it waits for another thread."""
        lock = self._locks[name]
        if not lock.acquire(blocking=False):
            progress.begin("Waiting for another thread that is at it", None)
            lock.acquire()
            progress.end()
        try:
            yield
        finally:
            lock.release()
