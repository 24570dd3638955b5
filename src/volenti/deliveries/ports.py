"""What exports need from outside: formats in which samples are written.

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
    """Writes samples into a folder, and takes some of them out later."""

    @property
    def name(self) -> str:
        """The format's name, unlike that of any other; it never changes, as deliveries on record carry it."""
        ...

    def write(self, folder: Path, samples: Iterable[Exported]) -> int:
        """Write samples in their order; returns how many. The folder is readable once this has returned."""
        ...

    def tokens(self, folder: Path) -> set[str]:
        """The tokens of all samples in a folder. Raises IntegrityError where it can't be read."""
        ...

    def remove(self, folder: Path, tokens: Collection[str], progress: Progress) -> int:
        """Take samples out, durably; returns how many were there. The others keep their order and bytes.

        After a kill anywhere each sample is whole or gone, and the same call goes on.
        """
        ...
