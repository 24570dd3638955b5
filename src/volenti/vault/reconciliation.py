"""Reconciliation: what the log says happened, compared with the rows of the register.

Somebody who has the database and no keys can't write a row, but can take one out, or put one back as it was:
a withdrawal would be gone, a superseded release in force again, a rejected picture cleared again. The log
can't be put back. So each of its entries must have its row (`EventLog.unrecorded`), each event that is still
on record must agree with the rows that it is about, and each row with its events. Nothing is changed here.

Each package that keeps rows compares its own; the comparison that is the same for all of them is here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from volenti.vault.event_log import EventLog
from volenti.vault.records import Records


class Reconciliation(Protocol):
    """Compares one package's rows with the log."""

    def problems(self) -> Iterator[str]:
        """Where the log and the rows contradict each other, in words."""
        ...


class RowsOfEvents:
    """Checks that every entry has its row, and that every row is there that an event has made."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events

    def problems(self) -> Iterator[str]:
        """Entries without a row, and rows that are in the log and not in the register."""
        if self._events.since is None and self._events.size > 0:
            yield (
                "the register doesn't say from which entry of the log on each has its row; "
                "where an earlier version made the workspace: volenti log account"
            )
        # Asked twice, because other processes record events meanwhile.
        lacking = self._events.unrecorded()
        for each in sorted(set(lacking).intersection(self._events.unrecorded() if lacking else ())):
            yield f"entry {each} of the log has no row: it was taken out of the register"
        for kind in self._records.declared.values():
            if kind.begun_by is not None:
                event, name = kind.begun_by
                begun = Counter(map(name, self._events.said(event)))
                if kind.ended_by is not None:
                    event, name = kind.ended_by
                    # What was taken away may have been begun anew since.
                    begun.subtract(map(name, self._events.said(event)))
                for identifier, count in begun.items():
                    if count > 0 and self._records.row(kind.name, identifier) is None:
                        yield f"{kind.name} {identifier} is in the log, and not in the register"
