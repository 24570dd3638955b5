"""A log store in a folder, with POSIX locks and fsync.

The lock is `flock(2)` on a file named `.lock`: it belongs to an open file, so it excludes
threads as well as processes, and the system releases it when its process ends, however it
ends. This store is not for network file systems, where flock may not exclude others.

Files whose names begin with a dot aren't part of the log: the lock, and temporary files, one
of which a killed write may leave behind.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from volenti.core.errors import ConflictError, StorageError
from volenti.core.files import FILE_MODE, make_folder, write_atomically
from volenti.transparency.ports import check_path

_POLL_SECONDS = 0.005
#: A tile has 8 kB, a bundle at most 16 MB; nothing larger is read.
BYTES_MAX = 1 << 25


class FileLogStore:
    """Files below `root`, which is made when first written to."""

    def __init__(self, root: Path, lock_wait_seconds: float = 60.0) -> None:
        self._root = root
        self._lock_wait_seconds = lock_wait_seconds

    def read(self, path: str) -> bytes | None:
        """The content, or None if absent; StorageError if it is no plain file or larger than BYTES_MAX."""
        # Logs of strangers are read too: a pipe would make the reader wait, an endless file fill the memory.
        try:
            handle = os.open(self._root / check_path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                data = file.read(BYTES_MAX + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _failure("read", path, error) from error
        if data is None or len(data) > BYTES_MAX:
            raise StorageError(f"{path} is no file of a log.", "Take the log from who publishes it again.")
        return data

    def write(self, path: str, data: bytes) -> None:
        """Create or replace the file, whole and durably."""
        target = self._root / check_path(path)
        write_atomically(target, data)

    def remove(self, path: str) -> None:
        """Unlink the file, and its folder where that is empty then. Absent is fine."""
        target = self._root / check_path(path)
        try:
            target.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _failure("remove", path, error) from error
        # The folder of a tile's partial forms is removed with the last of them.
        if target.parent != self._root:
            with suppress(OSError):
                target.parent.rmdir()

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Paths that begin with `prefix`, sorted; without files whose names begin with a dot."""
        # A tile's partial forms lie in one folder, so only that folder is searched.
        inside = prefix.rpartition("/")[0]
        folder = self._root / check_path(inside) if inside else self._root
        found = []
        try:
            for parent, folders, names in os.walk(folder, onerror=_raise_unless_absent):
                folders[:] = [name for name in folders if not name.startswith(".")]
                below = Path(parent).relative_to(self._root)
                found += [(below / name).as_posix() for name in names if not name.startswith(".")]
        except OSError as error:
            raise _failure("list", prefix or "the log", error) from error
        return iter(sorted(path for path in found if path.startswith(prefix)))

    def remembered(self) -> Sequence[str]:
        """Always empty: this store has no second copy."""
        return ()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the file `.lock` locked; ConflictError where that takes longer than `lock_wait_seconds`."""
        try:
            make_folder(self._root)
            handle = os.open(
                self._root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE
            )
        except OSError as error:
            raise _failure("lock", str(self._root.name), error) from error
        try:
            self._wait_for(handle)
            yield
        finally:
            # Closing releases the lock. The file stays: removing it would let two in.
            os.close(handle)

    def _wait_for(self, handle: int) -> None:
        deadline = time.monotonic() + self._lock_wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise ConflictError(
                        "Another process holds the log.", "Repeat when it is done, or end it."
                    ) from error
            except OSError as error:
                raise _failure("lock", self._root.name, error) from error
            time.sleep(_POLL_SECONDS)


def _raise_unless_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _failure(verb: str, path: str, error: OSError) -> StorageError:
    return StorageError(
        f"Can't {verb} {path}: {error.strerror}.", "Check disk space and permissions, then repeat."
    )
