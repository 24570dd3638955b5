"""The planner: prices of partitions, and which one it advises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.core.digest import sha256_file
from volenti.generation.bases import shipped_base
from volenti.training.measured import Measured, Quality, expected
from volenti.training.measured import measured as shipped
from volenti.training.nearness import RECIPES
from volenti.training.planner import Costs, Person, Terms, TrainingPlan, plan
from volenti.training.recipe import FAR, Recipe

KEY = b"k" * 32
COSTS = Costs(sample_seconds=0.02, slice_bytes=1_000, constituent_bytes=20_000, measured="by a test")
TERMS = Terms(cores=2, withdrawals_a_year=3)
RECIPE = Recipe()


def people(count: int, images: int = 4) -> list[Person]:
    return [Person(f"s{number}", 0, images) for number in range(count)]


def measured(*rows: tuple[int, float, float]) -> list[Measured]:
    """(shards, pictures a slice, adherence)."""
    return [
        Measured(
            "near",
            shards,
            pictures,
            RECIPE.rank,
            RECIPE.batch,
            RECIPE.samples_per_image,
            Quality(adherence, 1.0),
        )
        for shards, pictures, adherence in rows
    ]


def planned(count: int, *rows: tuple[int, float, float], terms: Terms = TERMS) -> TrainingPlan:
    return plan(people(count), KEY, RECIPE, COSTS, terms, measured(*rows))


def test_a_complaint_costs_about_one_slice_of_all() -> None:
    (partition,) = [each for each in planned(2000).partitions if (each.shards, each.slices) == (4, 32)]
    fixed = 3.0 + 20_000 * 0.8e-9 * 32
    assert partition.complaint_core_seconds - fixed == pytest.approx(2000 * 4 * 20 * 0.02 / 128, rel=0.1)
    assert partition.share == pytest.approx(1 / 128, rel=0.2)
    assert partition.year_core_seconds == 3 * partition.complaint_core_seconds


def test_uncut_a_complaint_is_a_training_and_more_slices_make_it_cheaper() -> None:
    partitions = planned(400).partitions
    assert partitions[0].share > 0.95
    for shards in {each.shards for each in partitions}:
        line = [each.complaint_core_seconds for each in partitions if each.shards == shards]
        assert line == sorted(line, reverse=True)


def test_no_constituent_of_too_few_people_is_offered() -> None:
    assert {each.shards for each in planned(60).partitions} <= {1, 2, 4}
    assert all(each.people_least >= RECIPE.min_people for each in planned(60).partitions)
    assert planned(9).partitions == ()


def test_the_cheapest_is_advised_that_is_good_enough() -> None:
    rows = [(1, 4.0, 0.90), (1, 2000.0, 1.0), (4, 4.0, 0.80), (4, 2000.0, 0.98)]
    found = planned(400, *rows)
    assert found.chosen is not None
    assert found.chosen.quality is not None
    assert found.chosen.quality.share >= 0.97
    cheaper = [each for each in found.partitions if each.year_core_seconds < found.chosen.year_core_seconds]
    assert cheaper
    assert all(each.quality is None or each.quality.share < 0.97 for each in cheaper)
    lower = planned(400, *rows, terms=replace(TERMS, quality_floor=0.5)).chosen
    assert lower is not None
    assert lower.year_core_seconds < found.chosen.year_core_seconds


def test_where_nothing_was_measured_nothing_is_advised() -> None:
    assert planned(400).chosen is None
    assert all(each.quality is None for each in planned(400).partitions)


def test_nothing_is_said_outside_of_what_was_measured() -> None:
    rows = measured((2, 8.0, 1.0), (2, 32.0, 0.9), (8, 8.0, 0.8), (8, 32.0, 0.7))
    middle = expected(replace(RECIPE, shards=4), 16.0, rows)
    assert middle is not None
    assert middle.adherence == pytest.approx(0.85)
    assert expected(replace(RECIPE, shards=1), 16.0, rows) is None
    assert expected(replace(RECIPE, shards=4), 7.0, rows) == expected(replace(RECIPE, shards=4), 8.0, rows)
    assert expected(replace(RECIPE, shards=4), 6.7, rows) is None
    assert expected(replace(RECIPE, shards=4), 32.1, rows) is None
    assert expected(replace(RECIPE, shards=4, rank=4), 16.0, rows) is None
    assert expected(replace(RECIPE, shards=4, samples_per_image=2), 16.0, rows) is None
    assert expected(replace(RECIPE, shards=4, batch=2), 16.0, rows) is None


@settings(deadline=None)
@given(st.integers(10, 300), st.integers(1, 9), st.integers(1, 40))
def test_every_partition_adds_up(count: int, images: int, leaving: int) -> None:
    found = plan(people(count, images), KEY, RECIPE, COSTS, Terms(2, leaving), [])
    assert (found.people, found.images) == (count, count * images)
    least = count * images * RECIPE.samples_per_image * COSTS.sample_seconds
    for partition in found.partitions:
        assert partition.people_least * partition.shards <= count
        assert partition.full_core_seconds >= least
        assert partition.complaint_seconds <= partition.complaint_core_seconds + 1e-9
        assert partition.disk_bytes >= COSTS.slice_bytes + partition.shards * COSTS.constituent_bytes
        assert partition.year_core_seconds == pytest.approx(leaving * partition.complaint_core_seconds)


def test_the_shipped_measurements_belong_to_one_base() -> None:
    assert shipped("no base") == []
    of_it = shipped(sha256_file(shipped_base()))
    assert {each.nearness for each in of_it} == {"near", "far"}
    # Each row was measured in the way that its pictures are trained.
    assert all(_way(each) == _way(RECIPES[each.nearness]) for each in of_it)
    assert all((each.quality.learned is None) == (each.nearness == "near") for each in of_it)


def _way(trained: Recipe | Measured) -> tuple[int, int, int]:
    return trained.rank, trained.batch, trained.samples_per_image


def test_far_pictures_are_planned_with_what_was_measured_of_far_ones() -> None:
    way = (FAR.rank, FAR.batch, FAR.samples_per_image)
    near = Measured("near", 1, 8.0, *way, Quality(1.0, 1.0))
    far = [
        Measured("far", 1, size, *way, Quality(None, 1.3, kept)) for size, kept in ((8.0, 0.6), (64.0, 0.9))
    ]
    terms = replace(TERMS, nearness="far", quality_floor=0.75)
    found = plan(people(400), KEY, FAR, COSTS, terms, [near, *far], 0.5)
    assert found.chosen is not None
    assert found.chosen.quality is not None
    assert found.chosen.shards == 1
    assert found.chosen.quality.adherence is None
    assert 0.75 <= found.chosen.quality.share < 0.9
    assert found.to_json()["nearness"] == "far"
    assert plan(people(400), KEY, FAR, COSTS, terms, [near], 0.5).chosen is None
