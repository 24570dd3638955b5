"""Files beside an import file, such as reference photographs and scanned papers: finding and reading them."""

from __future__ import annotations

from pathlib import Path

from volenti.consent.document import DocumentError, Problem
from volenti.consent.release import Release
from volenti.core.digest import sha256_file
from volenti.core.errors import StorageError

#: Largest file taken, in bytes.
REFERENCE_BYTES_MAX = 64 * 2**20


def beside(folder: Path, name: str, field: str = "reference") -> Path:
    """The file of that name; DocumentError unless it lies under `folder` and can be taken.

    field: what names it in the entry.
    """

    def fault(message: str) -> DocumentError:
        return DocumentError([Problem(field, message)])

    try:
        # Windows writes backslashes between folders.
        path = (folder / (name if (folder / name).exists() else name.replace("\\", "/"))).resolve()
        if not path.is_relative_to(folder):
            raise fault("leads out of the folder the import lies in.")
        if not path.is_file():
            raise fault("isn't a file.")
        if path.stat().st_size > REFERENCE_BYTES_MAX:
            raise fault(f"is larger than {REFERENCE_BYTES_MAX} bytes.")
    except OSError:
        raise fault("can't be read.") from None
    return path


def photo_file(folder: Path, reference: str, release: Release) -> Path:
    """The reference photograph's file; DocumentError unless it lies under `folder` and is the one named."""

    def fault(message: str) -> DocumentError:
        return DocumentError([Problem("reference", message)])

    path = beside(folder, reference)
    if not release.shoot.reference:
        raise fault("is given, but the release names no reference photograph.")
    try:
        digest = sha256_file(path)
    except OSError:
        raise fault("can't be read.") from None
    if digest != release.shoot.reference:
        raise fault("isn't the photograph the release names: its SHA-256 differs.")
    return path


def digest_beside(folder: Path, reference: str) -> str:
    """SHA-256 of the photograph beside the import file; empty where there is none that can be read."""
    try:
        return sha256_file(beside(folder, reference))
    except (DocumentError, OSError):
        return ""


def content_of(photo: Path) -> bytes:
    """The photograph's bytes; raises StorageError where it can't be read any more."""
    try:
        return photo.read_bytes()
    except OSError as error:
        raise StorageError(f"Can't read {photo.name}: {error.strerror}.", "Import the file again.") from error
