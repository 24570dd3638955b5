"""Recalls: delivered samples that may not be with their recipient any more are called back.

What was delivered may stay with its recipient as long as everybody in it agrees to that: to what the dataset
was cut for and to being passed on, where the recipient is, today. Whatever ends this (a withdrawal, a later
release that says no, a birth date that was corrected, the last day of a term), the deletion feed names the
sample: at once where somebody's consent changed, and at the next command that looks where a day has passed.
So it does where a picture is rejected that had been cleared, because an opt-out came later, or the work that
it copies was registered later. A restriction calls nothing back: what is restricted has to be kept,
and a feed can't take back what it said.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError
from volenti.core.logs import Logger
from volenti.vault.owner import CONTROLLER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from volenti.clearance.access import Access, Asked
    from volenti.consent.service import Consent
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Entry
    from volenti.deliveries.delivery import Delivery
    from volenti.deliveries.exports import Exports
    from volenti.deliveries.feed import Feed, Sample
    from volenti.vault.records import Records

#: The row that says on which day, and after which change of anybody's consent, everybody was asked last.
_ASKED = ("recall", "recall")

_log = Logger(__name__)


class Recalls:
    """Finds delivered samples that aren't covered any more, and has the feed call them back."""

    def __init__(
        self,
        feed: Feed,
        exports: Exports,
        datasets: Datasets,
        access: Access,
        consent: Consent,
        records: Records,
    ) -> None:
        self._feed = feed
        self._exports = exports
        self._datasets = datasets
        self._access = access
        self._consent = consent
        self._records = records
        self._ask_again: set[str] = set()

    def ask_again(self, subjects: Collection[str]) -> None:
        """Have what was delivered of somebody looked at, once the open transaction is kept.

        After a crash in between, the next command that looks asks about everything.
        """
        self._ask_again.update(subjects)
        self._records.delete(_ASKED[0], [_ASKED[1]])
        self._records.do_afterwards(self._call_back_again)

    def _call_back_again(self) -> None:
        subjects, self._ask_again = self._ask_again, set()
        self._feed.tell([sample for each in sorted(subjects) for sample in self._uncovered(each)])

    def call_back(self, subject: str) -> int:
        """Call back what was delivered of somebody and isn't covered any more; returns how many samples."""
        return self._feed.tell(self._uncovered(subject))

    def call_back_all(self) -> int:
        """Call back everything that isn't covered any more; returns how many samples.

        Quick where neither the day nor anybody's consent changed since the last time.
        """
        if not self._has_to_be_asked():
            return 0
        asked = {"day": self._consent.today.isoformat(), "revision": self._consent.revision}
        told = self._feed.tell(self.due())
        self._records.put(*_ASKED, asked)
        if told:
            _log.info("delivered samples called back that nothing covers any more", samples=told)
        return told

    def due(self) -> list[Sample]:
        """Every delivered sample that isn't covered any more and wasn't called back yet. Changes nothing."""
        snapshots = {each.snapshot for each in self._exports.deliveries()}
        people = sorted({owner for each in snapshots for owner in self._datasets.owners(each)})
        return [sample for subject in people for sample in self._uncovered(subject)]

    def uncovered(self, subjects: Collection[str]) -> dict[str, int]:
        """How many delivered samples of theirs nothing covers any more, by picture. Changes nothing."""
        found = {
            (delivery.id, entry.position): entry.image
            for each in subjects
            for delivery, entry in self._uncovered(each)
        }
        return Counter(found.values())

    def _has_to_be_asked(self) -> bool:
        if not self._exports.count():
            return False
        known = self._records.get(*_ASKED)
        now = {"day": self._consent.today.isoformat(), "revision": self._consent.revision}
        return known is None or known.body != now

    def _uncovered(self, subject: str) -> list[Sample]:
        try:
            return self._feed.untold(subject, self._stands_against(subject))
        except KeyDestroyedError:
            return []  # they, or somebody beside them, are being erased: the erasure calls back

    def _stands_against(self, subject: str) -> Callable[[Delivery, Entry], bool]:
        """Whether a sample was rejected, or somebody's own yes to its being with its recipient is gone."""
        asked: dict[str, Asked] = {}

        def stands_against(delivery: Delivery, entry: Entry) -> bool:
            if delivery.id not in asked:
                asked[delivery.id] = delivery.asked(self._datasets.snapshot(delivery.snapshot))
            if self._access.is_rejected(entry.image, asked[delivery.id][0]):
                return True
            return subject != CONTROLLER and not self._access.is_granted(
                subject, entry.image, asked[delivery.id]
            )

        return stands_against
