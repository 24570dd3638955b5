"""Training: trains slices, merges them into constituents, and trains again to forget somebody.

There is one mechanism. A replay works out what every slice should be trained on,
trains the slices that weren't trained on exactly that, and merges the constituents
whose slices changed. Starting a training, resuming it after a crash and forgetting
somebody are the same call; forgetting first drops what learned from the person.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.clearance.access import Access
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.codec import encoded
from volenti.core.errors import (
    NotFoundError,
    RefusedError,
)
from volenti.core.jobs import JobRunner
from volenti.core.locks import Locks
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.datasets.service import Datasets
from volenti.datasets.shard import shard_of
from volenti.datasets.snapshot import PlaceInSnapshot, Snapshot, parse_name
from volenti.training.bases import Bases
from volenti.training.forecast import ForecastCallback, Forecasts, TrainingForecast
from volenti.training.learnable import Learnable, LeftOut
from volenti.training.model_store import TOO_FEW, ModelStore
from volenti.training.recipe import Recipe
from volenti.training.report import TrainingReport
from volenti.training.run import Run, constituent_id, known_runs, run_id, slice_id
from volenti.training.run_removal import tidy
from volenti.training.serving_consent import UNTRAINED, ServingConsent, Suspension
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.clearance.gallery import Gallery
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
        bases: Bases,
        jobs: JobRunner,
        clock: Clock,
        partition_key: bytes,
        locks: Locks,
    ) -> None:
        self._serving = ServingConsent(gallery, datasets, consent)
        #: Where the slices and constituents of every run lie.
        self.model_store = ModelStore(records, vault, self._serving)
        #: What runs start from.
        self.bases = bases
        #: What a run may learn from today.
        self.learnable = Learnable(datasets, access, consent, self._serving, partition_key)
        self._records = records
        self._vault = vault
        self._datasets = datasets
        self._access = access
        self._events = events
        self._jobs = jobs
        self._clock = clock
        self._key = partition_key
        self._locks = locks

    # -- runs

    def runs(self) -> list[Run]:
        """Every run whose row opens, oldest first; of one second they are in order of their snapshots."""
        found = [run for _, run in known_runs(self._records, "run", Run) if run is not None]
        return sorted(found, key=lambda run: (run.created, parse_name(run.snapshot), run.id))

    def damaged(self) -> list[str]:
        """Identifiers of runs whose rows don't open: nothing of these is served, trained or proved."""
        return [row.id for row, run in known_runs(self._records, "run", Run) if run is None]

    def run(self, identifier: str | None = None) -> Run:
        """A run by identifier, or the latest of a snapshot, of a dataset or of all; NotFoundError if none.

        Of several it is the latest that was finished once: what serves goes on serving while another is being
        trained, and where that was interrupted.
        """
        runs = self.runs()
        found = [run for run in runs if run.id == identifier] or [
            run for run in runs if identifier in (None, run.snapshot, parse_name(run.snapshot)[0])
        ]
        if not found:
            raise NotFoundError("There is no such training run.", "Train one: volenti train DATASET.")
        return ([run for run in found if not run.unfinished] or found)[-1]

    def unfinished_since(self, run: Run) -> list[Run]:
        """Runs that were begun after a run, and never finished."""
        runs = self.runs()
        after = [each.id for each in runs].index(run.id) + 1
        return [each for each in runs[after:] if each.unfinished]

    def forecast(
        self, snapshot: Snapshot, recipe: Recipe, split: str = "", *, fewer_shards: bool = False
    ) -> TrainingForecast:
        """What `train` would learn from, and which constituents would be served. Trains nothing.

        Raises as `train` does where the snapshot has splits and none is named, or there is no such split.
        """
        snapshot.require(split)
        recipe = self.on_base(recipe)
        asked = Run(run_id(snapshot.id, recipe, split), snapshot.id, recipe, {}, "", split=split)
        forecasts = Forecasts(
            self.learnable, self._serving, self.model_store, self._key, self.runs, self.bases.of
        )
        return forecasts.forecast(asked, fewer_shards=fewer_shards)

    def train(
        self,
        snapshot: Snapshot,
        recipe: Recipe,
        progress: Progress | None = None,
        split: str = "",
        *,
        fewer_shards: bool = False,
        before: ForecastCallback = lambda forecast: None,
    ) -> TrainingReport:
        """Train a snapshot, or one split of it, or go on where an earlier call stopped.

        fewer_shards: than the recipe's, where a constituent would otherwise have too few people. before:
        called with the forecast, before anything is written. Raises UsageError if a constituent of a new run
        wouldn't be served, or if the snapshot has splits and none is named; NotFoundError where there is no
        such split.
        """
        forecast = self.forecast(snapshot, recipe, split, fewer_shards=fewer_shards)
        before(forecast)
        refusal = forecast.refusal()
        if refusal is not None:
            raise refusal
        identifier = forecast.run
        if not forecast.is_begun:
            from volenti.training.slice_trainer import environment_of

            self.bases.keep(forecast.base)
            environment = environment_of(self.trainer_of(forecast.recipe))
            run = Run(
                identifier, snapshot.id, forecast.recipe, environment, stamp(self._clock()), split=split
            )
            self._put(replace(run, unfinished=True))
            self._events.record("training-begun", {"run": identifier, **encoded(run)})
        report = self.replay(identifier, progress)
        if report.slices_trained and not report.slices_taken_over:
            # `seconds` is the time of training everything; where slices were taken over, this call's isn't.
            run = self.run(identifier)
            self._put(replace(run, seconds=run.seconds + report.seconds))
        return report

    def _put(self, run: Run) -> None:
        self._records.put("run", run.id, encoded(run), parent=run.snapshot)

    def replay(
        self, run: str, progress: Progress | None = None, *, shards: Collection[int] | None = None
    ) -> TrainingReport:
        """Train and merge what is missing of a run, or of some of its shards.

        A withdrawal that arrives while a slice is being trained makes the run work out again which
        slices are wanted. A process that wants the same run replayed waits for the lock, and then finds
        the replay done. Raises ConflictError where the base that the run was trained on isn't at hand.
        """
        told = progress or Silent()
        with self._locks.take(run, told), _log.timed("training run replayed", run=run) as facts:
            known = next((each for each in self.runs() if each.id == run), None)
            if known is None:
                # Removed, or its row doesn't open: nothing of it is wanted any more.
                return TrainingReport(run)
            trainer = self.trainer_of(known.recipe)
            tidy(self._records, self._vault, "run", run)
            wanted = range(known.recipe.shards) if shards is None else shards
            report = self._replay(known, trainer, wanted, told)
            if known.unfinished and shards is None:
                self._put(replace(known, unfinished=False))
            facts |= {
                "slices_kept": report.slices_kept,
                "slices_taken_over": report.slices_taken_over,
                "slices_trained": report.slices_trained,
                "core_seconds": round(report.core_seconds, 3),
                "constituents_merged": report.merged,
            }
        if report.too_few:
            _log.warning(
                "constituents would have too few people and aren't trained", run=run, count=report.too_few
            )
        return report

    def _replay(
        self, known: Run, trainer: Trainer, shards: Collection[int], progress: Progress
    ) -> TrainingReport:
        # Imported here, because most commands train nothing and only ask what there is.
        from volenti.training.slice_training import SliceTraining

        slice_training = SliceTraining(self.model_store, self._access, trainer, self._jobs, self.runs)
        began = time.perf_counter()
        run = known.id
        report, left_out = TrainingReport(run), LeftOut()
        events, wanted = self._events.size, self.learnable.specs(known, shards, left_out)
        report.unrecognisable, report.too_few = len(left_out.unrecognisable), len(left_out.few)
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

    def specs(self, run: Run, shards: Collection[int] | None = None) -> list[SliceSpec]:
        """What every slice of the run, or of some of its shards, should be trained on today.

        These are the pictures that may be read today and show only people whom works can be compared with,
        in shards that have enough of them.
        """
        return self.learnable.specs(run, shards)

    def untrained(self, run: Run) -> list[Suspension]:
        """Shards that have no constituent, though there are pictures to train it on, and why not.

        Either too few people are left, or a training was interrupted, or a restoration left out a constituent
        that had learned from somebody whose withdrawal or erasure came after the backup.
        """
        missing = set(range(run.recipe.shards)).difference(self.model_store.shards(run.id))
        if not missing:
            return []
        left = LeftOut()
        due = {spec.place.shard for spec in self.learnable.specs(run, missing, left)}
        return [
            Suspension(constituent_id(run.id, shard), ((UNTRAINED if shard in due else TOO_FEW, ()),))
            for shard in sorted(due | set(left.few))
        ]

    def on_base(self, recipe: Recipe) -> Recipe:
        """The recipe with the base at hand, where it names none, and with the size of the base's pictures."""
        trainer = self.bases.trainer(recipe.base_sha256)
        return replace(recipe, base_sha256=trainer.base_sha256, size_px=trainer.size_px)

    def trainer_of(self, recipe: Recipe) -> Trainer:
        """The trainer over a recipe's base; ConflictError where that base isn't at hand."""
        return self.bases.trainer(recipe.base_sha256)

    def homes(self, subject: str) -> set[str]:
        """Identifiers of the constituents, served or not, of the shards where the subject's pictures are."""
        return {constituent_id(run, shard) for run, shard, _ in self.places_in_shards(subject)}

    def places_in_shards(self, subject: str) -> Iterator[tuple[str, int, PlaceInSnapshot]]:
        """Each place of the subject's in the snapshot of a run, with the run and the shard."""
        places = self._datasets.places_of(subject)
        for run in self.runs():
            in_split = self.learnable.in_split(run)
            for place in places:
                if run.snapshot == place.snapshot and in_split(place.owners):
                    yield run.id, shard_of(self._key, place.owners, run.recipe.shards), place
