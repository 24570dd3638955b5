"""Packs as files: `packs/ab/<prefix>/<pack>.vpk`, append-only.

A process that dies while appending leaves bytes that no row refers to. They lie
under the right person's prefix, and are removed with it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError
from volenti.core.files import FILE_MODE, make_folder, on_disk, remove_folder, sync_folder
from volenti.core.identifiers import check
from volenti.vault.ports import Location

#: Packs that are synced or unlinked at once.
THREADS = 16


class FilePackStore:
    """The `PackStore` port over a folder. Several processes may append to one pack at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unsynced: set[Path] = set()
        self._threads = ThreadPoolExecutor(THREADS)

    def append(self, prefix: str, pack: str, data: bytes) -> Location:
        """Add `data` at the end of a pack, alone among processes; durable only after `flush`."""
        name = self._name(prefix, pack)
        with on_disk("write a pack"):
            handle = _open_alone(name)
            try:
                offset = os.lseek(handle, 0, os.SEEK_END)
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(handle, rest) :]
            finally:
                os.close(handle)
        self._unsynced.add(Path(name))
        return Location(prefix, pack, offset, len(data))

    def read(self, location: Location) -> bytes:
        """The bytes at a location; IntegrityError where the pack is missing or too short."""
        data = b""
        # No Path and file objects here: for small pictures those take longer than reading the bytes.
        with suppress(FileNotFoundError):
            handle = os.open(self._name(location.prefix, location.pack), os.O_RDONLY)
            try:
                # More than two gigabytes arrive in several pieces.
                while more := os.pread(handle, location.length - len(data), location.offset + len(data)):
                    data += more
            finally:
                os.close(handle)
        if len(data) != location.length:
            raise IntegrityError("A pack is missing or too short.", "Run `volenti audit`.")
        return data

    def flush(self) -> None:
        """Sync packs that this store appended to since the last call, then their folders."""
        paths = [path for path in self._unsynced if path.exists()]
        with on_disk("sync packs"):
            self._run_on_all(_sync, paths)
            self._run_on_all(
                _sync, sorted({folder for path in paths for folder in (path.parent, path.parent.parent)})
            )
        self._unsynced.clear()

    def blank(self, location: Location) -> None:
        """Overwrite the bytes at a location with zeros and sync them; what isn't there is fine."""
        path = self._path(location.prefix, location.pack)
        if not path.exists():
            return
        with on_disk("overwrite in a pack"), path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = min(location.offset + location.length, file.seek(0, os.SEEK_END))
            file.seek(location.offset)
            file.write(bytes(max(0, end - location.offset)))
            file.flush()
            os.fsync(file.fileno())

    def remove_blank(self, prefix: str, pack: str) -> int:
        """Unlink a pack in which everything was overwritten; returns the bytes freed, 0 where it has more."""
        path = self._path(prefix, pack)
        with on_disk("remove a pack"), suppress(FileNotFoundError), path.open("rb") as file:
            # Whoever appends to it at this moment waits, and then makes a new one.
            fcntl.flock(file, fcntl.LOCK_EX)
            while piece := file.read(1 << 16):
                if piece.strip(b"\0"):
                    return 0
            return self.remove_packs(prefix, [pack])
        return 0

    def remove_packs(self, prefix: str, packs: Iterable[str]) -> int:
        """Unlink packs, and the prefix's folder where it is empty then; returns the bytes freed."""
        with on_disk("remove packs"):
            freed = sum(self._run_on_all(_unlink, [self._path(prefix, pack) for pack in packs]))
        if freed:
            place = self._place(prefix)
            sync_folder(place)
            # Fails while anything is left in the folder, which saves listing it.
            with suppress(OSError):
                place.rmdir()
                sync_folder(place.parent)
        return freed

    def remove(self, prefix: str) -> int:
        """Unlink the prefix's folder with everything in it; returns the bytes freed."""
        return remove_folder(self._place(prefix))

    def prefixes(self) -> Iterator[str]:
        """Every prefix whose folder has anything in it, sorted."""
        return iter(sorted(path.name for path in self._folder.glob("??/*") if any(path.iterdir())))

    def packs(self, prefix: str) -> Iterator[str]:
        """Names of the packs under a prefix, without `.vpk`, sorted."""
        return iter(sorted(path.stem for path in self._place(prefix).glob("*.vpk")))

    def size(self, prefix: str) -> int:
        """Bytes of all packs under the prefix."""
        return sum(path.stat().st_size for path in self._place(prefix).glob("*.vpk"))

    def _run_on_all(self, work: Callable[[Path], int], paths: Sequence[Path]) -> list[int]:
        """Do the work on every path, many at once, so that the disk can serve them together."""
        return [work(path) for path in paths] if len(paths) < 2 else list(self._threads.map(work, paths))

    def _place(self, prefix: str) -> Path:
        return self._folder / sha256(prefix.encode())[:2] / check(prefix)

    def _path(self, prefix: str, pack: str) -> Path:
        return Path(self._name(prefix, pack))

    def _name(self, prefix: str, pack: str) -> str:
        return f"{self._folder}/{sha256(prefix.encode())[:2]}/{check(prefix)}/{check(pack)}.vpk"


def _open_alone(name: str) -> int:
    """Open a pack to append to, and lock it: another process could append, or unlink it, between finding the
    offset and writing. Returns a file descriptor."""
    while True:
        handle = _open_to_append(name)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # unlinked while this waited for the lock


def _open_to_append(name: str) -> int:
    """Open a pack to append to; makes it and its folder where there is none. Returns a file descriptor.

    The folder is made only where opening fails, and no Path objects are used: for small pictures either
    would take longer than writing.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    try:
        return os.open(name, flags, FILE_MODE)
    except FileNotFoundError:
        make_folder(Path(name).parent)
        return os.open(name, flags, FILE_MODE)


def _sync(path: Path) -> int:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return 0


def _unlink(path: Path) -> int:
    """Remove a file; returns the bytes freed, 0 where there is none."""
    try:
        freed = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return freed
