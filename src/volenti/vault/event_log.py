"""The event log: what happened, and its commitment in the transparency log.

The transparency log gets 32 bytes an event: HMAC-SHA256 of the event under a fresh random
key. The event and that key are a record sealed for those it is about, so erasing
them leaves a leaf that says nothing to anybody, in an order nobody can change.

An event's row is kept together with what it tells of, under the number that its entry will have, and the
entry is added once both are durable. A process that is killed in between leaves rows that the log doesn't
have yet: whoever records next adds them. So no entry is ever without its row, unless somebody took that away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError, VolentiError
from volenti.transparency.log import Log
from volenti.vault.event import EVENT, LOST, leaf_of, name_of
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records

_KIND, _SINCE = "journal", "since"


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be recorded: a kind, what was decided, and whom it concerns."""

    kind: str
    body: Json
    owners: tuple[str, ...] = field(default=())
    #: Identifier of the row it is about, where it goes with that.
    about: str = ""


class EventLog:
    """Keeps what happened and appends its commitments to the log."""

    def __init__(self, log: Log, records: Records, clock: Clock) -> None:
        self._log = log
        self._records = records
        self._clock = clock
        #: Leaves that were made here and aren't known to be in the log.
        self._leaves: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        """How much has happened so far, by any process: also what the log is yet to say."""
        return self._next()

    @property
    def since(self) -> int | None:
        """From which entry on each has its row; None where an earlier version began the log."""
        record = self._records.get(_KIND, _SINCE)
        return None if record is None else int(record.body[_SINCE])

    def account(self) -> int:
        """Have every entry from here on counted as having its row, in a workspace that doesn't say from when.

        Returns from which. ConflictError where it says so.
        """
        with self._records.transaction():
            if self.since is not None:
                raise ConflictError("Since when is on record.", "Look for what is missing: volenti audit")
            since = self._next()
            self._records.put(_KIND, _SINCE, {_SINCE: since})
        return since

    def record(self, kind: str, body: Json, owners: Sequence[str] = ()) -> int:
        """Record one event; returns its leaf's index in the log."""
        return self.record_all([Event(kind, body, tuple(owners))])[0]

    def record_all(self, pending: Sequence[Event]) -> list[int]:
        """Record many under one checkpoint; returns the leaves' indices.

        Inside a transaction they are kept or not with all that is in it, and logged once they are kept.
        """
        if not pending:
            return []
        # Asked first, so that what can't be logged isn't kept either.
        self._log.append([])
        with self._records.transaction():
            first = self._next()
            if first == 0:
                self._records.put(_KIND, _SINCE, {_SINCE: 0})
            rows = [self._row(first + number, each) for number, each in enumerate(pending)]
            self._records.put_all(rows)
            self._leaves |= {row.position: leaf_of(row.body) for row in rows}
            self._records.afterwards(self.publish)
        return [row.position for row in rows]

    def _row(self, index: int, event: Event) -> Record:
        said = {"kind": event.kind, "at": stamp(self._clock()), "body": event.body}
        body = {"event": said, "key": os.urandom(32).hex()}
        return Record(EVENT, name_of(index), body, event.owners, event.kind, event.about, index)

    def _next(self) -> int:
        """The number of the next entry. To be asked where nobody else writes."""
        last = self._records.last(EVENT)
        return max(self._log.size, 0 if last is None else last.position + 1)

    def publish(self) -> None:
        """Add to the log what is on record and not in it, in its order, whoever recorded it."""
        try:
            while leaves := self._unpublished(size := self._log.size):
                self._log.append(leaves, at=size)
        finally:
            self._leaves.clear()

    def _unpublished(self, size: int) -> list[bytes]:
        leaves: list[bytes] = []
        while (index := size + len(leaves)) in self._leaves or self._records.row(EVENT, name_of(index)):
            leaves.append(self._leaves.get(index) or self._leaf(index))
        if not leaves and self._leaves and max(self._leaves) >= size:
            raise IntegrityError(
                f"The register has no row for entry {size} of the log, which comes before others.",
                "Look for what else is missing: volenti audit",
            )
        return leaves

    def _leaf(self, index: int) -> bytes:
        try:
            record = self._records.get(EVENT, name_of(index))
        except KeyDestroyedError:
            record = None
        return leaf_of({} if record is None else record.body)

    def unrecorded(self) -> list[int]:
        """Entries of the log that should have a row and have none."""
        since, size = self.since, self._log.size
        if since is None:
            return []
        there = bytearray(max(0, size - since))
        for name in self._records.identifiers(EVENT):
            if 0 <= (at := int(name) - since) < len(there):
                there[at] = 1
        return [since + at for at, known in enumerate(there) if not known]

    def restore(self) -> int:
        """Give a row to each entry that was logged after the register's backup was made; returns how many."""
        lacking = self.unrecorded()
        self._records.put_all(Record(EVENT, name_of(each), {}, (), LOST, "", each) for each in lacking)
        return len(lacking)

    def event(self, index: int) -> Json | None:
        """What was recorded as leaf `index`: kind, at, body. None where nobody can tell any more."""
        try:
            record = self._records.get(EVENT, name_of(index))
        except KeyDestroyedError:
            return None
        return None if record is None else record.body.get("event")

    def opening(self, index: int) -> Json:
        """What opens leaf `index`: the event and its commitment's key; NotFoundError where there is none."""
        return self._records.require(EVENT, name_of(index)).body

    def said(self, kind: str) -> Iterator[Json]:
        """What events of a kind say, as far as they open; in the order of the log."""
        for row in sorted(self._records.rows(EVENT, state=kind), key=_in_order):
            with suppress(VolentiError):
                yield self._records.opened(row).body["event"]["body"]

    def said_of(self, owner: str, kinds: Collection[str]) -> list[Json]:
        """Events of some kinds about somebody, in the order of the log. Raises where one doesn't open."""
        rows = [row for row in self._records.rows(EVENT, owner=owner) if row.state in kinds]
        return [each.body["event"] for each in self._records.opened_all(sorted(rows, key=_in_order))]

    def said_about(self, row: str, kind: str) -> list[Json]:
        """What events of a kind say about a row, in the order of the log. Raises where one doesn't open."""
        rows = [each for each in self._records.rows(EVENT, parent=row) if each.state == kind]
        return [each.body["event"]["body"] for each in self._records.opened_all(sorted(rows, key=_in_order))]

    def forget_said(self, kind: str, which: Callable[[Json], bool]) -> None:
        """Empty the rows of events of a kind by what they say; that there were entries stays."""
        rows = list(self._records.rows(EVENT, state=kind))
        opened = zip(rows, self._records.opened_all(rows), strict=True)
        self._records.take_away([row for row, each in opened if which(each.body["event"]["body"])])

    def forget_said_about(self, row: str, kind: str, which: Callable[[Json], bool]) -> None:
        """Empty the rows of a row's events of a kind, by what they say; also those that nobody can open."""
        rows = [each for each in self._records.rows(EVENT, parent=row) if each.state == kind]
        self._records.take_away([each for each in rows if self._is_to_go(each, which)])

    def _is_to_go(self, row: Row, which: Callable[[Json], bool]) -> bool:
        try:
            return which(self._records.opened(row).body["event"]["body"])
        except KeyDestroyedError:
            return True

    def said_for(self, row: str, owners: tuple[str, ...]) -> list[Record]:
        """A row's events, to be kept for its owners of now where they are others' alone."""
        return [
            replace(self._records.opened(each), owners=owners)
            for each in self._records.rows(EVENT, parent=row)
            if not set(owners) & set(each.owners)
        ]

    def unlogged(self) -> list[int]:
        """Numbers of events that are on record and not in the log: the next one adds them."""
        size = self._log.size
        # Asked anew only where it matters: others may have gone on meanwhile.
        return [
            row.position
            for row in self._records.rows(EVENT)
            if row.position >= size and row.position >= self._log.size
        ]

    def opens(self, index: int) -> bool:
        """Whether the record of leaf `index` is there and matches its commitment."""
        record = self._records.get(EVENT, name_of(index))
        return (
            record is not None and "event" in record.body and leaf_of(record.body) == self._log.entry(index)
        )


def _in_order(row: Row) -> int:
    return row.position
