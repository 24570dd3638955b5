"""Reference photographs as files: those beside an import file, and those that somebody names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from volenti.consent.document import DocumentError, Problem
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.core.digest import sha256_file
from volenti.core.errors import StorageError, UsageError

#: Largest reference photograph taken, in bytes.
REFERENCE_BYTES_MAX = 64 * 2**20


#: What file managers leave in folders of pictures.
_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")


def photo_files(folder: Path, names: Sequence[str], release: Release) -> list[Path]:
    """The files of the reference photographs that a row names: files, or folders of them.

    DocumentError unless each lies under `folder` and is one that the release names.
    """
    found = [path for name in names for path in _files_of(folder, name)]
    if found and not release.shoot.references:
        raise _fault("is given, but the release names no reference photograph.")
    for path in found:
        if _digest(path) not in release.shoot.references:
            which = f"{path.name} isn't" if len(found) > 1 else "isn't"
            raise _fault(f"{which} the photograph the release names: its SHA-256 differs.")
    return found


def naming(shoot: Any, folder: Path, names: Any) -> Any:
    """An unsigned row's shoot with the digests of the photographs that the row names, where it has none.

    What isn't in the form of a shoot or of names stays as it is; DocumentError as `photo_files`.
    """
    listed = [names] if isinstance(names, str) else names
    if not isinstance(shoot, dict) or not isinstance(listed, list) or shoot.get("reference"):
        return shoot
    paths = [path for name in listed if isinstance(name, str) for path in _files_of(folder, name)]
    first, *further = dict.fromkeys(map(_digest, paths)) or [""]
    return {**shoot, "reference": first} | ({"further_references": further} if further else {})


def given_photos(path: Path) -> list[GivenPhoto]:
    """A photograph that somebody names, or every file of a folder; UsageError where one can't be read."""
    try:
        files = _in_folder(path) if path.is_dir() else [path]
        if not files:
            raise UsageError(f"{path} is an empty folder.", "Name a photograph, or a folder of photographs.")
        for file in files:
            if not file.is_file():
                raise UsageError(f"{file} isn't a file.", "Check the path.")
            if file.stat().st_size > REFERENCE_BYTES_MAX:
                raise UsageError(f"{file} is larger than {REFERENCE_BYTES_MAX} bytes.", "Give a smaller one.")
        return [GivenPhoto(str(file), file.read_bytes()) for file in files]
    except OSError as error:
        raise UsageError(f"Can't read {path}: {error.strerror}.", "Check the path.") from error


def content_of(photo: Path) -> GivenPhoto:
    """The photograph in a file; raises StorageError where it can't be read any more."""
    try:
        return GivenPhoto(photo.name, photo.read_bytes())
    except OSError as error:
        raise StorageError(f"Can't read {photo.name}: {error.strerror}.", "Import the file again.") from error


def _fault(message: str) -> DocumentError:
    return DocumentError([Problem("reference", message)])


def _files_of(folder: Path, name: str) -> list[Path]:
    """The file that a name means, or the files of a folder; DocumentError unless they can be read."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise _fault("leads out of the folder the import lies in.")
    try:
        files = _in_folder(path) if path.is_dir() else [path]
        for file in files:
            if not file.resolve().is_relative_to(folder):
                raise _fault("leads out of the folder the import lies in.")
            if not file.is_file():
                raise _fault("isn't a file.")
            if file.stat().st_size > REFERENCE_BYTES_MAX:
                raise _fault(f"is larger than {REFERENCE_BYTES_MAX} bytes.")
    except OSError:
        raise _fault("can't be read.") from None
    if not files:
        raise _fault("is an empty folder.")
    return files


def _in_folder(folder: Path) -> list[Path]:
    """The files of a folder, but for hidden ones and those that file managers leave."""
    found = sorted(folder.iterdir())
    return [each for each in found if each.name[0] != "." and each.name.lower() not in _LEFT_BY_SYSTEMS]


def _digest(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError:
        raise _fault("can't be read.") from None
