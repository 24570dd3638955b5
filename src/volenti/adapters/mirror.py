"""The mirror: the place where a workspace's keys, its logs and what people said lie a second time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volenti.core.errors import StorageError


@dataclass(frozen=True, slots=True)
class Mirror:
    """A folder, best on another disk. `doubt`: why it may not be this workspace's mirror, if it mayn't.

    What can't be reached and what is in doubt hold up whoever makes or destroys a key and whoever takes a
    yes back: nothing of that is over while a copy says otherwise. Reading needs no mirror.
    """

    place: Path
    doubt: str = ""

    def folder(self, name: str) -> Path:
        """A folder of the mirror's; raises StorageError where it isn't there, or is in doubt."""
        if self.doubt:
            raise StorageError(self.doubt, "Say where your mirror is: volenti backup mirror DIR")
        folder = self.place / name
        if not folder.is_dir():
            raise StorageError(f"The mirror, {folder}, isn't there.", "Mount it, then repeat.")
        return folder
