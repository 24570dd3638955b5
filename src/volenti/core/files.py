"""Writing files so that a crash leaves the old content or the new, and erasing them for good."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from volenti.core.errors import StorageError


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace `path` by `data`: temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError(
            f"Can't write {path.name}: {error.strerror}.", "Free space or check permissions, then repeat."
        ) from error


def sync_folder(folder: Path) -> None:
    """Make renames and unlinks in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def destroy(path: Path) -> None:
    """Overwrite a small file with zeros, fsync, unlink, fsync the folder. Absent is fine.

    Overwriting in place is best effort: journalling or copy-on-write file systems and flash
    may keep old blocks. That is why what matters is encrypted, and why keys are small.
    """
    try:
        with path.open("r+b") as file:
            overwrite(file)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except FileNotFoundError:
        return


def overwrite(file: IO[bytes]) -> None:
    """Zeros over everything in an open file, durably, whatever its name is by now."""
    file.seek(0)
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def remove_folder(folder: Path) -> int:
    """Unlink a folder with everything in it; returns the bytes freed. Absent is fine."""
    if not folder.exists():
        return 0
    freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    shutil.rmtree(folder)
    sync_folder(folder.parent)
    return freed
