"""Holder of datasets: rows of snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.holder import Erased, Holding, Turn

if TYPE_CHECKING:
    from volenti.datasets.service import Datasets


class ManifestHolder:
    """Holds rows of snapshots. They become tombstones, so that everybody else's entries keep their places."""

    name = "manifests"
    turn = Turn.FINDING

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets

    def locate(self, subject: str) -> list[Holding]:
        """The subject's entries in all snapshots."""
        places = self._datasets.places_of(subject)
        size = sum(place.bytes for place in places)
        what, action = "rows of dataset manifests", "empty, keeping number and commitment"
        return [Holding(self.name, what, len(places), size, action)] if places else []

    def erase(self, subject: str) -> Erased:
        """Make tombstones of those entries; returns how many there were, and their bytes."""
        size = sum(place.bytes for place in self._datasets.places_of(subject))
        return Erased(self._datasets.bury(subject), size)

    def attest(self, subject: str) -> int:
        """How many such entries are left."""
        return len(self._datasets.places_of(subject))
