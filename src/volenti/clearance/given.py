"""What was given: the files of a path that are to be accounted for, and what else lies there.

Everything below a folder that was given is one of three things: a file that is accounted for, something that
belongs to pictures (a caption, a sidecar, a listing), or a file of the system's that is ignored (`system`). A
link that leads out of the folder given, or to nothing, is accounted for and not opened; so is what isn't a
file at all. Where captions lie says `captions`, and where statements about rights lie
`perception.rights.sidecar`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from mimetypes import guess_type
from pathlib import Path

from volenti.clearance.system import belongs_to_system
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.inside import opened_given, stray, walked
from volenti.core.shown import name_as_text
from volenti.perception.files.foreign import foreign, not_an_image
from volenti.perception.files.picture import Limits, fault_of
from volenti.perception.finding import Finding, finding
from volenti.perception.rights.sidecar import (
    SUFFIXES,
    TDMREP,
    Sidecars,
    belongs_to,
    is_about_rights,
    places_of,
    sidecars_of,
)

#: Bytes from which on a file is read and hashed in another thread, and from which on it no longer is: of
#: those, several would be in memory at once.
LARGE, HUGE = 2**18, 2**26
#: A larger file isn't read: nothing would decode it.
BYTES_MAX = Limits().bytes_max
#: Bytes by which it is told what a larger file is.
_BEGINNING = 2**16
#: Listings of captions, by the layout of Hugging Face's ImageFolder; the first of a folder counts.
LISTINGS = ("metadata.jsonl", "metadata.csv")
#: Files that are about a whole folder.
FOLDER_FILES = {*LISTINGS, TDMREP}
#: What is ignored that isn't the system's: its files are given where they lie.
LINKED_FOLDER = "links to folders that were given too"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as it was given: its path; its name, relative to what was given; the folder given (its own,
    where it was given by itself); the folder that it lies in, links resolved; and why it can't be read,
    where that was seen from outside."""

    path: Path
    name: str
    root: Path
    home: Path
    fault: Finding | None = None
    #: Whether it is a sidecar about rights, without a picture that it belongs to.
    is_sidecar: bool = False

    def read(self) -> bytes | Finding:
        """Its bytes, or why there are none: what is too large is told by its size, and not read."""
        if self.fault is not None:
            return self.fault
        try:
            with opened_given(self.path, self.root) as file:
                if os.fstat(file.fileno()).st_size > BYTES_MAX:
                    return foreign(file.read(_BEGINNING)) or _too_large(self.path)
                # It may grow meanwhile: one byte more than any picture may have tells that.
                data = file.read(BYTES_MAX + 1)
        except OSError as error:
            return _no_access(error)
        except IntegrityError:
            return finding("outside", reason="something that took its place")
        if not data:
            return not_an_image("an empty file", "empty")
        return data if len(data) <= BYTES_MAX else _too_large(self.path)

    def size(self) -> int:
        """Bytes that reading it takes; 0 where that can't be said, or none are read."""
        with suppress(OSError):
            size = self.path.stat().st_size
            return size if self.fault is None and size <= BYTES_MAX else 0
        return 0

    def sidecars(self) -> Sidecars:
        """What lies beside it about rights."""
        return sidecars_of(self.path, self.root)

    def is_large(self) -> bool:
        """Whether reading and hashing it takes so long that it is done while other files are sealed."""
        return LARGE <= self.size() < HUGE


@dataclass(frozen=True, slots=True)
class GivenBytes(GivenFile):
    """A file that came as bytes, such as from a browser: nothing of it lies on a disk, nor beside it.

    `caption` is what was said of it.
    """

    data: bytes = b""
    caption: str = ""

    def read(self) -> bytes | Finding:
        """Its bytes, or why there are none: what can't be a picture by its header is refused at once."""
        if not self.data:
            return not_an_image("an empty file", "empty")
        if len(self.data) > BYTES_MAX:
            return foreign(self.data[:_BEGINNING]) or _too_large(self.path)
        # Whoever gives it is still there to be told what is wrong with it.
        return fault_of(self.data) or self.data

    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)

    def sidecars(self) -> Sidecars:
        """Nothing: it came alone."""
        return Sidecars("", (), (), ())


#: Where files that came as bytes are said to lie; no program writes there.
_NOWHERE = Path("/given as bytes")


