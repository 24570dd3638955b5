"""Event: the row of a log entry, which says what the entry is a commitment to.

Every entry has such a row, from the entry on that `EventLog.since` names. Erasing a person empties the rows
of events about them; the empty rows stay, and nobody owns them. So an audit can tell a row that somebody took
out of the register from one that was erased. An empty row says that there was an event, and not whom or what
it was about.
"""

from __future__ import annotations

import os

from volenti.core.canonical import Json, canonical
from volenti.core.digest import commitment

#: Kind of the rows, and the state of those that were emptied because whoever they are about was erased.
EVENT, ERASED = "event", "erased"
#: State of rows of entries that were logged after the backup from which the register was brought back.
LOST = "lost-in-restore"

#: Kind and identifier of the row that says from which entry on each has its row.
BEGINNING = ("journal", "since")


def name_of(index: int) -> str:
    """The identifier of an entry's row."""
    return f"{index:012d}"


def leaf_of(body: Json) -> bytes:
    """The 32 bytes that the log has, or will have, of an event; random ones where nothing of it is left."""
    if "event" in body:
        return commitment(bytes.fromhex(body["key"]), canonical(body["event"]))
    return bytes.fromhex(body["leaf"]) if "leaf" in body else os.urandom(32)


def emptied(body: Json | None) -> Json:
    """What stays of an event's row: its leaf, which the log has in the clear. body: None where none opens."""
    return {} if body is None else {"leaf": leaf_of(body).hex()}
