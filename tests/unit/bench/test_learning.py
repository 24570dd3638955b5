"""The bench of learning: divisions, what a complaint costs in them, and how much learning they keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.training.nearness import RECIPES
from volenti.training.recipe import Recipe

if TYPE_CHECKING:
    from common.domains import Shown
    from common.trials import Row


def shown(*pictures: int) -> Shown:
    """So many pictures of each person."""
    from common.domains import Shown

    people = tuple(f"p{number:03d}" for number, count in enumerate(pictures) for _ in range(count))
    frames = np.arange(len(people), dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    return Shown(frames, people, people)


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=30), st.integers(1, 8))
def test_every_picture_is_in_one_slice_and_nobody_in_two(pictures: list[int], slices: int) -> None:
    from common.divisions import Division

    given_to = shown(*pictures)
    tasks = Division("cut", Recipe(batch=1), min(slices, len(pictures))).tasks(given_to)
    assert sorted(each for task in tasks for each in task.captions) == sorted(given_to.captions)
    people = [set(task.captions) for task in tasks]
    assert sum(map(len, people)) == len(set.union(*people))
    assert all((task.frames[:, 0, 0, 0] < len(given_to.people)).all() for task in tasks)


def test_a_complaint_trains_the_others_of_the_slice_again() -> None:
    from common.divisions import Division, longer

    # Four people, two pictures each: a slice of two people is trained again on two pictures of eight.
    assert Division("cut", Recipe(batch=1), 2).complaint(shown(2, 2, 2, 2)) == pytest.approx(2 / 8)
    assert Division("one model", Recipe(batch=1)).complaint(shown(2, 2, 2, 2)) == pytest.approx(6 / 8)
    # Who is alone in a slice costs nothing but a merge.
    assert Division("alone", Recipe(batch=1), 4).complaint(shown(2, 2, 2, 2)) == 0
    twice = longer(Division("cut", Recipe(batch=1), 2), 2)
    assert twice.samples(shown(2, 2, 2, 2)) == 2 * 8 * 20
    assert twice.complaint(shown(2, 2, 2, 2)) == pytest.approx(2 / 8)


def row(
    name: str, slices: int, frechet: float, way: str = "far", scale: float = 1.0, complaint: float = 0.01
) -> Row:
    from common.trials import Row

    return Row(name, slices, way, scale, 100, 1.0, complaint, 10.0, frechet, 1.0, 0.1)


def test_learning_kept_is_a_share_of_the_better_single_model() -> None:
    from learning import headline, measured_rows, share_learned

    rows = [
        row("the base, untrained", 0, 0.10, ""),
        row("one model", 1, 0.05, complaint=0.99),
        row("one model", 1, 0.02, scale=1.3, complaint=0.99),
        row("one model", 1, 0.06, "near", complaint=0.99),
        row("24 slices", 24, 0.06, scale=RECIPES["far"].scale),
        row("24 slices in 4 shards, one drawn with at a time", 24, 0.09, scale=RECIPES["far"].scale),
        row("24 slices in 4 shards, mean of their predictions", 24, 0.03, scale=1.6, complaint=0.5),
        row("4 slices", 4, 0.055, scale=RECIPES["far"].scale, complaint=0.2),
    ]
    share_learned(rows)
    assert [each.kept for each in rows] == pytest.approx([0, 1, 1.6, 0.8, 0.8, 0.2, 1.4, 0.9])
    figures = {"rows": [each.to_json() for each in rows], "base": "b" * 64}
    assert headline("photographs", figures).startswith("photographs: 0.80 of the learning is kept at 1.00%")
    # The planner is given what is served as it is trained: no other scale or recipe.
    assert [(each["shards"], each["learned"]) for each in measured_rows(figures)] == [
        (1, "1.0000"),
        (1, "0.8000"),
        (4, "0.2000"),
        (1, "0.9000"),
    ]
    known = [row("the base, untrained", 0, 0.050, ""), row("one model", 1, 0.049), row("48 slices", 48, 0.05)]
    share_learned(known)
    assert {each.kept for each in known} == {None}
    assert "knows such pictures" in headline("renders", {"rows": [each.to_json() for each in known]})


def test_a_row_is_read_back_as_it_was_measured() -> None:
    from common.trials import Row

    made = row("24 slices", 24, 0.06)
    assert Row(**json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize("name", ["renders", "photographs", "portraits"])
def test_every_domain_has_one_model_to_compare_with_and_no_trial_twice(name: str) -> None:
    from common.trials import trials

    found = list(trials(name, 2))
    assert found[0].division.slices == 1
    keys = [(each.division.name, each.division.recipe, served) for each in found for served in each.served]
    assert len(keys) == len(set(keys))
    assert all(each.division.slices > 1 for each in found for served, _ in each.served if served)


def test_rows_of_near_and_far_pictures_leave_each_other_alone(tmp_path: Path) -> None:
    from common.measured import FIELDS, write_measured

    table = tmp_path / "measured.csv"
    table.write_text(",".join(FIELDS) + "\n")
    rest: dict[str, Any] = dict.fromkeys(FIELDS[1:], "1")
    write_measured(table, "far", [rest | {"pictures": "4"}])
    write_measured(table, "near", [rest | {"pictures": "8"}])
    write_measured(table, "far", [rest | {"pictures": "5"}, rest | {"pictures": "6"}])
    read = [line.split(",") for line in table.read_text().splitlines()[1:]]
    assert [(each[0], each[2]) for each in read] == [("near", "8"), ("far", "5"), ("far", "6")]
