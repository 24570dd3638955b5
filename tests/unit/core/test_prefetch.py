"""Work done ahead: in order, bounded, with its errors in their place."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.core.prefetch import DEPTH, prefetch


@settings(deadline=None)
@given(st.lists(st.integers()))
def test_everything_comes_once_in_its_order(items: list[int]) -> None:
    assert list(prefetch(lambda each: each * 2, items)) == [(each, each * 2) for each in items]


def test_it_is_done_in_other_threads_and_only_so_far_ahead() -> None:
    taken = []
    threads = set()

    def items() -> Iterator[int]:
        for each in range(100):
            taken.append(each)
            yield each

    walk = prefetch(lambda each: threads.add(threading.current_thread().name), items())
    for number in range(5):
        next(walk)
        assert len(taken) <= number + 2 + DEPTH
    walk.close()
    assert threading.current_thread().name not in threads
    assert len(taken) < 20


def test_what_is_not_worth_it_is_done_here_when_its_turn_comes() -> None:
    here = threading.current_thread().name
    done: list[int] = []

    def work(item: int) -> str:
        done.append(item)
        return threading.current_thread().name

    walk = prefetch(work, range(8), worth=lambda item: item % 2 == 0)
    assert [(item, name == here) for item, name in walk] == [(item, item % 2 == 1) for item in range(8)]
    assert [item for item in done if item % 2] == [1, 3, 5, 7]


def test_an_error_is_raised_where_its_item_was_due() -> None:
    walk = prefetch(lambda each: 1 // each, [1, 2, 0, 4])
    assert [next(walk), next(walk)] == [(1, 1), (2, 0)]
    with pytest.raises(ZeroDivisionError):
        next(walk)
