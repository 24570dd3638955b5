"""Handable: which constituents of a run may be handed out today, and which pictures each learned from.

The gate is that of drawing, and more. A constituent has to be served. It has to have learned from exactly
what it may learn from today. And everybody in these pictures has to have agreed to being passed on, as with
an export of the pictures themselves: what a model learned may come out of it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.catalogue.comparison import require_nobody
from volenti.core.amounts import counted
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.training.run import constituent_id, made_of

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Snapshot
    from volenti.deliveries.delivery import Delivery
    from volenti.training.run import Constituent, Run
    from volenti.training.service import Training
    from volenti.training.slice_spec import SliceSpec


@dataclass(frozen=True, slots=True)
class Handable:
    """A constituent that may be handed out: its weights on record, and the pictures it learned from."""

    constituent: Constituent
    #: Positions in the snapshot, in order.
    learned_from: tuple[int, ...]


class HandableConstituents:
    """Asks training, consent and the datasets what of a run may be handed out."""

    def __init__(self, training: Training, datasets: Datasets, access: Access) -> None:
        self._training = training
        self._datasets = datasets
        self._access = access

    def of(
        self, run: Run, snapshot: Snapshot, delivery: Delivery, shards: Sequence[int] = ()
    ) -> list[Handable]:
        """The constituents of these shards, or without any all that are served, in order of shard.

        delivery: says what everybody has to have agreed to. Raises UsageError for a shard that the run hasn't
        got, ConflictError where a constituent isn't served or has to be trained again, RefusedError where
        somebody whom it learned from didn't agree to being passed on.
        """
        for shard in shards:
            if not 0 <= shard < run.recipe.shards:
                raise UsageError(
                    f"{run.id} has no shard {shard}.",
                    f"Its shards are numbered 0 to {run.recipe.shards - 1}.",
                )
        store = self._training.model_store
        served = {each.shard: each for each in store.constituents(run.id)}
        if not served:
            require_nobody(store.suspensions(run.id))
            raise ConflictError("Nothing of this run is served.", "Train it: volenti train DATASET.")
        chosen = sorted(set(shards)) or sorted(served)
        for shard in chosen:
            if shard not in served:
                raise ConflictError(
                    f"{constituent_id(run.id, shard)} isn't served today.", "See why: volenti status"
                )
        specs = self._training.specs(run, chosen)
        positions = {
            entry.image: entry.position
            for entry in self._datasets.entries(snapshot)
            if not entry.is_tombstone
        }
        found = []
        for shard in chosen:
            mine = [spec for spec in specs if spec.place.shard == shard]
            self._require_up_to_date(run, served[shard], mine)
            images = [example.image.id for spec in mine for example in spec.examples]
            self._require_passed_on(run, shard, images, snapshot, delivery)
            found.append(Handable(served[shard], tuple(sorted(positions[image] for image in images))))
        return found

    def _require_up_to_date(self, run: Run, constituent: Constituent, specs: Sequence[SliceSpec]) -> None:
        """Refuse a constituent that learned from other pictures than it would today: ConflictError."""
        slices = {each.place: each for each in self._training.model_store.slices(run.id, [constituent.shard])}
        trained = [slices.get(spec.place) for spec in specs]
        parts = [each for each in trained if each is not None]
        wanted = [spec.digest for spec in specs]
        if [each.task for each in parts] != wanted or made_of(parts) != constituent.made_of:
            raise ConflictError(
                f"{constituent_id(run.id, constituent.shard)} learned from other pictures than it may learn "
                "from today.",
                "Train it again: volenti train DATASET",
            )

    def _require_passed_on(
        self, run: Run, shard: int, images: Sequence[str], snapshot: Snapshot, delivery: Delivery
    ) -> None:
        asked = delivery.asked(snapshot)
        stays = sum(self._access.refusal(image, *asked) is not None for image in images)
        if not stays:
            return
        how, also = ("handed on", " --sublicensing") if delivery.sublicensable else ("passed on", "")
        raise RefusedError(
            f"{constituent_id(run.id, shard)} learned from {counted(stays, 'picture')} with somebody who "
            f"didn't agree to its being {how} in {delivery.territory}.",
            f"Ask them to sign: volenti release amend RELEASE --grant redistribution{also}; or train on a "
            f"dataset without them: volenti dataset cut NAME --purpose {snapshot.purpose} --condition "
            "redistribution",
        )
