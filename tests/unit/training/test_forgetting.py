import pytest

from volenti.training.forgetting import STARTUP_SECONDS, price


def test_nobody_in_the_model_costs_nothing() -> None:
    found = price([], [1.0, 2.0], [], workers=2)
    assert (found.seconds, found.ratio) == (0.0, 0.0)


def test_one_slice_of_many_costs_its_share() -> None:
    found = price([("a", 5.0)], [5.0] * 40, ["c"], workers=2)
    assert found.core_seconds == 5.0
    assert found.full_core_seconds == 200.0
    assert found.seconds == 5.0 + STARTUP_SECONDS
    assert found.ratio == pytest.approx(8.0 / 103.0)


def test_slices_are_replayed_side_by_side_but_none_faster_than_itself() -> None:
    assert price([("a", 4.0), ("b", 4.0)], [4.0] * 4, [], 2).seconds == 4.0 + STARTUP_SECONDS
    assert price([("a", 6.0), ("b", 1.0)], [4.0] * 4, [], 2).seconds == 6.0 + STARTUP_SECONDS


def test_a_measured_full_training_is_preferred_to_a_calculated_one() -> None:
    assert price([("a", 1.0)], [1.0], [], 1, measured_full_seconds=99.0).full_seconds == 99.0


def test_no_model_has_no_ratio() -> None:
    assert price([], [], [], 1).ratio == 0.0
