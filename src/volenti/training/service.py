"""Training: trains slices, merges them into constituents, and trains again to forget somebody.

There is one mechanism. A replay works out what every slice should be trained on,
trains the slices that weren't trained on exactly that, and merges the constituents
whose slices changed. Starting a training, resuming it after a crash and forgetting
somebody are the same call; forgetting first drops what learned from the person.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from volenti.clearance.access import Access
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256
from volenti.core.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from volenti.core.jobs import JobRunner
from volenti.core.locks import Locks
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.datasets.service import Datasets
from volenti.datasets.shard import shard_of
from volenti.datasets.snapshot import PlaceInSnapshot, Snapshot, parse_name
from volenti.training.model_store import ModelStore
from volenti.training.partition import cohort_of
from volenti.training.recipe import Recipe
from volenti.training.report import TrainingReport
from volenti.training.run import Run, constituent_id, slice_id
from volenti.training.serving_consent import UNTRAINED, ServingConsent, Suspension
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.clearance.gallery import Gallery
    from volenti.clearance.image import Image
    from volenti.datasets.snapshot import Entry
    from volenti.training.ports import Trainer
    from volenti.training.slice_spec import SliceSpec

_log = Logger(__name__)


class Training:
    """Trains runs over snapshots and replays them."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        datasets: Datasets,
        access: Access,
        consent: Consent,
        gallery: Gallery,
        events: EventLog,
        trainer: Trainer,
        jobs: JobRunner,
        clock: Clock,
        partition_key: bytes,
        locks: Locks,
    ) -> None:
        self._serving = ServingConsent(gallery, datasets, consent)
        #: Where the slices and constituents of every run lie.
        self.model_store = ModelStore(records, vault, self._serving)
        self._consent = consent
        self._records = records
        self._datasets = datasets
        self._access = access
        self._events = events
        self._trainer = trainer
        self._jobs = jobs
        self._clock = clock
        self._key = partition_key
        self._locks = locks

    # -- runs

    def runs(self) -> list[Run]:
        """Every run, oldest first; runs begun in the same second are in order of their snapshots."""
        found = [decoded(Run, each.body, id=each.id) for each in self._records.find("run")]
        return sorted(found, key=lambda run: (run.created, parse_name(run.snapshot), run.id))

    def run(self, identifier: str | None = None) -> Run:
        """A run by identifier, snapshot or dataset, or the latest one; NotFoundError where there is none."""
        found = [
            run
            for run in self.runs()
            if identifier in (None, run.id, run.snapshot, parse_name(run.snapshot)[0])
        ]
        if not found:
            raise NotFoundError("There is no such training run.", "Train one: volenti train DATASET.")
        return found[-1]

    def train(
        self, snapshot: Snapshot, recipe: Recipe, progress: Progress | None = None, split: str = ""
    ) -> TrainingReport:
        """Train a snapshot, or one split of it, or go on where an earlier call stopped.

        Raises UsageError if a constituent would have fewer people than the recipe's minimum, or if the
        snapshot has splits and none is named; NotFoundError where there is no such split.
        """
        snapshot.require(split)
        recipe = replace(recipe, base_sha256=self._trainer.base_sha256, size_px=self._trainer.size_px)
        self._refuse_small(snapshot, recipe, split)
        part = f"/{split}" if split else ""
        identifier = f"run_{sha256(f'{snapshot.id}/{recipe.digest}{part}'.encode())[:20]}"
        if self._records.row("run", identifier) is None:
            from volenti.training.slice_trainer import environment_of

            environment = environment_of(self._trainer)
            run = Run(identifier, snapshot.id, recipe, environment, stamp(self._clock()), split=split)
            self._records.put("run", identifier, encoded(run), parent=snapshot.id)
            self._events.record("training-begun", {"run": identifier, **encoded(run)})
        report = self.replay(identifier, progress)
        if report.slices_trained and not report.slices_taken_over:
            # `seconds` is the time of training everything; where slices were taken over, this call's isn't.
            run = self.run(identifier)
            run = replace(run, seconds=run.seconds + report.seconds)
            self._records.put("run", identifier, encoded(run), parent=snapshot.id)
        return report

    def replay(
        self, run: str, progress: Progress | None = None, *, shards: Collection[int] | None = None
    ) -> TrainingReport:
        """Train and merge what is missing of a run, or of some of its shards.

        A withdrawal that arrives while a slice is being trained makes the run work out again which
        slices are wanted. A process that wants the same run replayed waits for the lock, and then finds
        the replay done. Raises ConflictError where another base is at hand than the run was trained on.
        """
        told = progress or Silent()
        known = self.run(run)
        self.require_base(known)
        with self._locks.take(run, told), _log.timed("training run replayed", run=known.id) as facts:
            report = self._replay(known, range(known.recipe.shards) if shards is None else shards, told)
            facts |= {
                "slices_kept": report.slices_kept,
                "slices_taken_over": report.slices_taken_over,
                "slices_trained": report.slices_trained,
                "core_seconds": round(report.core_seconds, 3),
                "constituents_merged": report.merged,
            }
        if report.too_few:
            _log.warning("constituents with too few people aren't served", run=known.id, count=report.too_few)
        return report

    def _replay(self, known: Run, shards: Collection[int], progress: Progress) -> TrainingReport:
        # Imported here, because most commands train nothing and only ask what there is.
        from volenti.training.slice_training import SliceTraining

        slice_training = SliceTraining(self.model_store, self._access, self._trainer, self._jobs, self.runs)
        began = time.perf_counter()
        run = known.id
        report, left_out = TrainingReport(run), set[str]()
        events, wanted = self._events.size, self.specs(known, shards, left_out)
        report.unrecognisable = len(left_out)
        report.slices_kept = sum(self.model_store.trained_slice(run, spec) is not None for spec in wanted)
        while True:
            try:
                slice_training.train(known, wanted, report, progress)
                slice_training.train_mixed(known, wanted, report, progress)
                before, events = events, self._events.size
                # Withdrawals and erasures are recorded as events: without a new event the same is wanted.
                now = wanted if events == before else self.specs(known, shards)
                if [each.digest for each in now] == [each.digest for each in wanted]:
                    kept = {slice_id(run, spec.place) for spec in wanted}
                    self.model_store.drop_slices(run, shards, but=kept)
                    slice_training.merge(known, shards, wanted, report)
                    break
            except RefusedError:
                events, now = self._events.size, self.specs(known, shards)
                if [each.digest for each in now] == [each.digest for each in wanted]:
                    raise
            _log.warning("other slices are wanted since the training began", run=run, slices=len(now))
            wanted = now
        report.seconds = time.perf_counter() - began
        return report

    def specs(
        self, run: Run, shards: Collection[int] | None = None, left_out: set[str] | None = None
    ) -> list[SliceSpec]:
        """What every slice of the run, or of some of its shards, should be trained on today.

        These are the pictures that may be read today and show only people whom works can be compared with.
        left_out: gets the identifiers of pictures that show somebody else, too.
        """
        from volenti.training.slice_spec import TrainingExample, specs

        cohort = cache(self._cohort)
        examples = (
            TrainingExample(image, entry.caption, owners, cohort(min(owners), run.recipe))
            for image, entry, owners in self._learnable(run, shards, set() if left_out is None else left_out)
        )
        return specs(examples, self._key, run.recipe)

    def _learnable(
        self, run: Run, shards: Collection[int] | None, left_out: set[str]
    ) -> Iterator[tuple[Image, Entry, tuple[str, ...]]]:
        """Pictures that may be learned from today, each with its entry and whose it is."""
        snapshot = self._datasets.snapshot(run.snapshot)
        is_recognisable = cache(self._serving.is_recognisable)
        in_split = self._in_split(run)

        def within(owners: Sequence[str]) -> bool:
            if not in_split(owners):
                return False
            return shards is None or shard_of(self._key, owners, run.recipe.shards) in shards

        alive = (entry for entry in self._datasets.entries(snapshot, within) if not entry.is_tombstone)
        # Sorted by owners, so that consent is asked about each person once.
        for entry in sorted(alive, key=lambda entry: entry.owners):
            try:
                image, owners = self._access.image(entry.image, *snapshot.asked)
            except RefusedError:
                continue
            if all(map(is_recognisable, owners)):
                yield image, entry, owners
            else:
                left_out.add(image.id)

    def _cohort(self, subject: str, recipe: Recipe) -> int:
        return cohort_of(self._consent.subject(subject).created, recipe)

    def untrained(self, run: Run) -> list[Suspension]:
        """Shards that have no constituent, though there are pictures to train it on.

        Either a training was interrupted, or a restoration left out a constituent that had learned from
        somebody whose withdrawal or erasure came after the backup.
        """
        missing = set(range(run.recipe.shards)).difference(self.model_store.shards(run.id))
        return [
            Suspension(constituent_id(run.id, shard), ((UNTRAINED, ()),))
            for shard in sorted(missing)
            if next(self._learnable(run, [shard], set()), None) is not None
        ]

    def on_its_base(self, run: Run) -> bool:
        """Whether the base at hand is the one the run was trained on."""
        return self._trainer.base_sha256 == run.recipe.base_sha256

    def require_base(self, run: Run) -> None:
        """Refuse a run that was trained on another base than the one at hand: ConflictError.

        Slices can neither be merged with nor draw on another base than their own.
        """
        if not self.on_its_base(run):
            raise ConflictError(
                f"{run.id} was trained on another base than the one at hand.",
                f"Set VOLENTI_BASE to the base with SHA-256 {run.recipe.base_sha256}, or train anew.",
            )

    def homes(self, subject: str) -> set[str]:
        """Identifiers of the constituents, served or not, of the shards where the subject's pictures are."""
        return {constituent_id(run, shard) for run, shard, _ in self.places_in_shards(subject)}

    def places_in_shards(self, subject: str) -> Iterator[tuple[str, int, PlaceInSnapshot]]:
        """Each place of the subject's in the snapshot of a run, with the run and the shard."""
        places = self._datasets.places_of(subject)
        for run in self.runs():
            in_split = self._in_split(run)
            for place in places:
                if run.snapshot == place.snapshot and in_split(place.owners):
                    yield run.id, shard_of(self._key, place.owners, run.recipe.shards), place

    def _in_split(self, run: Run) -> Callable[[Sequence[str]], bool]:
        """Whether pictures of some people are in the split that a run learns from."""
        return self._datasets.within(self._datasets.snapshot(run.snapshot), run.split)

    def _refuse_small(self, snapshot: Snapshot, recipe: Recipe, split: str) -> None:
        people: dict[int, set[str]] = {}
        for entry in self._datasets.entries(snapshot, self._datasets.within(snapshot, split)):
            for owner in entry.owners:
                people.setdefault(shard_of(self._key, entry.owners, recipe.shards), set()).add(owner)
        small = {shard: len(some) for shard, some in people.items() if len(some) < recipe.min_people}
        if small:
            shard, count = min(small.items(), key=lambda each: each[1])
            raise UsageError(
                f"Shard {shard} would have {count} of them in it; a constituent of fewer people than "
                f"{recipe.min_people} would be a likeness of them.",
                f"Train with fewer shards than {recipe.shards}, or on more people.",
            )
