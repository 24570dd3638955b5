"""Ranks: what tells a member from somebody a model never saw, and chance from knowledge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.training.membership import BASE, Suspect, membership, rank, references

MODELS = ("run/00", "run/01", "run/02")


def suspect(home: int | None, learned: float = 0.0, difficulty: float = 1.0) -> Suspect:
    """Somebody of a shard: every model's loss on them, less where they were learned."""
    losses = {name: difficulty - learned * (number == home) for number, name in enumerate(MODELS)}
    return Suspect(losses, frozenset() if home is None else frozenset({MODELS[home]}))


def test_somebody_learned_stands_above_everybody_never_seen() -> None:
    unseen = [suspect(number % 2 + 1, 0.3, difficulty) for number, difficulty in enumerate((0.5, 1.0, 2.0))]
    found = membership(MODELS[0], suspect(0, 0.3), unseen)
    assert found is not None
    assert (found.people, found.calibrated) == (3, 1.0)


def test_how_hard_pictures_are_misleads_the_plain_loss_and_not_the_calibrated_one() -> None:
    hard = suspect(0, learned=0.1, difficulty=5.0)
    found = membership(MODELS[0], hard, [suspect(1), suspect(2)])
    assert found is not None
    assert found.loss == 0.0
    assert found.calibrated == 1.0


def test_two_unknown_alike_stand_in_the_middle() -> None:
    found = membership(MODELS[0], suspect(None), [suspect(None), suspect(None)])
    assert found is not None
    assert (found.loss, found.calibrated) == (0.5, 0.5)


def test_whom_the_model_knows_is_no_comparison() -> None:
    assert membership(MODELS[0], suspect(0), [suspect(0)]) is None
    found = membership(MODELS[0], suspect(0), [suspect(0), suspect(1)])
    assert found is not None
    assert found.people == 1


def test_references_never_saw_either_of_two() -> None:
    assert references(MODELS[0], suspect(0), suspect(1)) == (MODELS[2],)
    assert references(MODELS[0], suspect(None), suspect(None)) == MODELS[1:]


def test_the_base_is_the_reference_where_there_is_no_other_and_only_there() -> None:
    with_base = [Suspect({**each.losses, BASE: 1.0}, each.known_to) for each in (suspect(0), suspect(1))]
    assert references(MODELS[0], *with_base) == (MODELS[2],)
    two = [
        Suspect({name: loss for name, loss in each.losses.items() if name != MODELS[2]}, each.known_to)
        for each in with_base
    ]
    assert references(MODELS[0], *two) == (BASE,)


@given(st.lists(st.floats(-10, 10), min_size=1), st.floats(-10, 10))
def test_a_rank_and_the_rank_the_other_way_round_add_up_to_one(others: list[float], score: float) -> None:
    assert rank(score, others) + rank(-score, [-other for other in others]) == pytest.approx(1)
    assert 0 <= rank(score, others) <= 1


def test_nobody_to_compare_with_gives_no_rank() -> None:
    with pytest.raises(ValueError, match="nobody"):
        rank(1.0, [])


@given(st.integers(0, 2**32 - 1))
def test_of_unknown_people_any_rank_is_equally_likely(seed: int) -> None:
    """Everybody ranked among the others: the mean of ranks is a half, whatever the losses."""
    rng = np.random.default_rng(seed)
    people = [Suspect(dict(zip(MODELS, rng.normal(size=3), strict=True))) for _ in range(9)]
    ranks = []
    for number, each in enumerate(people):
        found = membership(MODELS[0], each, people[:number] + people[number + 1 :])
        assert found is not None
        ranks.append(found.calibrated)
    assert np.mean(ranks) == pytest.approx(0.5)
