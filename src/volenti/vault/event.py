"""Event: a row for each entry of the log, which says what the entry is a commitment to.

Every entry has its row, from one on that the register knows (`EventLog.since`). Erasing somebody empties the
rows of what concerned them and leaves them there, of nobody: so a row that was taken out of the register is
told from one that was erased. What stays says that there was an entry, and nothing of whom or of what.
"""

from __future__ import annotations

import os

from volenti.core.canonical import Json, canonical
from volenti.core.digest import commitment

#: Kind of the rows, and the state of those whose content went with whom it was about.
EVENT, ERASED = "event", "erased"
#: State of rows for entries that were logged after the backup that the register was brought back from.
LOST = "lost-in-restore"


def name_of(index: int) -> str:
    """The identifier of an entry's row."""
    return f"{index:012d}"


def leaf_of(body: Json) -> bytes:
    """The 32 bytes that the log has, or is to have, of an event: nothing of an erased one's can be told."""
    if "event" in body:
        return commitment(bytes.fromhex(body["key"]), canonical(body["event"]))
    return bytes.fromhex(body["leaf"]) if "leaf" in body else os.urandom(32)


def emptied(body: Json | None) -> Json:
    """What stays of an event's row: its leaf, which the log has in the clear; None where it doesn't open."""
    return {} if body is None else {"leaf": leaf_of(body).hex()}
