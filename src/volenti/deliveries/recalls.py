"""Recalls: delivered samples that releases don't cover any more are called back.

What was delivered may stay with its recipient as long as everybody in it agrees to that: to what the dataset
was cut for and to being passed on, where the recipient is, today. Whatever ends this (a withdrawal, a later
release that says no, a birth date that was corrected, the last day of a term), the deletion feed names the
sample: at once where somebody's consent changed, and at the next command that looks where a day has passed.
A restriction calls nothing back: what is restricted has to be kept, and a feed can't take back what it said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError
from volenti.core.logs import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

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
        """Whether somebody's own yes to a sample's being with its recipient is gone."""
        asked: dict[str, Asked] = {}

        def stands_against(delivery: Delivery, entry: Entry) -> bool:
            if delivery.id not in asked:
                asked[delivery.id] = delivery.asked(self._datasets.snapshot(delivery.snapshot))
            return not self._access.is_granted(subject, entry.image, asked[delivery.id])

        return stands_against
