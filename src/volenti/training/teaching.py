"""Teaching: slices are trained, taken over or kept, and merged into constituents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.core.errors import KeyDestroyedError
from volenti.training.lesson import Lesson, Tasks
from volenti.training.sketchbook import Sketchbook
from volenti.training.teacher import Taught, Teacher, environment_of

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.core.jobs import JobRunner
    from volenti.core.progress import Progress
    from volenti.training.ports import Trainer
    from volenti.training.report import TrainingReport
    from volenti.training.run import Run, Slice
    from volenti.training.shelf import Shelf


class Teaching:
    """What a replay does, once it is known what every slice should be taught."""

    def __init__(
        self,
        shelf: Shelf,
        access: Access,
        trainer: Trainer,
        jobs: JobRunner,
        runs: Callable[[], list[Run]],
    ) -> None:
        """runs: all there are, whose slices may be taken over."""
        self._shelf = shelf
        self._access = access
        self._trainer = trainer
        self._jobs = jobs
        self._runs = runs

    def teach(self, run: Run, wanted: list[Lesson], report: TrainingReport, progress: Progress) -> None:
        """Train what isn't taught yet."""
        due = [lesson for lesson in wanted if self._shelf.taught(run.id, lesson) is None]
        self._train(
            run, [lesson for lesson in due if not self._is_taken_over(run, lesson, report)], report, progress
        )

    def _train(self, run: Run, due: list[Lesson], report: TrainingReport, progress: Progress) -> None:
        for lesson, taught in self._taught(due, progress):
            owners = [pupil.owners for pupil in lesson.pupils]
            book = Sketchbook.of_pictures(taught.sketches, owners)
            self._shelf.keep_slice(run.id, lesson, taught.result, book, taught.given, taught.environment)
            report.slices_trained += 1
            report.core_seconds += taught.result.seconds

    def teach_mixed(self, run: Run, wanted: list[Lesson], report: TrainingReport, progress: Progress) -> None:
        """Train shards whole whose slices were trained in several environments.

        From scratch all of them would be trained in one, and give other bits.
        """
        mixed: dict[int, set[bytes]] = {}
        for each in self._shelf.slices(run.id, {lesson.place.shard for lesson in wanted}):
            mixed.setdefault(each.place.shard, set()).add(canonical(each.environment))
        shards = {shard for shard, several in mixed.items() if len(several) > 1}
        if shards:
            here = environment_of(self._trainer)
            kept = {each.place for each in self._shelf.slices(run.id, shards) if each.environment == here}
            due = [each for each in wanted if each.place.shard in shards and each.place not in kept]
            self._train(run, due, report, progress)

    def _is_taken_over(self, run: Run, lesson: Lesson, report: TrainingReport) -> bool:
        """Keep the slice of another run that was taught exactly this, if there is one."""
        for other in self._runs():
            if other.id == run.id or other.recipe.digest != run.recipe.digest:
                continue
            known = self._shelf.taught(other.id, lesson)
            # Without sketches works couldn't be compared with whom it was taught of.
            if known is not None and known.sketches is not None:
                self._shelf.keep_slice(
                    run.id,
                    lesson,
                    self._shelf.result(known),
                    self._shelf.sketchbook(known),
                    known.given,
                    known.environment,
                )
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

    def merge(self, run: Run, shards: Collection[int], wanted: list[Lesson], report: TrainingReport) -> None:
        """Merge the constituents whose slices changed; all of the shards' slices are there."""
        trained = {each.place: each for each in self._shelf.slices(run.id, shards)}
        due: list[tuple[int, str, list[tuple[str, str]], list[Slice]]] = []
        for shard in shards:
            mine = [lesson for lesson in wanted if lesson.place.shard == shard]
            if not mine:
                self._shelf.drop_constituent(run.id, shard)
                continue
            if any(lesson.place not in trained for lesson in mine):
                raise KeyDestroyedError("A slice was dropped before it was merged.", "Train again.")
            parts = [trained[lesson.place] for lesson in mine]
            uses = sorted(
                {
                    (owner, pupil.image.shoot)
                    for lesson in mine
                    for pupil in lesson.pupils
                    for owner in pupil.owners
                }
            )
            serves = _people_of(uses) >= run.recipe.min_people
            report.constituents += serves
            report.too_few += not serves
            made_of = sha256("\n".join(f"{part.images} {part.sha256}" for part in parts).encode())
            if not self._shelf.is_made_of(run.id, shard, made_of):
                due.append((shard, made_of, uses, parts))
        tasks = [[(part.images, self._shelf.result(part).weights) for part in parts] for *_, parts in due]
        for index, weights in self._jobs.run(self._trainer.merge, tasks):
            shard, made_of, uses, parts = due[index]
            serves = _people_of(uses) >= run.recipe.min_people
            self._shelf.keep_constituent(run.id, shard, made_of, parts, uses, weights, serves=serves)
            report.merged += 1


def _people_of(uses: Sequence[tuple[str, str]]) -> int:
    return len({subject for subject, _ in uses})
