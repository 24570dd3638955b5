"""The deletion feed: tells everybody who got an export which samples they have to take out of it.

It is a log like the workspace's own (tiles in a folder, signed checkpoints): any web server can publish it,
a recipient reads only what is new, and nobody can take an entry back. An entry is a token of one
delivery: it says nothing to anybody who doesn't have that delivery.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from volenti.clearance.image import CONTROLLER
from volenti.core.clock import Clock, moment, stamp
from volenti.core.errors import IntegrityError
from volenti.core.logs import Logger
from volenti.deliveries.acknowledgement import Acknowledgement
from volenti.deliveries.holder import DeliveryHolder
from volenti.deliveries.notice import DeletionNotice
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Entry, PlaceInSnapshot
    from volenti.deliveries.delivery import Delivery
    from volenti.deliveries.exports import Exports
    from volenti.transparency.log import Log
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault

    #: A delivery, and an entry of its snapshot.
    Sample = tuple[Delivery, Entry]
    Which = Callable[[Delivery, Entry], bool]

_log = Logger(__name__)

_DELETION, _ACKNOWLEDGEMENT = "deletion", "acknowledgement"
#: The event that says how far the feed has grown: its size and root.
ANCHORED = "feed-grew"


def everything(delivery: Delivery, entry: Entry) -> bool:
    """Every sample of every delivery."""
    return True


class Feed:
    """Publishes deletions, keeps acknowledgements, and says which are due."""

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
        """days: in how many days a recipient should acknowledge."""
        vault.holders.announce(DeliveryHolder(self, vault))
        self.log = log
        self._records = records
        self._datasets = datasets
        self._exports = exports
        self._events = events
        self._days = days
        self._clock = clock

    def untold(self, owner: str, which: Which = everything) -> list[Sample]:
        """Samples of an owner's that were delivered and not called back yet. Needs the owner's key.

        which: only those for which it is true.
        """
        found = []
        for delivery, place in self._delivered(owner):
            if self._records.row(_DELETION, _name(delivery, place.position)) is None:
                entry = self._datasets.entry(place)
                if which(delivery, entry):
                    found.append((delivery, entry))
        return found

    def called_back(self, owner: str, since: str = "") -> list[Delivery]:
        """The delivery of each sample of an owner's that was called back and isn't acknowledged yet.

        since: only those called back from this moment on. Needs no key.
        """
        found, acknowledged = [], {}
        for delivery, place in self._delivered(owner):
            told = self._records.get(_DELETION, _name(delivery, place.position))
            if told is None or told.body["at"] < since:
                continue
            if delivery.id not in acknowledged:
                acknowledged[delivery.id] = self._acknowledged(delivery)
            if told.body["index"] >= acknowledged[delivery.id]:
                found.append(delivery)
        return found

    def _delivered(self, owner: str) -> Iterator[tuple[Delivery, PlaceInSnapshot]]:
        """Every sample of an owner's that was delivered."""
        delivered: dict[str, list[Delivery]] = {}
        for place in self._datasets.places_of(owner):
            if place.snapshot not in delivered:
                made = self._exports.deliveries(place.snapshot)
                delivered[place.snapshot] = [each for each in made if not self.is_over(each)]
            for delivery in delivered[place.snapshot]:
                if place.position not in delivery.left_out:
                    yield delivery, place

    def tell(self, samples: Iterable[Sample]) -> int:
        """Call delivered samples back; returns how many, each counted once.

        After a kill between the feed and the register the same call names some samples a second time, which
        does no harm.
        """
        once = {(delivery.id, entry.position): (delivery, entry) for delivery, entry in samples}
        if not once:
            return 0
        # Sorted by token, so that the order of entries doesn't say which tokens are of the same picture.
        due = sorted(once.values(), key=lambda each: each[0].token(each[1]))
        indices = self.append([delivery.token(entry) for delivery, entry in due])
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

    def append(self, tokens: Sequence[bytes]) -> range:
        """Append tokens to the feed; the log records its new size, so that an audit sees lost entries."""
        indices = self.log.append(list(tokens))
        head = self.log.head()
        grown = {"size": head.size, "root": base64.b64encode(head.root).decode()}
        self._events.record(ANCHORED, grown)
        _log.info("deletion feed grew", entries=len(tokens), size=head.size)
        return indices

    def told(self, delivery: Delivery) -> set[int]:
        """The positions of the entries of a delivery that were called back. Needs no key."""
        return {row.position for row in self._records.rows(_DELETION, parent=delivery.id)}

    def presume(self, owner: str) -> int:
        """Put on record that samples of an owner whose key is gone were called back; returns how many.

        For a register that is older than the feed. An erasure destroys a key only after the feed named the
        owner's samples, but without the key nobody can compute which tokens those are. So each recipient is
        waited for until they acknowledge the feed as it is now. Where the feed is empty no recipient was
        told, and an audit says so.
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
        """Every delivery, with what its recipient was told and acknowledged."""
        return [self._notice(each) for each in self._exports.deliveries()]

    def overdue(self) -> list[DeletionNotice]:
        """Notices whose recipient should have acknowledged by now."""
        now = self._clock()
        return [each for each in self.notices() if each.is_overdue(now)]

    def _notice(self, delivery: Delivery) -> DeletionNotice:
        told = [each.body for each in self._records.find(_DELETION, parent=delivery.id)]
        said = [each.body for each in self._records.find(_ACKNOWLEDGEMENT, parent=delivery.id)]
        size = self._acknowledged(delivery)
        waiting = sorted(each["at"] for each in told if each["index"] >= size)
        since = waiting[0] if waiting else ""
        due = stamp(moment(since) + timedelta(days=self._days)) if since else ""
        last = max((each["at"] for each in said), default="")
        return DeletionNotice(delivery, len(told), len(waiting), since, due, last)

    def _acknowledged(self, delivery: Delivery) -> int:
        """Up to which size of the feed the recipient of a delivery followed it, by their own word."""
        if self.is_over(delivery):
            return self.log.size
        rows = self._records.rows(_ACKNOWLEDGEMENT, parent=delivery.id)
        return max((row.position for row in rows), default=0)

    def is_over(self, delivery: Delivery) -> bool:
        """Whether a package was dropped, or all weights removed, by the word of whoever had them."""
        if delivery.packed is None and delivery.weights is None:
            return False
        said = self._records.find(_ACKNOWLEDGEMENT, parent=delivery.id)
        return any(each.body["left"] == 0 for each in said)

    def acknowledge(self, note: str | bytes) -> DeletionNotice:
        """Check a recipient's acknowledgement and keep it.

        Raises NotFoundError for an unknown delivery, IntegrityError where the delivery's key didn't sign
        the note or the feed never had the state that it names.
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
        facts = {"size": read.size, "removed": read.removed, "left": read.left}
        _log.info("deletion acknowledged", delivery=delivery.id, **facts)
        return self._notice(delivery)

    def not_called_back(self) -> Iterator[str]:
        """Delivered entries that are tombstones now and were never called back, in words."""
        for delivery in self._exports.deliveries():
            if self.is_over(delivery):
                continue
            told = self.told(delivery)
            for position in self._datasets.tombstones(delivery.snapshot):
                if not (position in told or position in delivery.left_out):
                    yield f"{delivery.snapshot} entry {position}, delivered in {delivery.id}"


def _name(delivery: Delivery, position: int) -> str:
    return f"{delivery.id}/{position:08d}"


def _text(note: str | bytes) -> str:
    return note if isinstance(note, str) else note.decode()
