"""AmendedShoots: constituents ask for the releases of the shoots that their pictures are from today.

A release may cover the pictures of one shoot alone. Where the controller corrects the shoot of a picture, the
constituents that learned from it must ask for the new shoot at once, and not only when they are merged again.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.datasets.service import Datasets
    from volenti.training.service import Training


class AmendedShoots:
    """Keeps with each constituent from which shoots it has pictures of somebody."""

    def __init__(self, training: Training, datasets: Datasets, access: Access) -> None:
        self._training = training
        self._datasets = datasets
        self._access = access

    def apply(self, subjects: Collection[str]) -> None:
        """Note anew the shoots of the pictures of these people, in every constituent that learned from them.

        What is noted are the shoots of all their pictures that the run's dataset holds. Some of these may
        not have been learned from; until the next training or replay, their releases are asked for, too.
        """
        for subject in subjects:
            shoots: dict[tuple[str, int], set[str]] = {}
            for run, shard, place in self._training.places_in_shards(subject):
                with suppress(KeyDestroyedError):
                    image = self._access.known(self._datasets.entry(place).image)
                    if image is not None and image.largest_face is not None:
                        shoots.setdefault((run, shard), set()).add(image.shoot)
            for (run, shard), some in shoots.items():
                self._note(run, shard, subject, some)

    def _note(self, run: str, shard: int, subject: str, shoots: Collection[str]) -> None:
        store = self._training.model_store
        with suppress(KeyDestroyedError):
            known = store.constituent(run, shard)
            if known is not None and subject in known[1].owners:
                others = {each for each in known[0].uses if each[0] != subject}
                store.keep_uses(run, shard, others | {(subject, shoot) for shoot in shoots})
