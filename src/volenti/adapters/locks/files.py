"""Locks between the processes of one machine, as locked files (by filelock)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from volenti.core.files import FILE_MODE, make_folder
from volenti.core.progress import Progress


class FileLocks:
    """The `Locks` port: one file per name. The operating system releases a lock when its process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def take(self, name: str, progress: Progress) -> Iterator[None]:
        """Hold `<name>.lock` locked; `progress` says when it waits for another process."""
        make_folder(self._folder)
        lock = FileLock(self._folder / f"{name}.lock", mode=FILE_MODE, is_singleton=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            progress.begin("Waiting for another process that is at it", None)
            lock.acquire()
            progress.end()
        try:
            yield
        finally:
            lock.release()
