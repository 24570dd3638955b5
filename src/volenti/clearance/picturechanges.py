"""Changed pictures: which pictures the events of the log name, so that what is in memory is read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError
from volenti.vault.event import EVENT, name_of

if TYPE_CHECKING:
    from volenti.vault.records import Records

#: The event of a picture that was taken out; it isn't about the picture, which is gone.
_REMOVED = "picture-removed"
#: Looking at a picture changes nothing of it.
_LOOKED = "pictures-looked-at"


def newest_event(records: Records) -> int:
    """The number of the newest event on record; -1 where there is none."""
    newest = records.last(EVENT)
    return -1 if newest is None else newest.position


def changed_pictures(records: Records, first: int, last: int) -> Iterator[str]:
    """The pictures that events from `first` to `last` name, each once."""
    found: dict[str, None] = {}
    for index in range(first, last + 1):
        row = records.row(EVENT, name_of(index))
        if row is not None and row.state == _REMOVED:
            with suppress(KeyDestroyedError):
                found[str(records.opened(row).body["event"]["body"]["image"])] = None
        elif row is not None and row.parent and row.state != _LOOKED:
            found[row.parent] = None
    return iter(found)
