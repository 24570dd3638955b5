"""What was given: the files of a path that are to be accounted for, and their captions.

A link that leads out of the folder given, or to nothing, is accounted for and not opened; so is what isn't a
file at all. Captions lie beside a picture as `<name>.txt`, or for a whole folder in `metadata.jsonl` with the
fields `file_name` and `text` (the layout of Hugging Face's ImageFolder). Where statements about rights lie
says `perception.rights.sidecar`. Sidecars of a picture aren't counted as given; any other file is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from volenti.core.canonical import parse_given
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.inside import is_given, opened_given, walked
from volenti.perception.files.picture import Limits
from volenti.perception.finding import Finding, finding
from volenti.perception.rights.sidecar import (
    SUFFIXES,
    TDMREP,
    belongs_to,
    beside,
    is_about_rights,
    places_of,
    text_of,
)

#: Bytes from which on a file is read and hashed in another thread.
LARGE = 2**18
#: A larger file isn't read: nothing would decode it.
BYTES_MAX = Limits().bytes_max
#: Bytes of a listing of captions that are read.
CAPTIONS_BYTES_MAX = 2**28
CAPTIONS = "metadata.jsonl"
#: Files that are about a whole folder.
FOLDER_FILES = {CAPTIONS, TDMREP}


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as it was given: its path; its name, relative to what was given; the folder given (its own,
    where it was given by itself); and the folder that it lies in, links resolved."""

    path: Path
    name: str
    root: Path
    home: Path
    #: Whether it is a sidecar about rights, without a picture that it belongs to.
    is_sidecar: bool = False

    def read(self) -> bytes:
        """Its bytes; raises OSError, and IntegrityError where it is a link out of the folder or no file."""
        with opened_given(self.path, self.root) as file:
            # One byte more than any picture may have: by that a larger file is told, and read no further.
            return file.read(BYTES_MAX + 1)

    def caption(self) -> str:
        """The caption in `<name>.txt` beside the picture, if there is one."""
        return next((text_of(each, self.root).strip() for each in beside(self.path, ".txt")), "")

    def is_large(self) -> bool:
        """Whether reading and hashing it takes so long that it is done while other files are sealed."""
        try:
            return self.path.lstat().st_size >= LARGE
        except OSError:
            return False


def contents(file: GivenFile) -> tuple[bytes, str] | Finding:
    """A file's bytes and their digest, or why there are none."""
    if file.is_sidecar:
        return finding("sidecar-alone")
    try:
        data = file.read()
    except OSError as error:
        return finding("unreadable", format=error.strerror or "unknown")
    except IntegrityError:
        return finding("outside")
    if len(data) > BYTES_MAX:
        return finding("bomb", measure=f"over {BYTES_MAX // 2**20} MiB")
    return data, sha256(data)


def given_files(paths: Sequence[Path]) -> Iterator[GivenFile]:
    """Every file to be accounted for, in a fixed order."""
    homes: dict[Path, Path] = {}

    def home(path: Path) -> Path:
        if path.parent not in homes:
            homes[path.parent] = path.parent.resolve()
        return homes[path.parent]

    single = [path for path in paths if path.suffix.lower() not in SUFFIXES and not path.is_dir()]
    beside_given = {place for path in single for place in places_of(path)}
    for path in paths:
        if path.is_dir():
            everything = sorted(walked(path))
            strays = {each for each in everything if not is_given(each, path)}
            for each in sorted(strays):
                yield GivenFile(each, str(each.relative_to(path)), path, home(each))
            found = [each for each in everything if each not in strays and each.is_file()]
            pictures = [each for each in found if each.suffix.lower() not in SUFFIXES]
            places = {place for each in pictures for place in places_of(each)}
            for each in found:
                if not _is_about_a_folder(each) and not belongs_to(each, places):
                    name = str(each.relative_to(path))
                    yield GivenFile(each, name, path, home(each), is_sidecar=is_about_rights(each))
        elif path.exists() or path.is_symlink():
            if not belongs_to(path, beside_given):
                yield GivenFile(path, path.name, path.parent, home(path), is_sidecar=is_about_rights(path))
        else:
            raise UsageError(f"There is no {path}.", "Check the path.")


def _is_about_a_folder(path: Path) -> bool:
    return path.name in FOLDER_FILES or path.name.lower() == TDMREP


def folder_captions(folder: Path, root: Path) -> dict[Path, str]:
    """Captions in a folder's metadata.jsonl; a line that can't be read is passed over."""
    captions: dict[Path, str] = {}
    try:
        with opened_given(folder / CAPTIONS, root) as file:
            text = file.read(CAPTIONS_BYTES_MAX).decode(errors="replace")
    except (OSError, IntegrityError):
        return captions
    for line in text.splitlines():
        try:
            entry = parse_given(line)
            captions[folder / str(entry["file_name"])] = str(entry.get("text", ""))
        except (ValueError, KeyError, TypeError):
            continue
    return captions
