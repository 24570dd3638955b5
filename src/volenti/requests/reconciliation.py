"""What the log says of requests, held against the rows that are there (`vault.reconciliation`)."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.vault.journal import Journal
from volenti.vault.records import Records


class RequestReconciliation:
    """Requests that were opened are on record."""

    def __init__(self, records: Records, journal: Journal) -> None:
        self._records = records
        self._journal = journal

    def problems(self) -> Iterator[str]:
        """Requests that the log tells of and that aren't there."""
        for said in self._journal.said("request-opened"):
            if self._records.row("request", said["request"]) is None:
                yield f"{said['request']} was opened, and isn't in the register"
