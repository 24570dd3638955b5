"""The journal: what happened, and its commitment in the transparency log.

The log gets 32 bytes a happening: HMAC-SHA256 of the event under a fresh random
key. The event and that key are a record sealed for those it is about, so erasing
them leaves a leaf that says nothing to anybody, in an order nobody can change.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from volenti.core.canonical import Json, canonical
from volenti.core.clock import Clock, stamp
from volenti.core.digest import commitment
from volenti.core.errors import KeyDestroyedError
from volenti.transparency.log import Log
from volenti.vault.records import Record, Records


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to be recorded: a kind, what was decided, and whom it concerns."""

    kind: str
    body: Json
    owners: tuple[str, ...] = field(default=())


class Journal:
    """Appends happenings to the log and keeps what opens them."""

    def __init__(self, log: Log, records: Records, clock: Clock) -> None:
        self._log = log
        self._records = records
        self._clock = clock

    @property
    def size(self) -> int:
        """How much has happened so far, by any process."""
        return self._log.size

    def record(self, kind: str, body: Json, owners: Sequence[str] = ()) -> int:
        """Record one happening; returns its leaf's index in the log."""
        return self.record_all([Happening(kind, body, tuple(owners))])[0]

    def record_all(self, happenings: Sequence[Happening]) -> list[int]:
        """Record many under one checkpoint; returns the leaves' indices.

        A crash between log and register leaves leaves that nobody can open: harmless.
        """
        if not happenings:
            return []
        openings: list[tuple[Happening, Json]] = []
        leaves: list[bytes] = []
        for happening in happenings:
            event = {"kind": happening.kind, "at": stamp(self._clock()), "body": happening.body}
            key = os.urandom(32)
            leaves.append(commitment(key, canonical(event)))
            openings.append((happening, {"event": event, "key": key.hex()}))
        indices = list(self._log.append(leaves))
        self._records.put_all(
            Record("event", f"{index:012d}", opening, happening.owners, happening.kind, "", index)
            for index, (happening, opening) in zip(indices, openings, strict=True)
        )
        return indices

    def event(self, index: int) -> Json | None:
        """What was recorded as leaf `index`: kind, at, body. None where nobody can tell any more."""
        try:
            record = self._records.get("event", f"{index:012d}")
        except KeyDestroyedError:
            return None
        if record is None:
            return None
        event: Json = record.body["event"]
        return event

    def opens(self, index: int) -> bool:
        """Whether the record of leaf `index` is there and matches its commitment."""
        record = self._records.get("event", f"{index:012d}")
        if record is None:
            return False
        leaf = commitment(bytes.fromhex(record.body["key"]), canonical(record.body["event"]))
        return leaf == self._log.entry(index)
