"""Photographs and scanned papers as files: those beside an import file, and those that somebody names.

What lies beside a file that was uploaded is in memory, by name, and is written nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from volenti.consent.document import DocumentError, Problem
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.core.digest import sha256_file
from volenti.core.errors import StorageError, UsageError

#: Largest file taken, in bytes.
REFERENCE_BYTES_MAX = 64 * 2**20
#: What file managers leave in folders of pictures.
_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")

#: A file on a disk, or one in memory.
File = Path | GivenPhoto
#: Where the names of an import file start: a folder, or files in memory by their names.
Place = Path | Mapping[str, bytes]


def beside(folder: Place, name: str, field: str = "reference") -> File:
    """The file of that name; DocumentError unless it lies under `folder` and can be taken.

    field: what names it in the entry.
    """
    if not isinstance(folder, Path):
        return _among(folder, name, field)[0]
    return _taken(folder, _place(folder, name, field), field)


def photos_beside(folder: Place, names: Iterable[str]) -> list[File]:
    """The photographs of these names, each a file or a folder of files; DocumentError as `beside`."""
    if not isinstance(folder, Path):
        return [each for name in names for each in _among(folder, name, "reference")]
    return [path for name in names for path in _photos_of(folder, name)]


def check_named(found: Sequence[File], release: Release) -> None:
    """DocumentError unless each photograph is one that the release names."""
    if found and not release.shoot.references:
        raise _fault("is given, but the release names no reference photograph.")
    for path in found:
        if _digest(path) not in release.shoot.references:
            which = f"{path.name} isn't" if len(found) > 1 else "isn't"
            raise _fault(f"{which} the photograph the release names: its SHA-256 differs.")


def digests_beside(folder: Place, names: Iterable[str]) -> list[str]:
    """SHA-256 of the photographs beside the import file, each once; none where one of them can't be read."""
    try:
        return list(dict.fromkeys(map(_digest, photos_beside(folder, names))))
    except DocumentError:
        return []


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


def photo_in(file: File) -> GivenPhoto:
    """The photograph in a file; raises StorageError where it can't be read any more."""
    if isinstance(file, GivenPhoto):
        return file
    return GivenPhoto(file.name, content_of(file))


def content_of(file: File) -> bytes:
    """A file's bytes; raises StorageError where it can't be read any more."""
    if isinstance(file, GivenPhoto):
        return file.data
    try:
        return file.read_bytes()
    except OSError as error:
        raise StorageError(f"Can't read {file.name}: {error.strerror}.", "Import the file again.") from error


def _fault(message: str, field: str = "reference") -> DocumentError:
    return DocumentError([Problem(field, message)])


def _among(files: Mapping[str, bytes], name: str, field: str) -> list[File]:
    """The file of that name among those in memory, or those in the folder of that name.

    Where a browser gave them without their folders, the last part of a name is enough if only one has it.
    """
    wanted = PurePosixPath(name.replace("\\", "/"))
    found = [each for each in files if PurePosixPath(each) == wanted]
    found = found or sorted(each for each in files if wanted in PurePosixPath(each).parents)
    found = found or [each for each in files if PurePosixPath(each).name == wanted.name]
    if len(found) > 1 and PurePosixPath(found[0]).name == PurePosixPath(found[1]).name == wanted.name:
        raise _fault("is the name of several files: write it with the folder before it.", field)
    if not found:
        raise _fault("isn't among the files that were given.", field)
    if any(len(files[each]) > REFERENCE_BYTES_MAX for each in found):
        raise _fault(f"is larger than {REFERENCE_BYTES_MAX} bytes.", field)
    return [GivenPhoto(PurePosixPath(each).name, files[each]) for each in found]


def _place(folder: Path, name: str, field: str) -> Path:
    """Where a name leads; DocumentError unless that is under `folder`."""
    try:
        # Windows writes backslashes between folders.
        path = (folder / (name if (folder / name).exists() else name.replace("\\", "/"))).resolve()
    except (OSError, ValueError):
        raise _fault("can't be read.", field) from None
    if not path.is_relative_to(folder):
        raise _fault("leads out of the folder the import lies in.", field)
    return path


def _photos_of(folder: Path, name: str) -> list[Path]:
    """The photograph that a name means, or those in the folder that it means."""
    path = _place(folder, name, "reference")
    try:
        files = _in_folder(path) if path.is_dir() else [path]
    except OSError:
        raise _fault("can't be read.") from None
    if not files:
        raise _fault("is an empty folder.")
    return [_taken(folder, file, "reference") for file in files]


def _taken(folder: Path, path: Path, field: str) -> Path:
    """The file itself; DocumentError unless it lies under `folder` and can be taken."""
    try:
        if not path.resolve().is_relative_to(folder):
            raise _fault("leads out of the folder the import lies in.", field)
        if not path.is_file():
            raise _fault("isn't a file.", field)
        if path.stat().st_size > REFERENCE_BYTES_MAX:
            raise _fault(f"is larger than {REFERENCE_BYTES_MAX} bytes.", field)
    except OSError:
        raise _fault("can't be read.", field) from None
    return path


def _in_folder(folder: Path) -> list[Path]:
    """The files of a folder, but for hidden ones and those that file managers leave."""
    found = sorted(folder.iterdir())
    return [each for each in found if each.name[0] != "." and each.name.lower() not in _LEFT_BY_SYSTEMS]


def _digest(path: File) -> str:
    if isinstance(path, GivenPhoto):
        return path.digest
    try:
        return sha256_file(path)
    except OSError:
        raise _fault("can't be read.") from None
