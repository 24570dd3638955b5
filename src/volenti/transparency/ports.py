"""What the log needs from the outside: a place for files that never change, and for one that does.

Every adapter passes tests/contracts/test_log_store.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from volenti.core.errors import UsageError

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


class LogFiles(Protocol):
    """What a reader of a log needs: its files by path, wherever they are published."""

    def read(self, path: str) -> bytes | None:
        """The file's content, or None where there is no such file."""
        ...


class LogStore(LogFiles, Protocol):
    """Small files by path. A path has '/' between segments; a segment begins with a letter,
    digit or '_' and goes on with those, '.' or '-'. Other paths raise UsageError.

    What fails for the disk's or the network's reasons raises StorageError.
    """

    def write(self, path: str, data: bytes) -> None:
        """Create or replace a file: after a crash it has the old content or the new, and
        once this has returned, the new, even after a power cut."""
        ...

    def remove(self, path: str) -> None:
        """Unlink a file; one that isn't there is fine. Needn't be durable."""
        ...

    def paths(self, prefix: str = "") -> Iterator[str]:
        """The paths of all files that begin with `prefix`, sorted; none of a file that is half written."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """A lock that one thread of one process holds at a time; others wait, and raise ConflictError
        when that takes too long. Its holder must not take it again. It is released when the process
        ends. Raises IntegrityError where a second copy shows that the log was put back."""
        ...

    def remembered(self) -> Sequence[str]:
        """The signed checkpoints of second copies, where the store keeps any."""
        ...


def check_path(path: str) -> str:
    """`path` itself if a store may use it; raises UsageError otherwise."""
    if not _PATH.fullmatch(path):
        raise UsageError(f"{path!r} can't be a path in a log.", "Use the paths that `tiles` gives.")
    return path
