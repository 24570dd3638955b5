"""The deletion feed: tells everybody who got an export what has to go out of it.

A log like the other one (tiles in a folder, signed checkpoints), so that any web server can publish it,
a recipient reads only what is new, and nobody can take an entry back. An entry is a token of one
delivery's: it says nothing to anybody who hasn't got that delivery.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from volenti.clearance.image import CONTROLLER
from volenti.core.clock import Clock, moment, stamp
from volenti.core.errors import IntegrityError
from volenti.deliveries.acknowledgement import Acknowledgement
from volenti.deliveries.holder import DeliveryHolder
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Entry, Snapshot
    from volenti.deliveries.delivery import Delivery
    from volenti.deliveries.exports import Exports
    from volenti.transparency.log import Log
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault

_DELETION, _ACKNOWLEDGEMENT = "deletion", "acknowledgement"
#: The event that says how far the feed has grown: its size and root.
ANCHORED = "feed-grew"


@dataclass(frozen=True, slots=True)
class DeletionNotice:
    """What a recipient was told, and what they said they did. `since`: of the oldest they are yet to say.

    `told` and `open` count samples.
    """

    delivery: Delivery
    told: int = 0
    open: int = 0
    since: str = ""
    due: str = ""
    acknowledged: str = ""

    def is_overdue(self, now: datetime) -> bool:
        """Whether the recipient should have said by now that they followed; False where nothing is due."""
        return self.due != "" and now > moment(self.due)

    def to_json(self) -> Json:
        """The notice as a JSON object; null where a time isn't known."""
        given = self.delivery
        return {
            "delivery": given.id,
            "recipient": given.recipient,
            "dataset": given.snapshot,
            "format": given.format,
            "delivered": given.at,
            "samples": given.samples,
            "complete": given.complete,
            "told": self.told,
            "open": self.open,
            "since": self.since or None,
            "due": self.due or None,
            "acknowledged": self.acknowledged or None,
        }


