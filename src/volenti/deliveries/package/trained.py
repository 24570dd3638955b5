"""Trained parts: of how many pictures of each part of an opened package a result was made last.

Written beside the pictures each time a result is made. So a part that lost pictures is known to be trained
again until that was done, also where the command that took them out was interrupted.
"""

from __future__ import annotations

import json
from pathlib import Path

from volenti.core.canonical import parse_given
from volenti.core.errors import IntegrityError, StorageError
from volenti.core.files import write_atomically
from volenti.core.inside import opened_inside
from volenti.core.logs import Logger
from volenti.deliveries.delivery import BESIDE

_FILE = f"{BESIDE}/trained.json"
_log = Logger(__name__)


def note_trained(folder: Path, shard: int, images: int) -> None:
    """Write down that a result was made of so many pictures of a part.

    Where that can't be written, the result is good all the same, and the part is named once more. So it is
    where another process writes down another part at the same moment.
    """
    known = {str(number): count for number, count in trained_on(folder).items()}
    try:
        write_atomically(folder / _FILE, json.dumps({**known, str(shard): images}).encode() + b"\n")
    except StorageError as error:
        _log.warning("can't write down that a part was trained", part=shard, why=error.message)


def trained_on(folder: Path) -> dict[int, int]:
    """Of how many pictures the last result of each part was made, as far as is known."""
    try:
        with opened_inside(folder, _FILE) as file:
            return {int(shard): int(images) for shard, images in parse_given(file.read()).items()}
    except (OSError, ValueError, TypeError, AttributeError, IntegrityError):
        return {}
