"""Training: constituents out of slices, served as a mixture, forgotten by replay.

There is one mechanism. `train` looks at what every slice should have been taught,
trains the slices that weren't taught exactly that, and merges the constituents
whose slices changed. Starting, resuming after a crash and forgetting somebody are
the same call; forgetting first drops what knew the person.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from volenti.clearance.access import Access
from volenti.clearance.gallery import Gallery
from volenti.consent.service import Consent
from volenti.core.canonical import canonical
from volenti.core.clock import Clock, stamp
from volenti.core.codec import decoded, encoded
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
from volenti.training.partition import wave_of
from volenti.training.ports import Trainer
from volenti.training.recipe import Recipe
from volenti.training.run import Run, Slice, constituent_id, slice_id
from volenti.training.shelf import Shelf
from volenti.training.sketchbook import Sketchbook
from volenti.training.standing import UNTAUGHT, Standing, Suspension
from volenti.training.teacher import Taught, Teacher, environment_of
from volenti.vault.journal import Journal
from volenti.vault.records import Records
from volenti.vault.service import Vault


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
    #: Pictures left out because works couldn't be compared with somebody in them.
    unrecognisable: int = 0
    seconds: float = 0.0
    core_seconds: float = 0.0


class Training:
    """Runs over snapshots."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        datasets: Datasets,
        access: Access,
        consent: Consent,
        gallery: Gallery,
        journal: Journal,
        trainer: Trainer,
        jobs: JobRunner,
        clock: Clock,
        partition_key: bytes,
        turns: Turns,
    ) -> None:
        self._standing = Standing(gallery, datasets, consent, clock)
        #: What runs have trained and keep.
        self.shelf = Shelf(records, vault, self._standing)
        self._consent = consent
        self._records = records
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
        found = [decoded(Run, each.body, id=each.id) for each in self._records.find("run")]
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
            run = Run(identifier, snapshot.id, recipe, environment_of(self._trainer), stamp(self._clock()))
            self._records.put("run", identifier, encoded(run), parent=snapshot.id)
            self._journal.record("training-begun", {"run": identifier, **encoded(run)})
        report = self.replay(identifier, progress)
        if report.slices_trained and not report.slices_taken_over:
            # Where slices were taken over, this time isn't that of training everything.
            run = self.run(identifier)
            run = replace(run, seconds=run.seconds + report.seconds)
            self._records.put("run", identifier, encoded(run), parent=snapshot.id)
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
        report.slices_kept = sum(self.shelf.taught(run, lesson) is not None for lesson in wanted)
        while True:
            try:
                self._teach(known, wanted, report, progress)
                self._teach_mixed(known, wanted, report, progress)
                before, happened = happened, self._journal.size
                # Nobody leaves without its being recorded.
                now = wanted if happened == before else self.lessons(known, shards)
                if [each.digest for each in now] == [each.digest for each in wanted]:
                    kept = {slice_id(run, lesson.place) for lesson in wanted}
                    self.shelf.drop_slices(run, shards, but=kept)
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
        """What every slice should be taught today, of the run or of some shards.

        That is what may be read today, of people whom works can be compared with.
        """
        return lessons(self._pupils(run, shards), self._key, run.recipe)

    def _pupils(self, run: Run, shards: Collection[int] | None) -> Iterator[Pupil]:
        snapshot = self._datasets.snapshot(run.snapshot)
        is_recognisable, wave = cache(self._standing.is_recognisable), cache(self._wave)

        def within(owners: Sequence[str]) -> bool:
            return shards is None or shard_of(self._key, owners, run.recipe.shards) in shards

        alive = (entry for entry in self._datasets.entries(snapshot, within) if not entry.is_tombstone)
        # One person's pictures after the other: what consent says of them is asked once.
        for entry in sorted(alive, key=lambda entry: entry.owners):
            try:
                image, owners = self._access.image(entry.image, snapshot.purpose, snapshot.territory)
            except RefusedError:
                continue
            if all(map(is_recognisable, owners)):
                yield Pupil(image, entry.caption, owners, wave(min(owners), run.recipe))

    def _wave(self, subject: str, recipe: Recipe) -> int:
        return wave_of(self._consent.subject(subject).created, recipe)

    def untaught(self, run: Run) -> list[Suspension]:
        """Shards of which nothing was merged, though there is somebody to learn from.

        A training was interrupted, or what was there knew somebody who had said no when it was restored.
        """
        missing = set(range(run.recipe.shards)).difference(self.shelf.shards(run.id))
        return [
            Suspension(constituent_id(run.id, shard), ((UNTAUGHT, ()),))
            for shard in sorted(missing)
            if next(self._pupils(run, [shard]), None) is not None
        ]

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

    def homes(self, subject: str) -> set[str]:
        """Identifiers of the constituents where the subject's pictures belong, served or not."""
        return {
            constituent_id(run.id, shard_of(self._key, place.owners, run.recipe.shards))
            for place in self._datasets.places_of(subject)
            for run in self.runs()
            if run.snapshot == place.snapshot
        }

    # -- steps

    def _teach(self, run: Run, wanted: list[Lesson], report: TrainingReport, progress: Progress) -> None:
        """Train what isn't taught yet."""
        due = [lesson for lesson in wanted if self.shelf.taught(run.id, lesson) is None]
        self._train(
            run, [lesson for lesson in due if not self._is_taken_over(run, lesson, report)], report, progress
        )

    def _train(self, run: Run, due: list[Lesson], report: TrainingReport, progress: Progress) -> None:
        for lesson, taught in self._taught(due, progress):
            owners = [pupil.owners for pupil in lesson.pupils]
            book = Sketchbook.of_pictures(taught.sketches, owners)
            self.shelf.keep_slice(run.id, lesson, taught.result, book, taught.given, taught.environment)
            report.slices_trained += 1
            report.core_seconds += taught.result.seconds

    def _teach_mixed(
        self, run: Run, wanted: list[Lesson], report: TrainingReport, progress: Progress
    ) -> None:
        """Train shards whole whose slices were trained in several environments.

        From scratch all of them would be trained in one, and give other bits.
        """
        mixed: dict[int, set[bytes]] = {}
        for each in self.shelf.slices(run.id, {lesson.place.shard for lesson in wanted}):
            mixed.setdefault(each.place.shard, set()).add(canonical(each.environment))
        shards = {shard for shard, several in mixed.items() if len(several) > 1}
        if shards:
            here = environment_of(self._trainer)
            kept = {each.place for each in self.shelf.slices(run.id, shards) if each.environment == here}
            due = [each for each in wanted if each.place.shard in shards and each.place not in kept]
            self._train(run, due, report, progress)

    def _refuse_small(self, snapshot: Snapshot, recipe: Recipe) -> None:
        people: dict[int, set[str]] = {}
        for entry in self._datasets.entries(snapshot):
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

    def _is_taken_over(self, run: Run, lesson: Lesson, report: TrainingReport) -> bool:
        """Keep the slice of another run that was taught exactly this, if there is one."""
        for other in self.runs():
            if other.id == run.id or other.recipe.digest != run.recipe.digest:
                continue
            known = self.shelf.taught(other.id, lesson)
            # Without sketches works couldn't be compared with whom it was taught of.
            if known is not None and known.sketches is not None:
                self.shelf.keep_slice(
                    run.id, lesson, self.shelf.result(known), self.shelf.sketchbook(known), known.given,
                    known.environment,
                )  # fmt: skip
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

    def _merge(self, run: Run, shards: Collection[int], wanted: list[Lesson], report: TrainingReport) -> None:
        trained = {each.place: each for each in self.shelf.slices(run.id, shards)}
        due: list[tuple[int, str, list[tuple[str, str]], list[Slice]]] = []
        for shard in shards:
            mine = [lesson for lesson in wanted if lesson.place.shard == shard]
            if not mine:
                self.shelf.drop_constituent(run.id, shard)
                continue
            if any(lesson.place not in trained for lesson in mine):
                raise KeyDestroyedError("A slice was dropped before it was merged.", "Train again.")
            parts = [trained[lesson.place] for lesson in mine]
            uses = sorted(
                {(owner, pupil.image.shoot) for lesson in mine for pupil in lesson.pupils
                 for owner in pupil.owners}
            )  # fmt: skip
            serves = _people_of(uses) >= run.recipe.min_people
            report.constituents += serves
            report.too_few += not serves
            made_of = sha256("\n".join(f"{part.images} {part.sha256}" for part in parts).encode())
            if not self.shelf.is_made_of(run.id, shard, made_of):
                due.append((shard, made_of, uses, parts))
        tasks = [[(part.images, self.shelf.result(part).weights) for part in parts] for *_, parts in due]
        for index, weights in self._jobs.run(self._trainer.merge, tasks):
            shard, made_of, uses, parts = due[index]
            serves = _people_of(uses) >= run.recipe.min_people
            self.shelf.keep_constituent(run.id, shard, made_of, parts, uses, weights, serves=serves)
            report.merged += 1


def _people_of(uses: Sequence[tuple[str, str]]) -> int:
    return len({subject for subject, _ in uses})