class Feed:
    """Publishes deletions and keeps acknowledgements."""

    def __init__(
        self,
        log: Log,
        records: Records,
        vault: Vault,
        datasets: Datasets,
        exports: Exports,
        events: EventLog,
        days: int,
        clock: Clock,
    ) -> None:
        """days: within which a recipient should acknowledge."""
        vault.holders.announce(DeliveryHolder(self, vault))
        self.log = log
        self._records = records
        self._datasets = datasets
        self._exports = exports
        self._events = events
        self._days = days
        self._clock = clock

    def untold(
        self, owner: str, which: Callable[[Snapshot, Entry], bool] = lambda snapshot, entry: True
    ) -> list[tuple[Delivery, Entry]]:
        """Samples of the owner's that were delivered and not called back. Needs their key."""
        found = []
        delivered: dict[str, list[Delivery]] = {}
        for place in self._datasets.places_of(owner):
            if place.snapshot not in delivered:
                delivered[place.snapshot] = self._exports.deliveries(place.snapshot)
            for delivery in delivered[place.snapshot]:
                name = _name(delivery, place.position)
                if place.position in delivery.left_out or self._records.row(_DELETION, name) is not None:
                    continue
                entry = self._datasets.entry(place)
                if which(self._datasets.snapshot(place.snapshot), entry):
                    found.append((delivery, entry))
        return found

    def tell(
        self, owner: str, which: Callable[[Snapshot, Entry], bool] = lambda snapshot, entry: True
    ) -> int:
        """Call samples of the owner's back that were delivered; returns how many were new.

        Killed between the feed and the register, the same call tells some a second time: harmless.
        """
        due = self.untold(owner, which)
        if not due:
            return 0
        # Sorted, so that neither their order nor how two recipients' tokens lie says which belong together.
        due.sort(key=lambda each: each[0].token(each[1]))
        indices = self._append(due)
        at = stamp(self._clock())
        self._records.put_all(
            Record(
                _DELETION,
                _name(delivery, entry.position),
                {"index": index, "at": at},
                (),
                "",
                delivery.id,
                entry.position,
            )
            for index, (delivery, entry) in zip(indices, due, strict=True)
        )
        return len(due)

    def _append(self, due: Sequence[tuple[Delivery, Entry]]) -> range:
        """Into the feed, and how far it has grown into the log, so that it can't be put back unseen."""
        indices = self.log.append([delivery.token(entry) for delivery, entry in due])
        head = self.log.head()
        grown = {"size": head.size, "root": base64.b64encode(head.root).decode()}
        self._events.record(ANCHORED, grown)
        return indices

    def presume(self, owner: str) -> int:
        """Write down that samples of somebody whose key is gone were called back; returns how many.

        For a register that is older than the feed. A key goes after the feed was told, and which of its
        tokens are theirs can't be computed any more: each recipient is waited for until they
        acknowledge the feed as it is now. Where it is empty nobody was told, and the audit says so.
        """
        at, index = stamp(self._clock()), self.log.size - 1
        told = [
            Record(
                _DELETION,
                _name(delivery, place.position),
                {"index": index, "at": at},
                (),
                "",
                delivery.id,
                place.position,
            )
            for place in self._datasets.places_of(owner)
            for delivery in self._exports.deliveries(place.snapshot)
            if index >= 0
            and place.position not in delivery.left_out
            and self._records.row(_DELETION, _name(delivery, place.position)) is None
        ]
        self._records.put_all(told)
        return len(told)

    def notices(self) -> list[DeletionNotice]:
        """Every delivery, with what its recipient was told."""
        return [self._notice(each) for each in self._exports.deliveries()]

    def overdue(self) -> list[DeletionNotice]:
        """Those whose recipient should have acknowledged by now."""
        now = self._clock()
        return [each for each in self.notices() if each.is_overdue(now)]

    def _notice(self, delivery: Delivery) -> DeletionNotice:
        told = [each.body for each in self._records.find(_DELETION, parent=delivery.id)]
        said = [each.body for each in self._records.find(_ACKNOWLEDGEMENT, parent=delivery.id)]
        size = max((each["size"] for each in said), default=0)
        waiting = sorted(each["at"] for each in told if each["index"] >= size)
        since = waiting[0] if waiting else ""
        due = stamp(moment(since) + timedelta(days=self._days)) if since else ""
        last = max((each["at"] for each in said), default="")
        return DeletionNotice(delivery, len(told), len(waiting), since, due, last)

    def acknowledge(self, note: str | bytes) -> DeletionNotice:
        """Keep a recipient's acknowledgement.

        Raises NotFoundError for a delivery that nobody made, IntegrityError where the delivery's key
        didn't sign it or it is about another state of the feed than there was.
        """
        delivery = self._exports.delivery(Acknowledgement.parse(note).delivery)
        read = Acknowledgement.verify(note, delivery.public)
        if read.feed != self.log.origin or read.size > self.log.size or self.log.root(read.size) != read.root:
            raise IntegrityError(
                "The acknowledgement is about a feed that isn't this one.",
                "Have them apply the feed as it is published, and send what that writes.",
            )
        body = {"size": read.size, "at": read.at, "removed": read.removed, "left": read.left}
        name = f"{delivery.id}/{read.size:012d}"
        self._records.put(
            _ACKNOWLEDGEMENT,
            name,
            {**body, "note": _text(note)},
            owners=(CONTROLLER,),
            parent=delivery.id,
            position=read.size,
        )
        self._events.record("deletion-acknowledged", {"delivery": delivery.id, **body}, (CONTROLLER,))
        return self._notice(delivery)

    def unkept(self) -> Iterator[str]:
        """What was delivered, is a tombstone now and was never called back; for the audit."""
        for delivery in self._exports.deliveries():
            told = {row.position for row in self._records.rows(_DELETION, parent=delivery.id)}
            for position in self._datasets.tombstones(delivery.snapshot):
                if not (position in told or position in delivery.left_out):
                    yield f"{delivery.snapshot} entry {position}, delivered in {delivery.id}"


def _name(delivery: Delivery, position: int) -> str:
    return f"{delivery.id}/{position:08d}"


def _text(note: str | bytes) -> str:
    return note if isinstance(note, str) else note.decode()
