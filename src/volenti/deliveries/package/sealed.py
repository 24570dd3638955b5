"""Sealed file: what lies in a package or a result. It is encrypted to one key, and says in a signed note what
it is.

The file is a zip of two members: `sealed.age`, a tar that is encrypted to somebody's key (`core.age`), and
`note.txt`, a signed note (https://c2sp.org/signed-note), which anybody may read and which names the SHA-256
of the former. So common tools open it: `unzip FILE && age -d -i KEY sealed.age | tar x`. It is written and
read as a stream: nothing is in the clear on a disk but what is unpacked, and no more than one member in
memory.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from volenti.core.age import AgeKey, AgeReader, AgeRecipient, AgeWriter
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import create_file, on_disk, part_of, sync_folder
from volenti.transparency.note import SignedNote

_SEALED, _NOTE = "sealed.age", "note.txt"
_NOTE_BYTES_MAX = 1 << 20
_PIECE = 1 << 20
_AGAIN = "Copy it again from where it was made; if that doesn't help, have it made anew."


@dataclass(frozen=True, slots=True)
class Sealed:
    """The encrypted member as it was written: the SHA-256 of its bytes, and how many there are."""

    sha256: str
    bytes: int


class _Hashing:
    """Counts and hashes what is written into a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._count = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._count += len(data)
        return self._file.write(data)

    @property
    def seen(self) -> Sealed:
        return Sealed(self._digest.hexdigest(), self._count)


class Members:
    """Takes the members of a sealed file, one after the other, and remembers the SHA-256 of each."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.sums: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        """Add a member of these bytes."""
        self._add(name, io.BytesIO(data), len(data))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file, read in pieces; raises UsageError where it can't be read."""
        try:
            with path.open("rb") as file:
                self._add(name, file, os.fstat(file.fileno()).st_size)
        except OSError as error:
            raise UsageError(f"Can't read {path}: {error.strerror or error}.", "Check the path.") from error

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        about = tarfile.TarInfo(name)
        about.size, about.mode = size, 0o600
        digest = hashlib.sha256()
        self._tar.addfile(about, _Read(file, digest.update))
        self.sums[name] = digest.hexdigest()


class _Read:
    """Reads from a file, and tells what was read."""

    def __init__(self, file: IO[bytes], tell: Callable[[bytes], None]) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._tell(data)
        return data


def write_sealed(
    path: Path, to: AgeRecipient, fill: Callable[[Members], None], note: Callable[[Sealed], SignedNote]
) -> Sealed:
    """Write a sealed file under a new name; after a kill it is there as a whole or not at all.

    fill: adds the members. note: what is said of the file, asked for once everything was added. Raises
    UsageError where the file is there already.
    """
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already.", "Name a new file.")
    temporary = part_of(path)
    with on_disk(f"write {path.name}"):
        try:
            with create_file(temporary) as file:
                with zipfile.ZipFile(file, "w") as container:
                    with container.open(_member(_SEALED), "w", force_zip64=True) as raw:
                        hashing = _Hashing(raw)
                        with (
                            AgeWriter(hashing, to) as encrypting,  # type: ignore[arg-type]
                            tarfile.open(fileobj=encrypting, mode="w|") as tar,  # type: ignore[call-overload]
                        ):
                            fill(Members(tar))
                    container.writestr(_member(_NOTE), str(note(hashing.seen)))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    return hashing.seen


def _member(name: str) -> zipfile.ZipInfo:
    about = zipfile.ZipInfo(name)
    about.external_attr = 0o600 << 16
    return about


class SealedFile:
    """A sealed file that somebody gave, open for reading. Trust nothing of it before `check`."""

    def __init__(self, path: Path, container: zipfile.ZipFile) -> None:
        self._path = path
        self._container = container
        about = {each.filename: each for each in container.infolist()}
        if sorted(about) != sorted((_SEALED, _NOTE)) or len(container.infolist()) != len(about):
            raise zipfile.BadZipFile
        if any(each.compress_type != zipfile.ZIP_STORED for each in about.values()):
            raise zipfile.BadZipFile
        if about[_NOTE].file_size > _NOTE_BYTES_MAX:
            raise zipfile.BadZipFile
        self.note = SignedNote.parse(container.read(_NOTE))
        self._bytes = about[_SEALED].file_size

    @classmethod
    @contextmanager
    def opened(cls, path: Path, what: str) -> Iterator[SealedFile]:
        """Open a file. what: what it has to be, in words, such as "a package".

        Raises UsageError where it can't be read; IntegrityError, also inside of the `with`, where it isn't
        whole, or isn't a sealed file.
        """
        try:
            with zipfile.ZipFile(path) as container:
                yield cls(path, container)
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError) as error:
            raise IntegrityError(f"{path} isn't {what}, or isn't whole.", _AGAIN) from error
        except OSError as error:
            raise UsageError(f"Can't read {path}: {error.strerror or error}.", "Check the path.") from error

    def check(self, said: Sealed) -> None:
        """Read all of it once, and compare it with what the note says; IntegrityError where it differs."""
        digest = hashlib.sha256()
        if self._bytes == said.bytes:
            with self._container.open(_SEALED) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
        if self._bytes != said.bytes or digest.hexdigest() != said.sha256:
            raise IntegrityError(f"{self._path} isn't as it was made: its bytes were changed.", _AGAIN)

    def members(self, key: AgeKey) -> Generator[tuple[str, IO[bytes]]]:
        """The name of each member, and the member, to be read before the next one is asked for.

        To be closed where it isn't read to its end. Raises IntegrityError where it isn't whole, was changed,
        or isn't for the key: what was read up to there is genuine, and isn't all.
        """
        with self._container.open(_SEALED) as file, AgeReader(file, key) as reader:
            with tarfile.open(fileobj=reader, mode="r|") as tar:  # type: ignore[call-overload]
                for about in tar:
                    member = tar.extractfile(about) if about.isreg() else None
                    if member is None:
                        raise IntegrityError(
                            f"{self._path} holds something that isn't a file.", "Have it made anew."
                        )
                    yield about.name, member
            # What follows the tar is read, too: so nothing was cut off.
            while reader.read(_PIECE):
                pass
