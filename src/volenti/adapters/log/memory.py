"""A log store in memory, for tests and for logs that end with their process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from volenti.core.errors import ConflictError
from volenti.transparency.ports import check_path


class MemoryLogStore:
    """Keeps what a file store keeps, in a dictionary. Safe between threads."""

    def __init__(self, lock_wait_seconds: float = 60.0) -> None:
        self._files: dict[str, bytes] = {}
        self._lock = Lock()
        self._lock_wait_seconds = lock_wait_seconds

    def read(self, path: str) -> bytes | None:
        """The file's content, or None where there is no such file."""
        return self._files.get(check_path(path))

    def write(self, path: str, data: bytes) -> None:
        """Create or replace the file in memory."""
        self._files[check_path(path)] = bytes(data)

    def remove(self, path: str) -> None:
        """Drop the file. Absent is fine."""
        self._files.pop(check_path(path), None)

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Paths of all files that begin with `prefix`, sorted."""
        inside = prefix.rpartition("/")[0]
        if inside:
            check_path(inside)
        return iter(sorted(path for path in self._files.copy() if path.startswith(prefix)))

    def remembered(self) -> Sequence[str]:
        """Always empty: this store has no second copy."""
        return ()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Exclude other threads; ConflictError where waiting takes longer than `lock_wait_seconds`."""
        if not self._lock.acquire(timeout=self._lock_wait_seconds):
            raise ConflictError("Another thread holds the log.", "Repeat when it is done.")
        try:
            yield
        finally:
            self._lock.release()