def given_bytes(name: str, data: bytes, caption: str = "") -> Given:
    """What was given as bytes. name: the file's, with the folders it lay in, separated by slashes."""
    parts = [each for each in name.replace("\0", "").split("/") if each not in ("", ".", "..")]
    path = _NOWHERE.joinpath(*parts or ["file"])
    given = Given()
    if system := belongs_to_system(path, _NOWHERE):
        given.ignored[system] += 1
    elif _is_about_a_folder(path) or is_about_rights(path):
        given.beside += 1
    else:
        shown = name_as_text(str(path.relative_to(_NOWHERE)))
        given.files.append(GivenBytes(path, shown, _NOWHERE, path.parent, data=data, caption=caption.strip()))
    return given


def contents(file: GivenFile) -> tuple[bytes, str] | Finding:
    """A file's bytes and their digest, or why there are none."""
    if file.is_sidecar:
        return finding("sidecar-alone")
    data = file.read()
    return data if isinstance(data, Finding) else (data, sha256(data))


@dataclass(slots=True)
class Given:
    """Everything that was given: the files to be accounted for, in a fixed order, and how much else.

    `beside` is how many files belong to pictures or their folders, `ignored` how many are the system's, by
    what they are.
    """

    files: list[GivenFile] = field(default_factory=list)
    beside: int = 0
    ignored: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[GivenFile]:
        return iter(self.files)


def given_files(paths: Sequence[Path]) -> Given:
    """Everything that was given; raises UsageError where a path doesn't exist."""
    given = Given()
    homes: dict[Path, Path] = {}
    single = [path for path in paths if path.suffix.lower() not in SUFFIXES and not path.is_dir()]
    places = {place for path in single for place in places_of(path)}
    for path in paths:
        if path.is_dir():
            _add_folder(given, path, homes)
        elif path.exists() or path.is_symlink():
            if system := belongs_to_system(path, path.parent):
                given.ignored[system] += 1
            else:
                _add(given, _given(path, path.parent, homes), places)
        else:
            raise UsageError(f"There is no {path}.", "Check the path.")
    return given


def _add(given: Given, file: GivenFile, places: Set[str]) -> None:
    """Add a file, or count it as beside a picture. places: what sidecars of pictures are called."""
    # What can't be read is named, also where it lies beside a picture.
    if not file.fault and (_is_about_a_folder(file.path) or belongs_to(file.path, places)):
        given.beside += 1
    else:
        is_sidecar = not file.fault and is_about_rights(file.path)
        given.files.append(replace(file, is_sidecar=is_sidecar))


def _is_about_a_folder(path: Path) -> bool:
    return path.name in FOLDER_FILES or path.name.lower() == TDMREP


def _add_folder(given: Given, root: Path, homes: dict[Path, Path]) -> None:
    """Add everything below a folder."""
    closed: dict[Path, Finding] = {}
    everything = sorted(walked(root, closed=lambda folder, error: closed.update({folder: _no_access(error)})))
    found: list[GivenFile] = []
    for path in sorted([*everything, root]) if root in closed else everything:
        fault = closed.get(path)
        is_link, is_folder = path.is_symlink(), _is_folder(path)
        if is_folder and not is_link and fault is None:
            continue  # what is in it is accounted for
        if system := belongs_to_system(path, root):
            given.ignored[system] += 1
            continue
        file = _given(path, root, homes, fault)
        if is_folder and file.fault is None:
            given.ignored[LINKED_FOLDER] += 1
        else:
            found.append(file)
    pictures = [each.path for each in found if not each.fault and each.path.suffix.lower() not in SUFFIXES]
    places = {place for path in pictures for place in places_of(path)}
    for each in found:
        _add(given, each, places)


def _given(path: Path, root: Path, homes: dict[Path, Path], fault: Finding | None = None) -> GivenFile:
    if path.parent not in homes:
        homes[path.parent] = path.parent.resolve()
    if fault is None:
        try:
            what = stray(path, root)
            fault = finding("outside", reason=what) if what else None
        except OSError as error:
            fault = _no_access(error)
    # A folder that was given itself has no name below itself.
    name = path.name or str(path) if path == root else str(path.relative_to(root))
    return GivenFile(path, name_as_text(name), root, homes[path.parent], fault)


def _is_folder(path: Path) -> bool:
    with suppress(OSError):
        return path.is_dir()
    return False


def _no_access(error: OSError) -> Finding:
    return finding("no-access", reason=(error.strerror or "unknown").lower())


def _too_large(path: Path) -> Finding:
    # No picture is so large: here the name may say what the beginning doesn't.
    if (guess_type(path.name)[0] or "").startswith("video/"):
        return not_an_image("a film", "film")
    return finding("bomb", measure=f"over {BYTES_MAX // 2**20} MiB")
