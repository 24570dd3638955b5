"""Reconciliation: what the log says happened, held against the rows that are there.

Whoever has the database and no keys can't write a row, but can take one out, or put one back as it was: a
withdrawal would be gone, a release that was superseded in force again, a picture that was rejected cleared
again. The log can't be taken back. So each of its entries must have its row (`EventLog.unrecorded`), and each
event that is still on record must be seen in what it was about, and the other way round. Nothing is changed.

Each package that keeps rows compares its own; what is the same for all of them is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from volenti.vault.event_log import EventLog
from volenti.vault.records import Records


class Reconciliation(Protocol):
    """Compares one package's rows with the log."""

    def problems(self) -> Iterator[str]:
        """What the log says that the rows don't, or the rows that the log doesn't, in words."""
        ...


class RowsOfEvents:
    """Of every entry there is a row, and of every event that makes a row, that row."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events

    def problems(self) -> Iterator[str]:
        """Entries without a row, and rows that the log tells of and that aren't there."""
        if self._events.since is None and self._events.size > 0:
            yield (
                "the register doesn't say from which entry of the log on each has its row; "
                "where an earlier version made the workspace: volenti log account"
            )
        # Asked anew, because others go on meanwhile.
        lacking = self._events.unrecorded()
        for each in sorted(set(lacking).intersection(self._events.unrecorded() if lacking else ())):
            yield f"entry {each} of the log has no row: it was taken out of the register"
        for kind in self._records.declared.values():
            if kind.begun_by is not None:
                event, name = kind.begun_by
                for said in self._events.said(event):
                    if self._records.row(kind.name, name(said)) is None:
                        yield f"{kind.name} {name(said)} is in the log, and not in the register"
