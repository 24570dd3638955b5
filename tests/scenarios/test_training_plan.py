"""A training is planned: what it would cost, before there is one and after."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from tests.unit.adapters.pipelines import write_pipeline
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.cli.terminal.forecast import say_forecast
from volenti.core.errors import UsageError
from volenti.generation.bases import shipped_base
from volenti.training import cost_estimator
from volenti.training.forecast import TrainingForecast
from volenti.training.nearness import FAR_FROM
from volenti.training.planner import QUALITY_FLOORS
from volenti.training.recipe import FAR, Recipe

NAMES = ("ann", "bob", "cid", "dee", "eve", "fay")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = Studio.open(tmp_path)
    made.shoot(*NAMES)
    made.clear()
    made.ws.datasets.cut("humans", PURPOSE)
    return made


def test_without_a_training_one_small_slice_is_trained_and_nothing_kept(studio: Studio) -> None:
    packs, events = studio.parts.vault.owners(), studio.parts.log.size
    found = studio.ws.plan_training("humans", RECIPE, withdrawals_per_year=2)
    assert "just now" in found.costs.measured
    assert (found.people, found.images, found.terms.withdrawals_a_year) == (6, 12, 2)
    assert found.costs.sample_seconds > 0
    assert studio.parts.training.runs() == []
    assert (studio.parts.vault.owners(), studio.parts.log.size) == (packs, events)


def test_after_a_training_its_slices_say_what_a_sample_costs(studio: Studio) -> None:
    run = studio.ws.train("humans", RECIPE).run
    slices = studio.parts.training.model_store.slices(run)
    found = studio.ws.plan_training("humans", RECIPE)
    assert found.costs.measured == f"{len(slices)} slices trained before"
    assert found.costs.slice_bytes == slices[0].weights.location.length
    least, *_, most = sorted(each.seconds / RECIPE.steps(each.images) / RECIPE.batch for each in slices)
    assert least <= found.costs.sample_seconds <= most
    # Another rank is another training: it is tried out.
    assert "just now" in studio.ws.plan_training("humans", replace(RECIPE, rank=3)).costs.measured


def test_pictures_that_the_base_does_not_know_are_planned_as_far_ones(tmp_path: Path) -> None:
    made = Studio.open(tmp_path / "far", trainer=TorchTrainer(shipped_base()))
    made.shoot(*NAMES)
    made.clear()
    made.ws.datasets.cut("humans", PURPOSE)
    found = made.ws.plan_training("humans", Recipe(min_people=1))
    assert found.base_loss >= FAR_FROM
    assert found.terms.nearness == "far"
    assert found.terms.quality_floor == QUALITY_FLOORS["far"]
    assert (found.recipe.rank, found.recipe.batch, found.recipe.scale) == (FAR.rank, FAR.batch, FAR.scale)
    # A training in the way of near pictures says so before it begins; dry runs don't look: it takes seconds.
    told: list[TrainingForecast] = []
    made.ws.train("humans", Recipe(shards=1, slices=1, min_people=1), before=told.append)
    assert told[0].base_loss == pytest.approx(found.base_loss, abs=0.01)
    assert made.ws.forecast_training("humans", Recipe(min_people=1)).base_loss is None
    lines: list[str] = []
    say_forecast(told[0], lines.append)
    assert [line for line in lines if "unlike" in line and "--plan" in line]
    lines.clear()
    say_forecast(replace(told[0], recipe=replace(told[0].recipe, rank=FAR.rank)), lines.append)
    say_forecast(replace(told[0], base_loss=FAR_FROM - 0.01), lines.append)
    assert not [line for line in lines if "unlike" in line]
    # Who says how it is trained is planned with that.
    asked = made.ws.plan_training("humans", Recipe(min_people=1, rank=2, samples_per_image=1)).recipe
    assert (asked.rank, asked.batch, asked.scale) == (2, Recipe().batch, 1.0)


def test_two_rehearsed_steps_say_what_a_slice_of_a_pipeline_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = PipelineTrainer(write_pipeline(tmp_path / "pipeline", "sd"))
    made = Studio.open(tmp_path / "studio", trainer=trainer)
    made.shoot(*NAMES)
    made.clear()
    made.ws.datasets.cut("humans", PURPOSE)
    recipe = replace(RECIPE, rank=2, batch=4, accumulate=2)
    fast = made.ws.plan_training("humans", recipe).costs
    # As large a step would be too slow to train a slice for.
    monkeypatch.setattr(cost_estimator, "SLOW_STEP", 0.0)
    slow = made.ws.plan_training("humans", recipe)
    # Twelve pictures eight times, against two steps.
    assert (fast.measured, slow.costs.measured) == ("96 samples, just now", "8 samples, just now")
    assert (fast.slice_bytes, fast.constituent_bytes) == (
        slow.costs.slice_bytes,
        slow.costs.constituent_bytes,
    )
    assert slow.costs.memory_bytes > 100_000_000
    found = slow.to_json()
    assert found["memory_bytes"] == slow.costs.memory_bytes
    assert found["step_seconds"] == pytest.approx(4 * found["sample_seconds"], abs=1e-5)
    assert (found["accumulate"], found["gpu"]) == (2, "")
    forecast = made.ws.forecast_training("humans", recipe)
    assert forecast.step is not None
    assert forecast.step.memory_bytes > 100_000_000
    facts = forecast.to_json()
    assert facts["step"]["seconds"] == forecast.step.seconds > 0
    # All pictures as often as they are looked at, in steps of four.
    assert facts["core_seconds"] == pytest.approx(12 * recipe.samples_per_image / 4 * forecast.step.seconds)
    said: list[str] = []
    say_forecast(forecast, said.append)
    assert any(line.startswith("A step of 4 pictures, 2 at a time, takes ") for line in said)
    assert made.parts.training.runs() == []


def test_of_a_base_that_nothing_was_measured_on_nothing_is_said(studio: Studio) -> None:
    found = studio.ws.plan_training("humans")
    assert found.terms.nearness is None
    assert found.recipe.rank == Recipe().rank
    assert all(each.quality is None for each in found.partitions)


def test_nothing_is_rehearsed_where_figures_are_known_or_nothing_would_be_trained(
    studio: Studio, tmp_path: Path
) -> None:
    known = Studio.open(tmp_path / "known", trainer=TorchTrainer(shipped_base()))
    known.shoot(*NAMES)
    known.clear()
    known.ws.datasets.cut("humans", PURPOSE)
    assert known.ws.forecast_training("humans", RECIPE).step is None
    assert studio.ws.forecast_training("humans", replace(RECIPE, min_people=99)).core_seconds is None


def test_who_has_left_is_not_planned_with(studio: Studio) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    assert studio.ws.plan_training("humans", RECIPE).people == len(NAMES) - 1


def test_where_nobody_is_left_there_is_nothing_to_plan(studio: Studio) -> None:
    for name in NAMES:
        studio.ws.requests.run(studio.ws.requests.open("erasure", name, identity="in-person").id)
    with pytest.raises(UsageError):
        studio.ws.plan_training("humans", RECIPE)
