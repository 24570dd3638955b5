"""The holder of deliveries: samples that recipients have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.holder import Erased, Holding, Turn
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.deliveries.feed import Feed


class DeliveryHolder:
    """Samples in exports: the workspace can't delete them, so it tells their recipients to."""

    name = "deliveries"
    turn = Turn.TELLING

    def __init__(self, feed: Feed, vault: Vault) -> None:
        self._feed = feed
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        """Samples of the subject's that others have and didn't acknowledge to have taken out.

        Needs the subject's key.
        """
        found = [delivery for delivery, _ in self._feed.untold(subject)] + self._feed.called_back(subject)
        deliveries = len({delivery.id for delivery in found})
        # Counted, not named: certificates go to anybody.
        what = f"samples in {deliveries} {'delivery' if deliveries == 1 else 'deliveries'} to others"
        action = "call back through the deletion feed"
        return [Holding(self.name, what, len(found), 0, action)] if found else []

    def erase(self, subject: str) -> Erased:
        """Call back those that weren't yet; returns how many others have to take out, 0 without a key.

        The withdrawal with which an erasure begins has called them back already; they count all the same.
        """
        # The subject's entries alone say which samples are theirs; without their key those are tombstones.
        if not self._vault.has_key(subject):
            return Erased(0, 0)
        self._feed.tell(self._feed.untold(subject))
        return Erased(len(self._feed.called_back(subject)), 0)

    def attest(self, subject: str) -> int:
        """How many of those samples aren't called back yet; 0 once the subject's key is gone."""
        return len(self._feed.untold(subject)) if self._vault.has_key(subject) else 0
