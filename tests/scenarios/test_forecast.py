"""What a training will learn from is said before it begins, and what wouldn't be served isn't trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.cli.terminal.forecast import say_forecast
from volenti.core.errors import UsageError
from volenti.datasets.shard import shard_of
from volenti.training.forecast import TrainingForecast, fitting
from volenti.training.recipe import Recipe
from volenti.training.run import Run

NAMES = ("ann", "bob", "cid", "dee", "eve", "fay", "gus", "hal")
SMALL = replace(RECIPE, shards=4, min_people=2)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot(*NAMES)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    return studio


def shards(studio: Studio, count: int, names: tuple[str, ...] = NAMES) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for name in names:
        found.setdefault(shard_of(studio.parts.partition_key, [name], count), set()).add(name)
    return found


def withdraws(studio: Studio, who: str) -> None:
    studio.parts.consent.withdraw(who)


def is_restricted(studio: Studio, who: str) -> None:
    studio.ws.requests.run(studio.ws.requests.open("restriction", who, identity="in-person").id)


def is_erased(studio: Studio, who: str) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", who, identity="in-person").id)


def loses_the_template(studio: Studio, who: str) -> None:
    records = studio.parts.records
    records.delete("template", [records.alias(who)])


WAYS = [
    (withdraws, "uncovered"),
    (is_restricted, "uncovered"),
    (is_erased, "erased"),
    (loses_the_template, "no-template"),
]


@pytest.mark.parametrize(("leaving", "reason"), WAYS)
def test_what_is_left_out_is_counted_by_reason_and_the_training_does_the_same(
    studio: Studio, leaving: Callable[[Studio, str], None], reason: str
) -> None:
    before = studio.ws.forecast_training("humans", RECIPE)
    assert (before.people, before.pictures, set(before.left_out.values())) == (8, 16, {0})
    leaving(studio, "ann")
    forecast = studio.ws.forecast_training("humans", RECIPE)
    assert (forecast.people, forecast.pictures) == (7, 14)
    assert {code: count for code, count in forecast.left_out.items() if count} == {reason: 2}
    assert studio.parts.training.runs() == []
    report = studio.ws.train("humans", RECIPE)
    store = studio.parts.training.model_store
    assert report.run == forecast.run
    assert report.slices_trained == forecast.slices
    assert {each.shard: (each.people, each.images) for each in store.constituents(report.run)} == {
        each.shard: (each.people, each.pictures) for each in forecast.constituents if each.serves
    }


@pytest.mark.parametrize(("leaving", "reason"), WAYS)
def test_a_constituent_that_would_have_too_few_people_is_refused_before_anything_is_trained(
    studio: Studio, leaving: Callable[[Studio, str], None], reason: str
) -> None:
    least = min(map(len, shards(studio, 2).values()))
    recipe = replace(RECIPE, shards=2, min_people=least)
    assert studio.ws.forecast_training("humans", recipe).refusal() is None
    gone = next(min(who) for who in shards(studio, 2).values() if len(who) == least)
    leaving(studio, gone)
    told: list[TrainingForecast] = []
    with pytest.raises(UsageError, match="likeness"):
        studio.ws.train("humans", recipe, before=told.append)
    (forecast,) = told
    assert [(each.people, each.against) for each in forecast.refused] == [(least - 1, {"too-few": ()})]
    assert forecast.held_back == least - 1
    assert forecast.left_out["not-served"] == 2 * (least - 1)
    assert studio.parts.training.runs() == []
    assert studio.parts.records.count("slice") == 0


def test_the_default_division_is_the_largest_that_holds_nobody_back(studio: Studio) -> None:
    fits = max(
        count for count in range(1, 5) if min(map(len, shards(studio, count).values())) >= SMALL.min_people
    )
    assert fits < 4, "else this tests nothing: choose other names"
    forecast = studio.ws.forecast_training("humans", SMALL, fewer_shards=True)
    assert (forecast.recipe.shards, forecast.asked_shards, forecast.held_back) == (fits, 4, 0)
    report = studio.ws.train("humans", SMALL, fewer_shards=True)
    assert studio.parts.training.run(report.run).recipe == replace(forecast.recipe, shards=fits)
    with pytest.raises(UsageError) as refused:
        studio.ws.train("humans", SMALL)
    assert f"--shards {fits}" in refused.value.remedy


def test_why_there_are_fewer_shards_is_said(studio: Studio) -> None:
    def why() -> str:
        said: list[str] = []
        say_forecast(studio.ws.forecast_training("humans", SMALL, fewer_shards=True), said.append)
        return next(line for line in said if line.startswith("People are divided into"))

    assert f"with more, one of them would have fewer than {SMALL.min_people} people" in why()
    assert "earlier training" not in why()
    studio.ws.train("humans", replace(SMALL, shards=1))
    assert why().startswith(
        "People are divided into 1 shard, not 4, as in an earlier training of this version."
    )


def test_the_chosen_number_is_recorded_and_stays_whoever_leaves(studio: Studio) -> None:
    run = studio.ws.train("humans", SMALL, fewer_shards=True).run
    chosen = studio.parts.training.run(run).recipe.shards
    for name in ("ann", "bob", "cid"):
        is_erased(studio, name)
        forecast = studio.ws.forecast_training("humans", SMALL, fewer_shards=True)
        assert (forecast.run, forecast.recipe.shards) == (run, chosen)
        # What has too few people now is left out and named, and the others are served as they were.
        served = {each.shard for each in studio.parts.training.model_store.constituents(run)}
        assert served == {each.shard for each in forecast.constituents if each.serves}
        assert studio.ws.train("humans", SMALL, fewer_shards=True).run == run
        few = {each.shard for each in forecast.refused}
        assert {each.what for each in studio.ws.suspensions()} == {f"{run}/{shard:02d}" for shard in few}
        proofs = studio.ws.prove_forgetting()
        assert {each.constituent for each in proofs} == {f"{run}/{shard:02d}" for shard in served}
        assert proofs.ok or not served


@pytest.mark.parametrize("people", range(9))
def test_however_many_there_are_nobody_is_held_back_or_all_are_refused(studio: Studio, people: int) -> None:
    for name in NAMES[people:]:
        withdraws(studio, name)
    forecast = studio.ws.forecast_training("humans", SMALL, fewer_shards=True)
    refusal = forecast.refusal()
    if people == 0:
        assert refusal is None
        assert forecast.constituents == ()
    elif people < SMALL.min_people:
        assert refusal is not None
        assert forecast.people == 0
        assert forecast.fits == 0
    else:
        assert refusal is None
        assert (forecast.people, forecast.held_back) == (people, 0)
    assert forecast.to_json()["refusal"] == (refusal and refusal.message)


def test_people_of_one_picture_count_together(studio: Studio) -> None:
    run = Run("run", "humans@1", replace(SMALL, shards=8, min_people=1), {}, "")
    examples = list(studio.parts.training.learnable.examples(run))
    key = studio.parts.partition_key
    assert fitting(examples, key, run.recipe) == 8
    together = [replace(each, owners=NAMES) for each in examples[:1]] + examples[1:]
    assert fitting(together, key, replace(run.recipe, min_people=8)) == 1
    assert fitting(together, key, replace(run.recipe, min_people=9)) == 0
    assert fitting([], key, run.recipe) == 0


def test_an_earlier_training_of_another_recipe_decides_nothing(studio: Studio) -> None:
    studio.ws.train("humans", replace(SMALL, shards=1))
    forecast = studio.ws.forecast_training("humans", replace(SMALL, rank=4), fewer_shards=True)
    assert forecast.recipe.shards > 1
    assert studio.ws.forecast_training("humans", SMALL, fewer_shards=True).recipe.shards == 1


def test_without_a_recipe_the_default_one_is_divided_by_what_is_there(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot(*(f"p{number:02d}" for number in range(Recipe().min_people)), photos=1)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    assert studio.ws.forecast_training("humans").recipe.shards == 1
    assert studio.ws.forecast_training("humans", Recipe()).refusal() is not None
