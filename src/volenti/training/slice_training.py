"""SliceTraining: trains slices or takes them over from other runs, and merges them into constituents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING

from volenti.core.canonical import canonical
from volenti.core.errors import IntegrityError, KeyDestroyedError
from volenti.core.logs import Logger
from volenti.training.copy_index import CopyIndex
from volenti.training.run import made_of
from volenti.training.slice_spec import SliceSpec, SliceTasks
from volenti.training.slice_trainer import SliceOutput, SliceTrainer, environment_of

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.core.jobs import JobRunner
    from volenti.core.progress import Progress
    from volenti.training.model_store import ModelStore
    from volenti.training.ports import StepReport, Trainer
    from volenti.training.report import TrainingReport
    from volenti.training.run import Run, Slice

_log = Logger(__name__)


class SliceTraining:
    """What a replay does, once it is known what every slice should be trained on."""

    def __init__(
        self,
        model_store: ModelStore,
        access: Access,
        trainer: Trainer,
        jobs: JobRunner,
        runs: Callable[[], list[Run]],
    ) -> None:
        """runs: gives all runs; slices are taken over from them."""
        self._model_store = model_store
        self._access = access
        self._trainer = trainer
        self._jobs = jobs
        self._runs = runs

    def train(self, run: Run, wanted: list[SliceSpec], report: TrainingReport, progress: Progress) -> None:
        """Train the wanted slices that aren't there yet, or take them over from another run."""
        due = [spec for spec in wanted if self._model_store.trained_slice(run.id, spec) is None]
        self._train_each(
            run, [spec for spec in due if not self._take_over(run, spec, report)], report, progress
        )

    def _train_each(self, run: Run, due: list[SliceSpec], report: TrainingReport, progress: Progress) -> None:
        for spec, output in self._run_workers(due, progress):
            owners = [example.owners for example in spec.examples]
            index = CopyIndex.of_pictures(output.copy_descriptors, owners)
            self._model_store.keep_slice(run.id, spec, output.result, index, output.given, output.environment)
            report.slices_trained += 1
            report.core_seconds += output.result.seconds

    def train_mixed(
        self, run: Run, wanted: list[SliceSpec], report: TrainingReport, progress: Progress
    ) -> None:
        """Train a shard's slices again where they were trained in several environments.

        A training from scratch would train all of them in one environment, and give other bits.
        """
        mixed: dict[int, set[bytes]] = {}
        for each in self._model_store.slices(run.id, {spec.place.shard for spec in wanted}):
            mixed.setdefault(each.place.shard, set()).add(canonical(each.environment))
        shards = {shard for shard, several in mixed.items() if len(several) > 1}
        if shards:
            here = environment_of(self._trainer)
            kept = {
                each.place for each in self._model_store.slices(run.id, shards) if each.environment == here
            }
            due = [each for each in wanted if each.place.shard in shards and each.place not in kept]
            _log.warning("slices of several environments are trained again", run=run.id, shards=len(shards))
            self._train_each(run, due, report, progress)

    def _take_over(self, run: Run, spec: SliceSpec, report: TrainingReport) -> bool:
        """Copy the slice of another run that was trained on exactly this; returns whether there is one."""
        for other in self._runs():
            if other.id == run.id or other.recipe.digest != run.recipe.digest:
                continue
            try:
                known = self._model_store.trained_slice(other.id, spec)
                # Without a copy index works couldn't be compared with the pictures it learned from.
                if known is None or known.sketches is None:
                    continue
                result, index = self._model_store.result(known), self._model_store.copy_index(known)
            except IntegrityError:
                _log.warning("a damaged slice isn't taken over", run=other.id)
                continue
            self._model_store.keep_slice(run.id, spec, result, index, known.given, known.environment)
            report.slices_taken_over += 1
            return True
        return False

    def _run_workers(
        self, due: list[SliceSpec], progress: Progress
    ) -> Iterable[tuple[SliceSpec, SliceOutput]]:
        def told(index: int, step: StepReport) -> None:
            far = f"step {step.done:,} of {step.steps:,}"
            progress.advance(0, f"slice {due[index].place}: {far}, loss {step.loss:.3f}")

        progress.begin("Training slices", len(due))
        try:
            for index, output in self._jobs.run_telling(
                SliceTrainer(self._trainer).train, SliceTasks(due, self._access), told
            ):
                yield due[index], output
                progress.advance(1, f"loss {output.result.losses[-1]:.3f}")
        finally:
            progress.end()

    def merge(
        self, run: Run, shards: Collection[int], wanted: list[SliceSpec], report: TrainingReport
    ) -> None:
        """Merge the constituents whose slices changed, once all wanted slices of the shards are trained."""
        trained = {each.place: each for each in self._model_store.slices(run.id, shards)}
        due: list[tuple[int, str, list[tuple[str, str]], list[Slice]]] = []
        for shard in shards:
            mine = [spec for spec in wanted if spec.place.shard == shard]
            if not mine:
                self._model_store.drop_constituent(run.id, shard)
                continue
            if any(spec.place not in trained for spec in mine):
                raise KeyDestroyedError("A slice was dropped before it was merged.", "Train again.")
            parts = [trained[spec.place] for spec in mine]
            uses = sorted(
                {
                    (owner, example.image.shoot)
                    for spec in mine
                    for example in spec.examples
                    for owner in example.owners
                }
            )
            report.constituents += 1
            of = made_of(parts)
            if not self._model_store.is_made_of(run.id, shard, of):
                due.append((shard, of, uses, parts))
            else:
                self._model_store.keep_uses(run.id, shard, uses)
        tasks = [
            [(part.images, self._model_store.result(part).weights) for part in parts] for *_, parts in due
        ]
        for index, weights in self._jobs.run(partial(self._trainer.merge, scale=run.recipe.scale), tasks):
            shard, of, uses, parts = due[index]
            self._model_store.keep_constituent(run.id, shard, of, parts, uses, weights)
            report.merged += 1
