"""The index of hashes, against comparing everything with everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.perception.copies.hashindex import Hashes, HashIndex

hashes = st.integers(0, 2**64 - 1)


def array(values: list[int]) -> Hashes:
    return np.array(values, np.uint64)


def pairs(index: HashIndex, queries: Hashes, bits_max: int) -> list[tuple[int, int]]:
    return list(zip(*(places.tolist() for places in index.near(queries, bits_max)), strict=True))


def pairs_of(index: HashIndex, queries: Hashes, bits_max: int, complete: int) -> list[tuple[int, int]]:
    found = index.near(queries, bits_max, complete_max=complete)
    return list(zip(*(places.tolist() for places in found), strict=True))


def brute(kept: list[int], queries: list[int], bits_max: int) -> list[tuple[int, int]]:
    return [
        (q, k)
        for q, asked in enumerate(queries)
        for k, each in enumerate(kept)
        if (asked ^ each).bit_count() <= bits_max
    ]


def flipped(value: int, bits: list[int]) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


@settings(max_examples=60, deadline=None)
@given(
    st.lists(hashes, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.lists(st.integers(0, 63), max_size=12)), max_size=8),
    st.integers(0, 10),
)
def test_it_finds_exactly_what_comparing_everything_finds(
    kept: list[int], edits: list[tuple[int, list[int]]], bits_max: int
) -> None:
    queries = [flipped(kept[which % len(kept)] if kept else 0, bits) for which, bits in edits]
    index = HashIndex(array(kept))
    assert pairs(index, array(queries), bits_max) == brute(kept, queries, bits_max)


@pytest.mark.parametrize("bits_max", [3, 10])
def test_among_many_nothing_is_missed_and_nothing_is_made_up(bits_max: int) -> None:
    random = np.random.default_rng(0)
    kept = random.integers(0, 2**64, 20_000, np.uint64)
    queries = kept[:50].copy()
    for row, query in enumerate(queries):
        for bit in random.choice(64, row % 13, replace=False):
            query ^= np.uint64(1) << np.uint64(bit)
        queries[row] = query
    far = np.bitwise_count(queries[:, None] ^ kept[None])
    expected = list(zip(*(places.tolist() for places in np.nonzero(far <= bits_max)), strict=True))
    assert pairs(HashIndex(kept), queries, bits_max) == expected


def test_equal_hashes_are_all_found_however_many() -> None:
    kept = np.full(70_000, 7, np.uint64)
    index = HashIndex(kept)
    assert len(index) == 70_000
    queries, places = index.near(np.array([7, 8], np.uint64), 2)
    assert np.bincount(queries, minlength=2).tolist() == [70_000, 0]
    assert (np.sort(places) == np.arange(70_000)).all()


def test_an_empty_index_and_an_empty_question_find_nothing() -> None:
    assert pairs(HashIndex(array([])), array([1]), 10) == []
    assert pairs(HashIndex(array([1])), array([]), 10) == []


def test_with_a_lower_bound_nothing_below_it_is_missed_and_nothing_above_the_upper_made_up() -> None:
    random = np.random.default_rng(1)
    kept = random.integers(0, 2**64, 5_000, np.uint64)
    queries = kept[:200].copy()
    for row in range(200):
        for bit in random.choice(64, row % 12, replace=False):
            queries[row] ^= np.uint64(1) << np.uint64(bit)
    index = HashIndex(kept)
    some, least = set(pairs_of(index, queries, 8, 3)), set(pairs(index, queries, 3))
    assert least < some <= set(pairs(index, queries, 8))
