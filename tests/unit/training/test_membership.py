"""Scores and places: what tells somebody learned from somebody a model never saw, and how surely."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.training.membership import Rank, Trial, attacked, chances, score, weights


def trials(rng: np.random.Generator, count: int, people: int, learned: float) -> list[Trial]:
    """Models, each with one person learned and others never seen; scores of each model on its own scale."""
    found = []
    for scale in rng.uniform(0.5, 50, count):
        middle = rng.normal() * scale
        found.append(Trial([middle + learned * scale], list(middle + rng.normal(size=people) * scale)))
    return found


def test_somebody_learned_stands_above_everybody_never_seen_and_is_told() -> None:
    some = trials(np.random.default_rng(1), 10, 20, 8.0)
    found = attacked(some[0].learned[0], Trial([], some[0].never_seen), some[1:])
    assert found is not None
    assert (found.rank.more, found.rank.never_seen, found.rank.share) == (0, 20, 1.0)
    assert found.told == ("5 %", "1 %")
    assert (found.power.learned, found.power.comparisons) == (9, 200)
    assert found.power.told == {"5 %": 9, "1 %": 9}


def test_an_attack_that_tells_nobody_says_so() -> None:
    some = trials(np.random.default_rng(2), 10, 20, 0.0)
    found = attacked(some[0].learned[0], Trial([], some[0].never_seen), some[1:])
    assert found is not None
    assert found.told == ()
    assert found.power.told["5 %"] <= 1


@pytest.mark.parametrize("seed", range(3))
def test_of_people_never_seen_as_many_are_told_as_the_level_says(seed: int) -> None:
    """Whatever the scales of the models are."""
    rng = np.random.default_rng(seed)
    told = {"5 %": 0, "1 %": 0}
    for _ in range(400):
        mine, *others = trials(rng, 8, 24, 0.0)
        found = attacked(mine.learned[0], Trial([], mine.never_seen), others)
        assert found is not None
        for level in found.told:
            told[level] += 1
    # 20 and 4 on average; as many as this by chance once in some thousands.
    assert told["5 %"] <= 38
    assert told["1 %"] <= 13


def test_too_few_people_never_seen_leave_a_level_out() -> None:
    six = attacked(9.0, Trial([9.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), [])
    assert six is not None
    assert six.power.told == {}
    assert six.told == ()
    twenty = attacked(99.0, Trial([99.0], list(range(20))), [])
    assert twenty is not None
    assert twenty.power.told == {"5 %": 1}
    assert twenty.told == ("5 %",)


def test_equal_ones_are_counted_and_are_no_reason_to_tell_anybody() -> None:
    found = attacked(0.0, Trial([0.0], [0.0] * 30), [])
    assert found is not None
    assert (found.rank.more, found.rank.equal, found.rank.share) == (0, 30, 0.5)
    assert found.told == ()
    assert found.power.told == {"5 %": 0}


def test_nobody_to_compare_with_gives_no_place() -> None:
    assert attacked(1.0, Trial([1.0], []), []) is None


def test_chances_count_by_how_quiet_they_are() -> None:
    """What is gained where nothing else varies tells more than as much in the noise."""
    never_seen = [np.array([[0.01, 1.0], [-0.01, -1.0]])] * 3
    counts = weights(never_seen)
    assert counts[0] > 1000 * counts[1]
    assert score(np.array([[0.1, 0.0]]), counts) > score(np.array([[0.0, 0.1]]), counts)


def test_nothing_gained_anywhere_scores_nothing() -> None:
    still = np.zeros((2, 3))
    assert score(still, weights([still])) == 0.0


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)), min_size=1, max_size=6))
def test_places_together_are_as_rare_as_counting_says(given_: list[tuple[int, int]]) -> None:
    """Against counting every way in which people can be placed."""
    ranks = [Rank(min(more, few), 0, few) for more, few in given_]
    total = sum(each.more for each in ranks)
    ways = [sum(each) for each in np.ndindex(*(each.never_seen + 1 for each in ranks))]
    high, low = chances(ranks)
    assert math.isclose(high, sum(each <= total for each in ways) / len(ways), abs_tol=1e-9)
    assert math.isclose(low, sum(each >= total for each in ways) / len(ways), abs_tol=1e-9)


@pytest.mark.parametrize("many", [1, 10])
def test_those_who_are_all_alike_say_nothing_together(many: int) -> None:
    assert chances([Rank(0, 20, 20)] * many) == pytest.approx((1.0, 1.0))


def test_one_remembered_is_one_in_so_many_and_ten_are_far_rarer() -> None:
    assert chances([Rank(0, 0, 19)])[0] == pytest.approx(0.05)
    assert chances([Rank(0, 0, 19)] * 10)[0] < 1e-9
    assert chances([Rank(19, 0, 19)] * 10)[1] < 1e-9
