"""Training: constituents out of slices, served as a mixture, forgotten by replay.

There is one mechanism. `train` looks at what every slice should have been taught,
trains the slices that weren't taught exactly that, and merges the constituents
whose slices changed. Starting, resuming after a crash and forgetting somebody are
the same call; forgetting first drops what knew the person.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from volenti.clearance.access import Access
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.digest import sha256
from volenti.core.errors import (
    ConflictError,
    KeyDestroyedError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from volenti.core.jobs import JobRunner
from volenti.core.progress import Progress, Silent
from volenti.core.turns import Turns
from volenti.datasets.service import Datasets
from volenti.datasets.shard import shard_of
from volenti.datasets.snapshot import Snapshot, parse_name
from volenti.training.lesson import Lesson, Pupil, Tasks, lessons
from volenti.training.ports import SliceResult, Trainer
from volenti.training.recipe import Recipe
from volenti.training.run import Constituent, Run, Slice, constituent_id, place_in, slice_id
from volenti.training.sketchbook import Sketchbook
from volenti.training.teacher import Taught, Teacher
from volenti.vault.journal import Journal
from volenti.vault.records import Records
from volenti.vault.service import Vault

SERVING, TOO_FEW = "serving", "too-few"


@dataclass(slots=True)
class TrainingReport:
    """What one call of `train` did."""

    run: str
    slices_trained: int = 0
    slices_kept: int = 0
    #: Trained by a run of an earlier version of the dataset, on the very same pictures.
    slices_taken_over: int = 0
    constituents: int = 0
    merged: int = 0
    too_few: int = 0
    seconds: float = 0.0
    core_seconds: float = 0.0

    def to_json(self) -> Json:
        return {name: getattr(self, name) for name in self.__slots__}


class Training:
    """Runs over snapshots."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        datasets: Datasets,
        access: Access,
        journal: Journal,
        trainer: Trainer,
        jobs: JobRunner,
        clock: Clock,
        partition_key: bytes,
        turns: Turns,
    ) -> None:
        self._records = records
        self._vault = vault
        self._datasets = datasets
        self._access = access
        self._journal = journal
        self._trainer = trainer
        self._jobs = jobs
        self._clock = clock
        self._key = partition_key
        self._turns = turns

    # -- runs

    def runs(self) -> list[Run]:
        """Every run, oldest first; those of one second by the version they learned."""
        found = [Run.from_json(each.id, each.body) for each in self._records.find("run")]
        return sorted(found, key=lambda run: (run.created, parse_name(run.snapshot), run.id))

    def run(self, identifier: str | None = None) -> Run:
        """By identifier, or the latest; NotFoundError where there is none."""
        found = [run for run in self.runs() if identifier in (None, run.id, run.snapshot)]
        if not found:
            raise NotFoundError("There is no such training run.", "Train one: volenti train DATASET.")
        return found[-1]

    def train(self, snapshot: Snapshot, recipe: Recipe, progress: Progress | None = None) -> TrainingReport:
        """Train a snapshot, or go on where an earlier call stopped.

        Raises UsageError if a constituent would have fewer people than the recipe's minimum.
        """
        recipe = replace(recipe, base_sha256=self._trainer.base_sha256, size_px=self._trainer.size_px)
        self._refuse_small(snapshot, recipe)
        identifier = f"run_{sha256(f'{snapshot.id}/{recipe.digest}'.encode())[:20]}"
        if self._records.row("run", identifier) is None:
            run = Run(identifier, snapshot.id, recipe, self._trainer.environment(), stamp(self._clock()))
            self._records.put("run", identifier, run.to_json(), parent=snapshot.id)
            self._journal.record("training-begun", {"run": identifier, **run.to_json()})
        report = self.replay(identifier, progress)
        if report.slices_trained and not report.slices_taken_over:
            # Where slices were taken over, this time isn't that of training everything.
            run = self.run(identifier)
            run = replace(run, seconds=run.seconds + report.seconds)
            self._records.put("run", identifier, run.to_json(), parent=snapshot.id)
        return report

    def replay(
        self, run: str, progress: Progress | None = None, *, shards: Collection[int] | None = None
    ) -> TrainingReport:
        """Bring a run, or some of its shards, to what its snapshot now asks for, where that changed.

        Where somebody leaves meanwhile, by another process, what is wanted is asked again: that
        process waits here for its turn, and finds done what it came for. Raises ConflictError where
        another base is at hand than the run was trained on.
        """
        told = progress or Silent()
        known = self.run(run)
        self.require_base(known)
        with self._turns.take(run, told):
            return self._replay(known, range(known.recipe.shards) if shards is None else shards, told)

    def _replay(self, known: Run, shards: Collection[int], progress: Progress) -> TrainingReport:
        began = time.perf_counter()
        run = known.id
        happened, wanted = self._journal.size, self.lessons(known, shards)
        report = TrainingReport(run)
        report.slices_kept = sum(self._is_taught(run, lesson) for lesson in wanted)
        while True:
            try:
                self._teach(known, wanted, report, progress)
                before, happened = happened, self._journal.size
                # Nobody leaves without its being recorded.
                now = wanted if happened == before else self.lessons(known, shards)
                if [each.digest for each in now] == [each.digest for each in wanted]:
                    self._drop_unwanted(run, shards, {slice_id(run, lesson.place) for lesson in wanted})
                    self._merge(known, shards, wanted, report)
                    break
            except RefusedError:
                happened, now = self._journal.size, self.lessons(known, shards)
                if [each.digest for each in now] == [each.digest for each in wanted]:
                    raise
            wanted = now
        report.seconds = time.perf_counter() - began
        return report

    def lessons(self, run: Run, shards: Collection[int] | None = None) -> list[Lesson]:
        """What every slice should be taught today, of the run or of some shards: what may be read today."""
        snapshot = self._datasets.snapshot(run.snapshot)
        joined = self._datasets.joined(snapshot)
        pupils = []

        def within(owners: Sequence[str]) -> bool:
            return shards is None or shard_of(self._key, owners, run.recipe.shards) in shards

        for entry in self._datasets.entries(snapshot, within):
            if entry.is_tombstone:
                continue
            if self._access.refusal(entry.image, snapshot.purpose, snapshot.territory) is None:
                image, owners = self._access.image(entry.image, snapshot.purpose, snapshot.territory)
                pupils.append(Pupil(image, entry.caption, owners, joined[min(owners)] - 1))
        return lessons(pupils, self._key, run.recipe)

    def on_its_base(self, run: Run) -> bool:
        """Whether the base at hand is the one the run was trained on."""
        return self._trainer.base_sha256 == run.recipe.base_sha256

    def require_base(self, run: Run) -> None:
        """Slices of two bases don't mix, and don't draw: ConflictError where the base is another."""
        if not self.on_its_base(run):
            raise ConflictError(
                f"{run.id} was trained on another base than the one at hand.",
                f"Set VOLENTI_BASE to the base with SHA-256 {run.recipe.base_sha256}, or train anew.",
            )

    # -- forgetting

    def affected(self, subject: str) -> list[str]:
        """Identifiers of constituents that were trained on the subject's pictures."""
        return [row.id for row in self._records.rows("constituent", owner=subject)]

    def homes(self, subject: str) -> set[str]:
        """Identifiers of the constituents where the subject's pictures belong, served or not."""
        return {
            constituent_id(run.id, shard_of(self._key, row.owners, run.recipe.shards))
            for row in self._records.rows("entry", owner=subject)
            for run in self.runs()
            if run.snapshot == row.parent
        }

    def drop(self, subject: str) -> list[str]:
        """Take everything that knew the subject out of service and destroy it; returns constituents.

        Works before and after the subject's key was destroyed: a constituent's place is in its
        identifier and its weights' pack is named after it.
        """
        dropped = self.affected(subject)
        tainted = [row.id for row in self._records.rows("slice", owner=subject)]
        # Rows last: they are what a call after a crash finds the packs by.
        for identifier in [*dropped, *tainted]:
            run, _, pack = identifier.partition("/")
            self._vault.remove_packs(run, [pack])
        with self._records.transaction():
            self._records.delete("constituent", dropped)
            self._records.delete("slice", tainted)
        return dropped

    def constituents(self, run: str) -> list[Constituent]:
        """The constituents that are served, in order of shard."""
        found = self._records.find("constituent", parent=run, state=SERVING)
        return sorted((Constituent.from_json(each.body) for each in found), key=lambda c: c.shard)

    def slices(self, run: str) -> list[Slice]:
        """The trained slices, in order of place."""
        found = self._records.find("slice", parent=run)
        return sorted((Slice.from_json(each.id, each.body) for each in found), key=lambda s: s.place)

    def weights(self, constituent: Constituent) -> bytes:
        """A constituent's weights; KeyDestroyedError once anybody in it was erased."""
        return self._vault.open(constituent.weights)

    def sketchbooks(self, run: str) -> list[Sketchbook | None]:
        """The sketches of what each slice learned from, in order of place; None where none were kept."""
        return [self._sketchbook(each) for each in self.slices(run)]

    # -- steps

    def _teach(self, run: Run, wanted: list[Lesson], report: TrainingReport, progress: Progress) -> None:
        """Train what isn't taught yet."""
        due = [lesson for lesson in wanted if not self._is_taught(run.id, lesson)]
        due = [lesson for lesson in due if not self._is_taken_over(run, lesson, report)]
        for lesson, taught in self._taught(due, progress):
            owners = [pupil.owners for pupil in lesson.pupils]
            self._keep_slice(run.id, lesson, taught.result, Sketchbook.of_pictures(taught.sketches, owners))
            report.slices_trained += 1
            report.core_seconds += taught.result.seconds

    def _refuse_small(self, snapshot: Snapshot, recipe: Recipe) -> None:
        people: dict[int, set[str]] = {}
        for entry in self._datasets.entries(snapshot):
            for owner in entry.owners:
                people.setdefault(shard_of(self._key, entry.owners, recipe.shards), set()).add(owner)
        small = {shard: len(some) for shard, some in people.items() if len(some) < recipe.min_people}
        if small:
            shard, count = min(small.items(), key=lambda each: each[1])
            raise UsageError(
                f"Shard {shard} would have {count} people; a constituent of fewer than "
                f"{recipe.min_people} would be a likeness of them.",
                f"Train with fewer shards than {recipe.shards}, or on more people.",
            )

    def _is_taught(self, run: str, lesson: Lesson) -> bool:
        known = self._records.get("slice", slice_id(run, lesson.place))
        return known is not None and known.body["task"] == lesson.digest

    def _is_taken_over(self, run: Run, lesson: Lesson, report: TrainingReport) -> bool:
        """Keep the slice of another run that was taught exactly this, if there is one."""
        for other in self.runs():
            if other.id == run.id or other.recipe.digest != run.recipe.digest:
                continue
            record = self._records.get("slice", slice_id(other.id, lesson.place))
            if record is not None and record.body["task"] == lesson.digest:
                known = Slice.from_json(record.id, record.body)
                weights = self._vault.open(known.weights)
                result = SliceResult(weights, known.losses, known.seconds)
                self._keep_slice(run.id, lesson, result, self._sketchbook(known))
                report.slices_taken_over += 1
                return True
        return False

    def _taught(self, due: list[Lesson], progress: Progress) -> Iterable[tuple[Lesson, Taught]]:
        progress.begin("Training slices", len(due))
        try:
            for index, taught in self._jobs.run(Teacher(self._trainer).teach, Tasks(due, self._access)):
                yield due[index], taught
                progress.advance(1, f"loss {taught.result.losses[-1]:.3f}")
        finally:
            progress.end()

    def _sketchbook(self, trained: Slice) -> Sketchbook | None:
        return Sketchbook.from_bytes(self._vault.open(trained.sketches)) if trained.sketches else None

    def _keep_slice(self, run: str, lesson: Lesson, result: SliceResult, book: Sketchbook | None) -> None:
        identifier, pack = slice_id(run, lesson.place), str(lesson.place)
        if not all(map(self._vault.has_key, lesson.owners)):
            # By now the pack may be another process's, of the slice without whoever was erased.
            raise KeyDestroyedError("Somebody was erased while their slice was trained.", "Train again.")
        self._vault.remove_packs(run, [pack])
        weights = self._vault.put(lesson.owners, "slice", result.weights, prefix=run, pack=pack)
        sketches = None
        if book is not None:
            sketches = self._vault.put(lesson.owners, "sketches", book.to_bytes(), prefix=run, pack=pack)
        self._vault.flush()
        kept = Slice(lesson.place, lesson.digest, sha256(result.weights), len(lesson.pupils),
                     result.seconds, result.losses, weights, sketches)  # fmt: skip
        self._records.put("slice", identifier, kept.to_json(), owners=lesson.owners, parent=run)

    def _drop_unwanted(self, run: str, shards: Collection[int], wanted: set[str]) -> None:
        for row in list(self._records.rows("slice", parent=run)):
            if row.id not in wanted and place_in(row.id).shard in shards:
                self._records.delete("slice", [row.id])
                self._vault.remove_packs(run, [str(place_in(row.id))])

    def _merge(self, run: Run, shards: Collection[int], wanted: list[Lesson], report: TrainingReport) -> None:
        trained = {each.place: each for each in self.slices(run.id)}
        due: list[tuple[int, str, tuple[str, ...], list[Slice]]] = []
        for shard in shards:
            mine = [lesson for lesson in wanted if lesson.place.shard == shard]
            if not mine:
                self._records.delete("constituent", [constituent_id(run.id, shard)])
                continue
            if any(lesson.place not in trained for lesson in mine):
                raise KeyDestroyedError("A slice was dropped before it was merged.", "Train again.")
            parts = [trained[lesson.place] for lesson in mine]
            owners = tuple(sorted({owner for lesson in mine for owner in lesson.owners}))
            serves = len(owners) >= run.recipe.min_people
            report.constituents += serves
            report.too_few += not serves
            made_of = sha256("\n".join(f"{part.images} {part.sha256}" for part in parts).encode())
            known = self._records.get("constituent", constituent_id(run.id, shard))
            if known is None or known.body["made_of"] != made_of:
                due.append((shard, made_of, owners, parts))
        tasks = [[(part.images, self._vault.open(part.weights)) for part in parts] for *_, parts in due]
        for index, weights in self._jobs.run(self._trainer.merge, tasks):
            shard, made_of, owners, parts = due[index]
            self._vault.remove_packs(run.id, [f"{shard:02d}"])
            ref = self._vault.put(owners, "constituent", weights, prefix=run.id, pack=f"{shard:02d}")
            self._vault.flush()
            images = sum(part.images for part in parts)
            made = Constituent(shard, made_of, sha256(weights), images, len(owners), ref)
            state = SERVING if len(owners) >= run.recipe.min_people else TOO_FEW
            self._records.put("constituent", constituent_id(run.id, shard), made.to_json(),
                              owners=owners, state=state, parent=run.id, position=shard)  # fmt: skip
            report.merged += 1
