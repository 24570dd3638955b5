"""HandingOut: writes the constituents of a run for somebody else, and puts that on record as a delivery."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.document import require
from volenti.consent.territory import faults_of_place
from volenti.core.clock import Clock, stamp
from volenti.core.errors import IntegrityError, NotFoundError, UsageError
from volenti.core.files import remove_folder
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.core.signing import SigningKey
from volenti.deliveries.checksums import Checksums
from volenti.deliveries.delivery import WEIGHTS, DeliveredWeights, Delivery, DeliveryNote
from volenti.deliveries.terms import DeliveryTerms
from volenti.deliveries.weights.exported import ExportedRun, WeightsAsked
from volenti.deliveries.weights.terms import LICENCE, ConstituentTerms, SaidOfBase, WeightsTerms, key_of
from volenti.deliveries.weights.writing import OpenedConstituent, WeightsWriting, staged_for

if TYPE_CHECKING:
    from volenti.core.locks import Locks
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Snapshot
    from volenti.deliveries.exports import Exports
    from volenti.deliveries.feed import Feed
    from volenti.deliveries.weights.handable import Handable, HandableConstituents
    from volenti.training.bases import Bases
    from volenti.training.model_store import ModelStore
    from volenti.training.run import Run
    from volenti.vault.records import Records

_log = Logger(__name__)


class HandingOut:
    """Hands out the constituents of the project's own runs."""

    def __init__(
        self,
        records: Records,
        handable: HandableConstituents,
        bases: Bases,
        model_store: ModelStore,
        datasets: Datasets,
        exports: Exports,
        feed: Feed,
        locks: Locks,
        clock: Clock,
    ) -> None:
        """feed: the deletion feed that recipients will follow."""
        self._records = records
        self._handable = handable
        self._bases = bases
        self._model_store = model_store
        self._datasets = datasets
        self._exports = exports
        self._feed = feed
        self._locks = locks
        self._clock = clock

    def export(
        self,
        run: Run,
        folder: Path,
        asked: WeightsAsked,
        *,
        shards: Sequence[int] = (),
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> ExportedRun:
        """Write constituents into a new folder, all of it or nothing.

        shards: whose; without any, all that are served today. The delivery is put on record before anything
        is written, and it is asked once more then: after a crash there may be a delivery without files on
        record, and never files without a delivery. The same call again changes nothing. Raises UsageError for
        a blank recipient and a folder with other files, DocumentError for a territory that is none, and as
        `HandableConstituents.of`.
        """
        if not asked.recipient.strip():
            raise UsageError("The recipient's name is blank.", "Say who gets it: --recipient NAME")
        snapshot = self._datasets.snapshot(run.snapshot)
        territory = asked.territory or snapshot.territory
        require(faults_of_place("territory", territory))
        asked = replace(asked, recipient=asked.recipient.strip(), territory=territory)
        # What is handed out isn't trained anew meanwhile.
        with self._locks.take(run.id, progress or Silent()), _log.timed("weights handed out") as facts:
            key = SigningKey.new()
            delivery = self._delivery(run, snapshot, asked, key)
            chosen = self._handable.of(run, snapshot, delivery, shards)
            known = self._known(folder, run, snapshot, asked, chosen)
            if known is not None:
                return known
            if dry_run:
                facts["dry_run"] = True
                return self._said(run, delivery, [_planned(each) for each in chosen])
            delivery = _begun(delivery, snapshot, run, chosen)
            self._exports.keep(delivery)
            self._remove_leftovers(folder, delivery)
            # A no that came in between finds the delivery on record from here on, and calls it back.
            again = [each.constituent.shard for each in chosen]
            chosen = self._handable.of(run, snapshot, delivery, again)
            terms = self._write(folder, run, snapshot, delivery, asked, chosen, key)
            assert terms.weights is not None
            said = self._said(run, delivery, terms.weights.constituents)
            facts |= {"constituents": len(chosen), "bytes": sum(_bytes(each) for each in said.constituents)}
            return replace(self._end(delivery, said), delivery=delivery.id)

    def _delivery(self, run: Run, snapshot: Snapshot, asked: WeightsAsked, key: SigningKey) -> Delivery:
        """The delivery before it is known what of the run is in it."""
        return Delivery(
            new("dlv"),
            asked.recipient,
            snapshot.id,
            WEIGHTS,
            stamp(self._clock()),
            os.urandom(32).hex(),
            str(key.public),
            territory=asked.territory,
            sublicensable=asked.sublicensable,
            split=run.split,
        )

    def _write(
        self,
        folder: Path,
        run: Run,
        snapshot: Snapshot,
        delivery: Delivery,
        asked: WeightsAsked,
        chosen: Sequence[Handable],
        key: SigningKey,
    ) -> DeliveryTerms:
        entries = {entry.position: entry for entry in self._datasets.entries(snapshot)}
        opened = [
            OpenedConstituent(
                each.constituent,
                self._model_store.weights(each.constituent),
                # Sorted, so that their order doesn't say which of them are of the same person.
                tuple(sorted(delivery.token(entries[position]).hex() for position in each.learned_from)),
            )
            for each in chosen
        ]
        weights = WeightsTerms(
            run.id,
            SaidOfBase.of(self._bases.of(run.recipe.base_sha256)),
            run.recipe.scale,
            run.recipe.min_people,
            (),
            LICENCE if asked.licence else "",
        )
        parts = [key_of(each.constituent.shard) for each in chosen]
        terms = DeliveryTerms.of(delivery, snapshot, None, asked.contact, asked.feed, parts)
        writing = WeightsWriting(delivery, terms, weights, asked.licence, self._feed.log)
        return writing.write(folder, opened, key)

    def _end(self, delivery: Delivery, said: ExportedRun) -> ExportedRun:
        """Put on record that everything is there, and tell earlier recipients of what is succeeded."""
        succeeds = self._tell_of_successors(delivery)
        with self._records.transaction():
            self._exports.keep(replace(delivery, complete=True))
            self._exports.report(delivery)
        return replace(said, succeeds=succeeds)

    def _tell_of_successors(self, delivery: Delivery) -> tuple[str, ...]:
        """Have the feed say that what was called back of earlier deliveries has a successor; returns whose.

        These are deliveries of the same run to the same recipient. After a kill in between the feed may say
        it twice, which does no harm.
        """
        assert delivery.weights is not None
        found = []
        for earlier in self._exports.deliveries(delivery.snapshot):
            of = earlier.weights
            if of is None or earlier.id == delivery.id or earlier.recipient != delivery.recipient:
                continue
            told = self._feed.told(earlier)
            shards = [
                shard
                for shard, positions in zip(of.shards, of.learned_from, strict=True)
                if of.run == delivery.weights.run
                and shard in delivery.weights.shards
                and shard not in of.succeeded
                and not told.isdisjoint(positions)
            ]
            if shards:
                self._feed.append(sorted(earlier.successor_token(shard) for shard in shards))
                succeeded = tuple(sorted({*of.succeeded, *shards}))
                self._exports.keep(replace(earlier, weights=replace(of, succeeded=succeeded)))
                found.append(earlier.id)
        return tuple(found)

    def _known(
        self, folder: Path, run: Run, snapshot: Snapshot, asked: WeightsAsked, chosen: Sequence[Handable]
    ) -> ExportedRun | None:
        """What is in the folder already, where it is exactly this; None where there is nothing.

        Raises UsageError where something else is there.
        """
        if not folder.exists() and not folder.is_symlink():
            return None
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            return None
        refusal = UsageError(f"{folder} isn't empty.", "Give a new folder for the export.")
        try:
            delivery = self._exports.delivery(DeliveryNote.read(folder).delivery)
        except (UsageError, IntegrityError, NotFoundError) as error:
            raise refusal from error
        terms, sums = DeliveryTerms.read(folder), Checksums.read(folder)
        if terms is None or terms.weights is None or delivery.weights is None:
            raise refusal
        if sums is None or not sums.hold() or terms.samples != terms.samples_delivered:
            raise refusal
        given = WeightsAsked(
            delivery.recipient,
            delivery.territory,
            delivery.sublicensable,
            terms.contact,
            terms.feed,
            (folder / LICENCE).read_bytes() if terms.weights.licence else b"",
        )
        digests = [(each.constituent.shard, each.constituent.sha256) for each in chosen]
        held = [(each.shard, each.sha256) for each in terms.weights.constituents]
        if (delivery.weights.run, given, held) != (run.id, asked, digests):
            raise refusal
        said = self._said(run, delivery, terms.weights.constituents)
        if not delivery.complete:
            said = self._end(delivery, said)
        return replace(said, delivery=delivery.id, was_there=True)

    def _remove_leftovers(self, folder: Path, delivery: Delivery) -> None:
        """Remove what killed exports to the same folder left beside it."""
        for each in self._exports.deliveries(delivery.snapshot):
            if each.weights is not None and not each.complete:
                remove_folder(staged_for(folder, each.id))

    def _said(self, run: Run, delivery: Delivery, constituents: Sequence[ConstituentTerms]) -> ExportedRun:
        return ExportedRun(
            run.id,
            run.snapshot,
            delivery.recipient,
            delivery.territory,
            delivery.sublicensable,
            tuple(constituents),
        )


def _begun(delivery: Delivery, snapshot: Snapshot, run: Run, chosen: Sequence[Handable]) -> Delivery:
    """The delivery of these constituents, as it is on record: what they didn't learn from is left out."""
    shards = tuple(each.constituent.shard for each in chosen)
    weights = DeliveredWeights(run.id, shards, tuple(each.learned_from for each in chosen))
    learned = {position for each in chosen for position in each.learned_from}
    left_out = tuple(each for each in range(snapshot.entries) if each not in learned)
    return replace(
        delivery, left_out=left_out, not_in_split=len(left_out), samples=len(learned), weights=weights
    )


def _planned(handable: Handable) -> ConstituentTerms:
    made = handable.constituent
    return ConstituentTerms(made.shard, made.sha256, 0, len(handable.learned_from), made.people, ())


def _bytes(constituent: ConstituentTerms) -> int:
    return sum(each.bytes for each in constituent.files)
