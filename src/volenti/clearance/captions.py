"""Captions: what is written beside pictures about what they show, and what of it couldn't be used.

A caption lies beside its picture as `<name>.txt` or `<name>.caption`, or in a listing of a folder:
`metadata.jsonl` or `metadata.csv` in the picture's folder or one above it within what was given, with the
fields `file_name` (relative to the listing) and `text`, or `caption` where there is no `text` (the layout of
Hugging Face's ImageFolder). Where several say something about one picture, the listing that lies nearest
counts, then the file beside the picture; in a listing, the first line. That others say something else is a
fault.

Captions are learned from, so nothing is guessed: a caption is a text or isn't one. Whatever isn't used is a
fault that says in which file and line it stands, and stops nothing else.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from volenti.clearance.given import LISTINGS, GivenBytes, GivenFile
from volenti.clearance.listing import LENGTH_MAX, OTHER_ENCODING, Entry, entries_of, text_in
from volenti.core.errors import IntegrityError
from volenti.core.inside import opened_given
from volenti.core.shown import name_as_text
from volenti.perception.rights.sidecar import beside

#: Suffixes of captions that lie beside pictures; the first counts.
SUFFIXES = (".txt", ".caption")
#: Faults that are kept; the others are counted.
FAULTS_MAX = 1_000
#: Characters of a file's name that a fault repeats.
_NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class CaptionFault:
    """What is wrong in a file with captions: its path as given, the line (0: all of it), and whether it was
    used all the same."""

    file: str
    line: int
    why: str
    used: bool = False

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.why}" if self.line else f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class _Said:
    """A caption, and where it stands."""

    text: str
    place: str


class Captions:
    """The captions of what was given. `faults` are the first thousand of `faults_count`."""

    def __init__(self, files: Sequence[GivenFile]) -> None:
        """Reads the listings; what lies beside a picture is read when its caption is asked for."""
        self.faults: list[CaptionFault] = []
        self.faults_count = 0
        self._listed: dict[Path, _Said] = {}
        by_root: dict[Path, list[Path]] = {}
        for file in files:
            if isinstance(file, GivenBytes):
                continue  # nothing lies beside it
            by_root.setdefault(file.root, []).append(file.path)
        for root, paths in by_root.items():
            names = _Names(root, paths)
            for folder in _folders(root, paths):
                for name in LISTINGS:
                    self._read(folder / name, names)

    def of(self, file: GivenFile) -> str:
        """A picture's caption; "" where it has none."""
        if isinstance(file, GivenBytes):
            return file.caption
        said = self._listed.get(file.path)
        for path in (path for suffix in SUFFIXES for path in beside(file.path, suffix)):
            name = name_as_text(str(path))
            text = self._beside(path, file.root, name)
            if text and said is None:
                said = _Said(text, name)
            elif text and said is not None and text != said.text:
                self._fault(name, 0, f"says something else than {said.place}, which counts")
        return "" if said is None else said.text

    def _beside(self, path: Path, root: Path, name: str) -> str:
        """The caption in a file beside a picture; "" where there is none."""
        try:
            with opened_given(path, root) as file:
                # No character takes more than four bytes.
                data = file.read(4 * LENGTH_MAX + 4)
        except (OSError, IntegrityError):
            return ""  # what isn't an ordinary file is accounted for among the files given
        text, other = text_in(data)
        if len(text) > LENGTH_MAX:
            self._fault(name, 0, f"is longer than {LENGTH_MAX:,} characters")
            return ""
        if other:
            self._fault(name, 0, other, used=True)
        return text.strip()

    def _read(self, listing: Path, names: _Names) -> None:
        """Take a listing's captions of pictures about which no nearer one has said anything."""
        name = name_as_text(str(listing))
        try:
            with opened_given(listing, names.root) as file:
                for entry in entries_of(file, listing.suffix):
                    self._take(entry, name, listing.parent, names)
        except (FileNotFoundError, IntegrityError):
            return  # what isn't an ordinary file is accounted for among the files given
        except OSError as error:
            self._fault(name, 0, f"can't be read: {(error.strerror or 'unknown').lower()}")

    def _take(self, entry: Entry, name: str, folder: Path, names: _Names) -> None:
        if entry.fault:
            used = entry.is_used or entry.fault == OTHER_ENCODING
            self._fault(name, entry.line, entry.fault, used=used)
        if not entry.is_used:
            return
        path, why = names.find(folder, entry.file_name)
        if why:
            self._fault(name, entry.line, why)
        if path is not None:
            said = self._listed.setdefault(path, _Said(entry.text, f"{name}, line {entry.line}"))
            if said.text != entry.text:
                self._fault(name, entry.line, f"says something else than {said.place}, which counts")

    def _fault(self, name: str, line: int, why: str, *, used: bool = False) -> None:
        self.faults_count += 1
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(CaptionFault(name, line, why, used))


