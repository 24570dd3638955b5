"""Writing files so that a crash leaves the old content or the new, and erasing them for good.

Only their owner can read what is written here: folders have mode 0700 and files 0600, whatever the process's
umask. A file is first written under a new name that nobody can predict, so no link that somebody put in its
place is followed.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from volenti.core.errors import StorageError


@contextmanager
def on_disk(what: str) -> Iterator[None]:
    """Raise StorageError where the disk fails. what: the end of its message, "Can't ..."."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"Can't {what}: {error.strerror or error}.", "Free space or check permissions, then repeat."
        ) from error


#: Modes of what is made here: open to its owner alone.
FILE_MODE, FOLDER_MODE = 0o600, 0o700


def create_file(path: Path) -> IO[bytes]:
    """Create a file and open it to write; FileExistsError where anything has that name, also a link."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, FILE_MODE), "w+b")


def part_of(path: Path) -> Path:
    """A name beside `path` for a file that isn't finished yet: hidden, and another one each time."""
    return path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.part")


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: temporary file, fsync, rename, fsync of the folder."""
    temporary = part_of(path)
    with on_disk(f"write {path.name}"):
        try:
            make_folder(path.parent)
            with create_file(temporary) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except (OSError, StorageError):
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, so that they are still there after a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with on_disk(f"make {folder.name}"):
        folder.mkdir(FOLDER_MODE, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and unlinks in `folder` survive a power cut; a folder that isn't there is fine."""
    with on_disk(f"sync {folder.name}"), suppress(FileNotFoundError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def destroy(path: Path) -> None:
    """Overwrite a small file with zeros, fsync, unlink, fsync the folder; one that isn't there is fine.

    Overwriting in place is best effort: journalling or copy-on-write file systems and flash
    may keep old blocks. That is why what matters is encrypted, and why keys are small.
    """
    with on_disk(f"destroy {path.name}"):
        try:
            with path.open("r+b") as file:
                overwrite(file)
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
        except FileNotFoundError:
            return


def overwrite(file: IO[bytes]) -> None:
    """Overwrite everything in an open file with zeros, durably, also where it was renamed meanwhile."""
    file.seek(0)
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def remove_folder(folder: Path) -> int:
    """Unlink a folder with everything in it; returns the bytes freed, 0 where there is no folder."""
    if not folder.exists():
        return 0
    with on_disk(f"remove {folder.name}"):
        freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        shutil.rmtree(folder)
        sync_folder(folder.parent)
    return freed
