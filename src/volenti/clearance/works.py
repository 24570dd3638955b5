"""Works as files: the fingerprints of third parties' pictures in a folder.

The pictures themselves are looked at and let go; nothing of them is kept but what
`copies` keeps of every work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from volenti.clearance.copies import Fingerprint, fingerprint
from volenti.clearance.intake import given_files
from volenti.clearance.picture import Picture, open_picture
from volenti.core.progress import Progress, Silent, track


@dataclass(frozen=True, slots=True)
class WorksRead:
    """Fingerprints of what could be read, and the names of files that couldn't."""

    fingerprints: tuple[Fingerprint, ...]
    unreadable: tuple[str, ...]


def read_works(paths: Sequence[Path], progress: Progress | None = None) -> WorksRead:
    """Fingerprint every file given, folders recursively. Raises UsageError where a path doesn't exist."""
    found: list[Fingerprint] = []
    unreadable: list[str] = []
    for file in track(progress or Silent(), "Reading works", list(given_files(paths))):
        try:
            picture = open_picture(file.path.read_bytes())
        except OSError:
            unreadable.append(file.name)
            continue
        if isinstance(picture, Picture):
            found.append(fingerprint(picture.rgb))
        else:
            unreadable.append(file.name)
    return WorksRead(tuple(found), tuple(unreadable))
