"""Reconciliation of works: compares what the event log says with their rows (`vault.reconciliation`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from volenti.catalogue.ledger import WITHDRAWN
from volenti.core.errors import VolentiError
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records


class CatalogueReconciliation:
    """Checks that works that were handed out are on record, and that those called back are marked so."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events

    def problems(self) -> Iterator[str]:
        """Works that are missing, and works that should be marked as called back and aren't."""
        there: dict[str, tuple[str, str]] = {}
        for row in self._records.rows("work"):
            with suppress(VolentiError):
                there[row.id] = self._records.opened(row).body["sha256"], row.state
        digests = {digest for digest, _ in there.values()}
        for said in self._events.said("works-generated"):
            lost = [each for each in said["works"] if each not in digests]
            for digest in lost:
                yield f"a work with SHA-256 {digest[:16]} was handed out, and isn't in the register"
        for said in self._events.said("works-withdrawn"):
            for work in said["works"]:
                if there.get(work, ("", WITHDRAWN))[1] != WITHDRAWN:
                    yield f"work {work} was called back, and the register says otherwise"