class _Names:
    """Finds the files given below one folder by what a listing calls them.

    Programs write one name in several ways: accents as letters of their own or not, backslashes between
    folders, letters in another case, and in an encoding that the disk doesn't have. Another spelling counts
    where one file alone has it.
    """

    def __init__(self, root: Path, paths: Sequence[Path]) -> None:
        self.root = root
        self._paths = paths
        #: What lies in the folders that were looked into, by the folder.
        self._there: dict[str, set[str]] = {}

    def find(self, folder: Path, name: str) -> tuple[Path | None, str]:
        """The file that a listing in `folder` calls so; or why there is none, "" where it wasn't given."""
        shown = repr(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}...")
        is_out = True
        for spelled in dict.fromkeys((name, name.strip(), name.strip().replace("\\", "/"))):
            below = posixpath.normpath(posixpath.join(self._below(folder), spelled))
            if below.startswith(("/", "../")) or below == "..":
                continue
            is_out = False
            if below in self._exact:
                return self._exact[below], ""
            for known, key in ((self._spelled, _key(below)), (self._folded, _key(below).casefold())):
                found = known.get(key, [])
                if len(found) == 1:
                    return found[0], ""
                if found:
                    return None, f"{shown} may be any of {len(found)} files"
            if _is_folder(self.root / below):
                return None, f"{shown} is a folder"
            if self._is_on_disk(below):
                return None, ""  # it is there, and wasn't given
        if is_out:
            return None, f"{shown} leads out of the folder that was given"
        return None, f"there is no file {shown}"

    def _is_on_disk(self, below: str) -> bool:
        """Whether a file is there under this name, or under another spelling of it."""
        if os.path.lexists(self.root / below):
            return True
        folder, name = posixpath.split(below)
        if folder not in self._there:
            with suppress(OSError, ValueError):
                self._there[folder] = {_key(each.name).casefold() for each in (self.root / folder).iterdir()}
        return _key(name).casefold() in self._there.get(folder, ())

    def _below(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    @cached_property
    def _exact(self) -> dict[str, Path]:
        return {self._below(path): path for path in self._paths}

    @cached_property
    def _spelled(self) -> dict[str, list[Path]]:
        return self._by(_key)

    @cached_property
    def _folded(self) -> dict[str, list[Path]]:
        return self._by(lambda below: _key(below).casefold())

    def _by(self, key: Callable[[str], str]) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for below, path in self._exact.items():
            found.setdefault(key(below), []).append(path)
        return found


def _key(name: str) -> str:
    """A name in the form in which accents are parts of their letters, and bytes of Windows-1252 letters."""
    try:
        data = os.fsencode(name)
    except UnicodeEncodeError:
        return name
    return unicodedata.normalize("NFC", text_in(data)[0])


def _is_folder(path: Path) -> bool:
    with suppress(OSError, ValueError):
        return path.is_dir()
    return False


def _folders(root: Path, paths: Sequence[Path]) -> list[Path]:
    """The folders in which listings of these files may lie, the deepest first."""
    found: set[Path] = set()
    for path in paths:
        folder = path.parent
        while folder not in found and folder.is_relative_to(root):
            found.add(folder)
            folder = folder.parent
    return sorted(found, key=lambda each: (-len(each.parts), each))
