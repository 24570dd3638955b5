"""What the log says of requests, compared with the rows that are there (`vault.reconciliation`)."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.vault.event_log import EventLog
from volenti.vault.records import Records


class RequestReconciliation:
    """Checks that every request that was opened is on record."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events

    def problems(self) -> Iterator[str]:
        """Requests that are in the log and not in the register."""
        for said in self._events.said("request-opened"):
            if self._records.row("request", said["request"]) is None:
                yield f"{said['request']} was opened, and isn't in the register"
