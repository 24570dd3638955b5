"""Checksums: SHA-256 of every file of an export, in a file that `sha256sum -c SHA256SUMS` checks.

When samples are taken out, the lines of the files that have to change are taken out first, and these files
get new lines afterwards. So a file without a line was being changed when something interrupted it, and gets
its line with the next call. A file that somebody else changed keeps the line of what was delivered, and
doesn't check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from volenti.core.digest import sha256_file
from volenti.core.files import write_atomically
from volenti.core.inside import is_plain, opened_inside, walked

SUMS = "SHA256SUMS"


class Checksums:
    """The checksums of one export."""

    def __init__(self, folder: Path, sums: dict[str, str]) -> None:
        self._folder = folder
        self._sums = sums

    @classmethod
    def of(cls, folder: Path) -> Checksums:
        """Compute the checksum of every file there is, and write them."""
        made = cls(folder, {})
        made.complete(walked(folder))
        return made

    @classmethod
    def read(cls, folder: Path) -> Checksums | None:
        """The checksums of an export; None where it has none, as earlier versions made them."""
        if not (folder / SUMS).exists():
            return None
        with opened_inside(folder, SUMS) as file:
            lines = file.read().decode(errors="replace").splitlines()
        pairs = (line.partition("  ") for line in lines)
        return cls(folder, {name: digest for digest, _, name in pairs if name})

    def is_as_delivered(self, path: Path) -> bool:
        """Whether a file is there and is what its line says, or was being changed here."""
        if not (path.exists() and is_plain(path)):
            return False
        said = self._sums.get(self._name(path))
        return said is None or said == sha256_file(path)

    def hold(self) -> bool:
        """Whether every file that has a line is there and is what its line says."""
        return all(self.is_as_delivered(self._folder / name) for name in self._sums)

    def begin(self, changing: Iterable[Path]) -> None:
        """Take out the lines of files that are going to be changed or removed."""
        before = len(self._sums)
        for path in changing:
            self._sums.pop(self._name(path), None)
        if len(self._sums) < before:
            self._write()

    def complete(self, paths: Iterable[Path]) -> None:
        """Add lines of those of the files that have none and are there."""
        lacking = [path for path in paths if self._name(path) not in self._sums]
        there = [path for path in lacking if path.exists() and is_plain(path) and path != self._folder / SUMS]
        if there:
            self._sums |= {self._name(path): sha256_file(path) for path in there}
            self._write()

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _write(self) -> None:
        write_atomically(self._folder / SUMS, lines_of(self._sums))


def lines_of(sums: Mapping[str, str]) -> bytes:
    """The file's content. sums: the SHA-256 of each file, by its name below the folder."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()
