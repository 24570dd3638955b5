"""The mirror: a folder with a second copy of a workspace's keys, logs and rows of what people said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volenti.core.errors import StorageError


@dataclass(frozen=True, slots=True)
class Mirror:
    """The mirror's folder, best on another disk. `doubt`: why it may belong to another workspace, if so.

    While the mirror can't be reached or is in doubt, no key can be made or destroyed, and no withdrawal
    recorded: none of these is complete while the mirror's copy says otherwise. Reading needs no mirror.
    """

    place: Path
    doubt: str = ""

    def folder(self, name: str) -> Path:
        """The path of a folder in the mirror; raises StorageError where it is missing or in doubt."""
        if self.doubt:
            raise StorageError(self.doubt, "Say where your mirror is: volenti backup mirror DIR")
        folder = self.place / name
        if not folder.is_dir():
            raise StorageError(f"The mirror, {folder}, isn't there.", "Mount it, then repeat.")
        return folder
