"""What datasets need from the outside: forms in which they leave the workspace.

Every adapter passes tests/contracts/test_export_format.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from volenti.core.progress import Progress


@dataclass(frozen=True, slots=True)
class Exported:
    """One sample: a picture file's bytes without metadata, its caption, and its token in hexadecimal."""

    position: int
    token: str
    caption: str
    data: bytes
    suffix: str


class ExportFormat(Protocol):
    """Writes samples into a folder, and takes some of them out again."""

    @property
    def name(self) -> str:
        """The format's name, unlike that of any other; it never changes, as deliveries on record carry it."""
        ...

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write them in their order; returns how many. Readable only once this has returned."""
        ...

    def tokens(self, folder: Path) -> set[str]:
        """Of every sample that is there. Raises IntegrityError where the folder can't be read."""
        ...

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Take samples out, durably; returns how many were there. Others keep order and bytes.

        Killed anywhere, a sample is there whole, or gone; the same call goes on.
        """
        ...
