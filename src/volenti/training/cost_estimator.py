"""TrainingCostEstimator: measures what a training costs on this machine, and has the planner price it.

It rehearses: two real steps on one picture say what memory a slice's training needs, because a step needs as
much whatever is in its pictures. It takes the seconds of slices that were trained in this workspace, on the
same base and in the same way. Where there are none, it trains a small slice, which takes a few seconds; where
one step takes as long as that, it takes the rehearsed one's. Nothing of it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any, cast

from volenti.clearance.access import Access
from volenti.core.errors import UsageError
from volenti.core.jobs import JobRunner
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.datasets.snapshot import Snapshot
from volenti.training.forecast import RehearsedStep, TrainingForecast
from volenti.training.measured import measured
from volenti.training.nearness import PICTURES as PICTURES_LOOKED_AT
from volenti.training.nearness import LossOfBase, nearness, recipe_for
from volenti.training.partition import Place
from volenti.training.planner import (
    LEAVING_SHARE,
    QUALITY_FLOORS,
    Costs,
    Person,
    Terms,
    TrainingPlan,
    plan,
)
from volenti.training.ports import SliceResult
from volenti.training.recipe import Recipe
from volenti.training.run import Run
from volenti.training.service import Training
from volenti.training.slice_spec import SliceSpec, TrainingExample
from volenti.training.slice_trainer import environment_of

_log = Logger(__name__)

#: Pictures of the slice that is trained to measure, and samples drawn for each of them.
PICTURES, SAMPLES = 16, 8
#: Steps of a rehearsal: in the first one kernels are chosen, so the second says what a step takes.
REHEARSED_STEPS = 2
#: Seconds a step above which the rehearsed step has to do: a slice would take minutes.
SLOW_STEP = 1.0


class TrainingCostEstimator:
    """Measures what training costs here, and makes plans from that."""

    def __init__(self, training: Training, access: Access, jobs: JobRunner, key: bytes) -> None:
        self._training = training
        self._access = access
        self._jobs = jobs
        self._key = key

    def plan(
        self,
        snapshot: Snapshot,
        recipe: Recipe,
        *,
        withdrawals_a_year: int | None = None,
        quality_floor: float | None = None,
        core_hour_price: float = 0.0,
        progress: Progress | None = None,
        split: str = "",
    ) -> TrainingPlan:
        """Every partition of a training with its price, and the one that is advised.

        How each is trained follows from whether the pictures are near to what the base learned from, unless
        the recipe says it (`training.nearness`). Nothing that is trained here is kept. withdrawals_a_year:
        without it, a hundredth of the people and at least one. quality_floor: by default that of near or far
        pictures. split: what is to be trained on, where the snapshot is divided. Raises UsageError where
        nothing of the snapshot may be trained on.
        """
        snapshot.require(split)
        recipe = self._training.on_base(recipe)
        examples = self._examples(snapshot.id, recipe, split)
        if not examples:
            raise UsageError(f"Nothing of {snapshot.id} may be trained on.", "Cut a new snapshot.")
        images = Counter((example.home, example.cohort) for example in examples)
        people = [Person(home, cohort, count) for (home, cohort), count in sorted(images.items())]
        with _log.timed("training costs estimated", people=len(people), pictures=len(examples)):
            known, near_or_far, loss = measured(recipe.base_sha256), None, 0.0
            if known:
                loss = self._base_loss(examples, recipe)
                near_or_far = nearness(loss)
                recipe = recipe_for(recipe, near_or_far)
            costs = self._costs(recipe, examples, progress or Silent())
        leaving = withdrawals_a_year or max(1, round(LEAVING_SHARE * len(people)))
        floor = QUALITY_FLOORS[near_or_far or "near"] if quality_floor is None else quality_floor
        terms = Terms(self._jobs.workers, leaving, floor, core_hour_price, near_or_far)
        return plan(people, self._key, recipe, costs, terms, known, loss)

    def rehearsed(self, forecast: TrainingForecast) -> TrainingForecast:
        """The forecast with what its training needs, where nothing was measured on the base.

        Two steps on one of its pictures say it; nothing of them is kept. It stays as it is where nothing of
        it would be trained, and for a base that figures were measured on: there a slice takes seconds.
        """
        if measured(forecast.recipe.base_sha256) or not forecast.pictures:
            return forecast
        examples = self._examples(forecast.snapshot, forecast.recipe, forecast.split)
        result = self._rehearsal(forecast.recipe, examples)
        needs = RehearsedStep(result.step_seconds, result.memory_bytes, self._gpu(forecast.recipe))
        return replace(forecast, step=needs) if result.step_seconds else forecast

    def looked_at(self, forecast: TrainingForecast) -> TrainingForecast:
        """The forecast with the base's loss on some of the pictures, which says how they are best trained on.

        It stays as it is where the run was begun before, nothing of it would be trained, or nothing was
        measured on the base.
        """
        if forecast.is_begun or not forecast.pictures or not measured(forecast.recipe.base_sha256):
            return forecast
        examples = self._examples(forecast.snapshot, forecast.recipe, forecast.split)
        return replace(forecast, base_loss=self._base_loss(examples, forecast.recipe))

    def _examples(self, snapshot: str, recipe: Recipe, split: str) -> list[TrainingExample]:
        everybody = replace(recipe, shards=1, slices=1, min_people=1)
        whole = Run("cost-estimate", snapshot, everybody, {}, "", split=split)
        return [example for spec in self._training.specs(whole) for example in spec.examples]

    def _base_loss(self, examples: Sequence[TrainingExample], recipe: Recipe) -> float:
        """The base's mean loss on some of the pictures, spread over all people."""
        some = examples[:: max(1, len(examples) // PICTURES_LOOKED_AT)][:PICTURES_LOOKED_AT]
        task = SliceSpec(Place(0, 0), tuple(some), recipe).task(self._access)
        return float(self._run_job(LossOfBase(self._training.trainer_of(recipe)).of, task))

    def _known(self, recipe: Recipe) -> Costs | None:
        """Costs from the latest run, where it was trained in the same way and environment; else None."""
        alike = [run for run in self._training.runs() if _way(run.recipe) == _way(recipe)]
        if not alike or alike[-1].environment != environment_of(self._training.trainer_of(recipe)):
            return None
        run = alike[-1]
        slices, served = (
            self._training.model_store.slices(run.id),
            self._training.model_store.constituents(run.id),
        )
        if not slices or not served:
            return None
        steps = run.recipe.steps
        return Costs(
            median(each.seconds / steps(each.images) for each in slices) / recipe.batch,
            round(median(each.weights.location.length for each in slices)),
            served[0].weights.location.length,
            f"{len(slices)} slices trained before",
        )

    def _costs(self, recipe: Recipe, examples: Sequence[TrainingExample], progress: Progress) -> Costs:
        """What a training costs here. The rehearsal goes first: so no second includes loading the base."""
        progress.begin("Training one small slice to see what it costs", 2)
        rehearsed = self._rehearsal(recipe, examples)
        progress.advance()
        costs = self._known(recipe) or self._measure(recipe, examples, rehearsed)
        progress.end()
        return replace(costs, memory_bytes=rehearsed.memory_bytes, gpu=self._gpu(recipe))

    def _measure(self, recipe: Recipe, examples: Sequence[TrainingExample], rehearsed: SliceResult) -> Costs:
        """Train a slice, and take its costs; or those of the rehearsed steps, where these were slow."""
        result, count = rehearsed, REHEARSED_STEPS * recipe.batch
        seconds, some = rehearsed.step_seconds / recipe.batch, examples[:1]
        if rehearsed.step_seconds < SLOW_STEP:
            some = examples[:PICTURES]
            result = self._trained(recipe, some, SAMPLES)
            count = replace(recipe, samples_per_image=SAMPLES).steps(len(some)) * recipe.batch
            seconds = result.seconds / count
        merged = self._run_job(self._training.trainer_of(recipe).merge, [(len(some), result.weights)])
        return Costs(seconds, len(result.weights), len(merged), f"{count} samples, just now")

    def _rehearsal(self, recipe: Recipe, examples: Sequence[TrainingExample]) -> SliceResult:
        return self._trained(recipe, examples[:1], REHEARSED_STEPS * recipe.batch)

    def _gpu(self, recipe: Recipe) -> str:
        return str(environment_of(self._training.trainer_of(recipe)).get("device", ""))

    def _trained(self, recipe: Recipe, some: Sequence[TrainingExample], samples: int) -> SliceResult:
        spec = SliceSpec(Place(0, 0), tuple(some), replace(recipe, samples_per_image=samples))
        return cast(
            SliceResult, self._run_job(self._training.trainer_of(recipe).train, spec.task(self._access))
        )

    def _run_job(self, function: Any, task: Any) -> Any:
        ((_, result),) = self._jobs.run(function, [task])
        return result


def _way(recipe: Recipe) -> tuple[str, int, int, int]:
    """What a sample's cost depends on."""
    return recipe.base_sha256, recipe.rank, recipe.batch, recipe.accumulate
