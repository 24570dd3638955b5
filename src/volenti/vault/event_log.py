"""The event log: what happened, and its commitment in the transparency log.

The transparency log gets 32 bytes an event: HMAC-SHA256 of the event under a fresh random
key. The event and that key are a record, sealed for the people it is about. Erasing them
leaves a leaf that says nothing to anybody, in an order that nobody can change.

An event's row is written in one transaction with the change it tells of, under the number that its entry will
have. The entry is added to the log once that transaction is durable. A process that is killed in between
leaves rows without entries; the next process that records an event adds those first. So every entry has its
row, unless somebody took the row away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError, VolentiError
from volenti.core.logs import Logger
from volenti.transparency.log import Log
from volenti.vault.event import BEGINNING, EVENT, LOST, leaf_of, name_of
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records

_SINCE = "since"
_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be recorded: a kind, what happened, and whom it is about."""

    kind: str
    body: Json
    owners: tuple[str, ...] = field(default=())
    #: Identifier of the row that it is about, where it is to be erased together with that row.
    about: str = ""


class EventLog:
    """Records events as rows of the register, and adds their commitments to the log."""

    def __init__(self, log: Log, records: Records, clock: Clock) -> None:
        self._log = log
        self._records = records
        self._clock = clock
        #: Leaves of events that were recorded here and aren't known to be in the log.
        self._leaves: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        """How many events any process recorded so far, also those that the log doesn't have yet."""
        return self._next()

    def count(self, kinds: Iterable[str]) -> int:
        """How many events of some kinds there are, none of them opened."""
        return sum(self._records.count(EVENT, state=each) for each in kinds)

    @property
    def since(self) -> int | None:
        """The entry from which on each has its row; None where an earlier version began the log."""
        record = self._records.get(*BEGINNING)
        return None if record is None else int(record.body[_SINCE])

    def account(self) -> int:
        """Put on record that every entry from the next one on has its row; returns that entry's number.

        For workspaces that an earlier version made. Raises ConflictError where one is on record already.
        """
        with self._records.transaction():
            if self.since is not None:
                raise ConflictError(
                    "This was put on record before.", "There is nothing to do: volenti audit uses it."
                )
            since = self._next()
            self._records.put(*BEGINNING, {_SINCE: since})
        return since

    def record(self, kind: str, body: Json, owners: Sequence[str] = ()) -> int:
        """Record one event; returns its leaf's index in the log."""
        return self.record_all([Event(kind, body, tuple(owners))])[0]

    def record_all(self, pending: Sequence[Event]) -> list[int]:
        """Record many under one checkpoint; returns the leaves' indices.

        Inside a transaction they are kept together with all else in it, or not at all; they are added to the
        log once they are kept.
        """
        if not pending:
            return []
        # First, so that nothing is kept where the log can't be added to.
        self._log.append([])
        with self._records.transaction():
            first = self._next()
            if first == 0:
                self._records.put(*BEGINNING, {_SINCE: 0})
            rows = [self._row(first + number, each) for number, each in enumerate(pending)]
            self._records.put_all(rows)
            self._leaves |= {row.position: leaf_of(row.body) for row in rows}
            self._records.do_afterwards(self.publish)
        return [row.position for row in rows]

    def _row(self, index: int, event: Event) -> Record:
        said = {"kind": event.kind, "at": stamp(self._clock()), "body": event.body}
        body = {"event": said, "key": os.urandom(32).hex()}
        return Record(EVENT, name_of(index), body, event.owners, event.kind, event.about, index)

    def _next(self) -> int:
        """The number of the next entry; sure only in a transaction, where nobody else writes."""
        last = self._records.last(EVENT)
        return max(self._log.size, 0 if last is None else last.position + 1)

    def publish(self) -> None:
        """Add the recorded events that the log lacks, in their order, whichever process recorded them."""
        added = elsewhere = 0
        try:
            while leaves := self._unpublished(size := self._log.size):
                new = self._log.append(leaves, at=size)
                added += len(new)
                elsewhere += sum(1 for each in new if each not in self._leaves)
        finally:
            self._leaves.clear()
        if elsewhere:
            # A process that was stopped recorded them, or another one that is at work now.
            _log.info("events of another process logged", entries=elsewhere, size=size + added)

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
        """Give an empty row to each entry that was logged after the register's backup; returns how many."""
        lacking = self.unrecorded()
        self._records.put_all(Record(EVENT, name_of(each), {}, (), LOST, "", each) for each in lacking)
        if lacking:
            _log.info("entries logged since the backup have empty rows", entries=len(lacking))
        return len(lacking)

    def event(self, index: int) -> Json | None:
        """The event of leaf `index`: kind, at, body; None where it was erased or doesn't open."""
        try:
            record = self._records.get(EVENT, name_of(index))
        except KeyDestroyedError:
            return None
        return None if record is None else record.body.get("event")

    def opening(self, index: int) -> Json:
        """What opens leaf `index`: the event and the key of its commitment; NotFoundError without a row."""
        return self._records.require(EVENT, name_of(index)).body

    def said(self, kind: str) -> Iterator[Json]:
        """The bodies of events of a kind, in the order of the log; those that don't open are left out."""
        for row in sorted(self._records.rows(EVENT, state=kind), key=_in_order):
            with suppress(VolentiError):
                yield self._records.opened(row).body["event"]["body"]

    def said_of(self, owner: str, kinds: Collection[str]) -> list[Json]:
        """Events of some kinds about somebody, in the order of the log. Raises where one doesn't open."""
        rows = [row for row in self._records.rows(EVENT, owner=owner) if row.state in kinds]
        return [each.body["event"] for each in self._records.opened_all(sorted(rows, key=_in_order))]

    def said_about(self, row: str, kind: str) -> list[Json]:
        """The bodies of a row's events of a kind, in the order of the log. Raises where one doesn't open."""
        rows = [each for each in self._records.rows(EVENT, parent=row) if each.state == kind]
        return [each.body["event"]["body"] for each in self._records.opened_all(sorted(rows, key=_in_order))]

    def forget_said(self, kind: str, which: Callable[[Json], bool]) -> None:
        """Empty the rows of those events of a kind whose bodies `which` is true of; the empty rows stay."""
        rows = list(self._records.rows(EVENT, state=kind))
        opened = zip(rows, self._records.opened_all(rows), strict=True)
        self._records.take_away([row for row, each in opened if which(each.body["event"]["body"])])

    def forget_said_about(self, row: str, kind: str, which: Callable[[Json], bool]) -> None:
        """Do the same to a row's events of a kind, and also to those of them that nobody can open."""
        rows = [each for each in self._records.rows(EVENT, parent=row) if each.state == kind]
        self._records.take_away([each for each in rows if self._has_to_go(each, which)])

    def _has_to_go(self, row: Row, which: Callable[[Json], bool]) -> bool:
        try:
            return which(self._records.opened(row).body["event"]["body"])
        except KeyDestroyedError:
            return True

    def said_for(self, row: str, owners: tuple[str, ...]) -> list[Record]:
        """A row's events that none of these owners owns, as records of theirs, to be kept so."""
        return [
            replace(self._records.opened(each), owners=owners)
            for each in self._records.rows(EVENT, parent=row)
            if not set(owners) & set(each.owners)
        ]

    def unlogged(self) -> list[int]:
        """Numbers of events that are on record and not in the log: recording the next one adds them."""
        size = self._log.size
        # The size is read again only where it matters: other processes may have added entries meanwhile.
        return [
            row.position
            for row in self._records.rows(EVENT)
            if row.position >= size and row.position >= self._log.size
        ]

    def opens(self, index: int) -> bool:
        """Whether the event of leaf `index` is there and matches its commitment."""
        record = self._records.get(EVENT, name_of(index))
        return (
            record is not None and "event" in record.body and leaf_of(record.body) == self._log.entry(index)
        )


def _in_order(row: Row) -> int:
    return row.position
