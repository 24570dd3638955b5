"""Sketches of training pictures, and whose they are: what is written is what is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.errors import IntegrityError
from volenti.perception.copies.descriptor import LENGTH
from volenti.training.copy_index import CopyIndex

GROUPS = st.sets(st.text("abcdefgh_0123456789", min_size=1, max_size=9), min_size=1, max_size=3)
PICTURES = st.lists(GROUPS.map(lambda names: tuple(sorted(names))), max_size=20)


def index_of(owners: list[tuple[str, ...]], seed: int = 0) -> CopyIndex:
    rows = np.random.default_rng(seed).integers(-127, 128, (len(owners), LENGTH), np.int8)
    return CopyIndex.of_pictures(rows, owners)


@given(PICTURES, st.integers(0, 99))
def test_a_copy_index_is_read_as_it_was_written(owners: list[tuple[str, ...]], seed: int) -> None:
    index = index_of(owners, seed)
    again = CopyIndex.from_bytes(index.to_bytes())
    assert np.array_equal(again.rows, index.rows)
    assert [again.owners(number) for number in range(len(owners))] == owners


def test_a_picture_takes_little_more_than_its_descriptor() -> None:
    index = index_of([("sub_1",)] * 1000)
    assert len(index.to_bytes()) <= 1000 * (LENGTH + 4) + 100


@given(PICTURES.filter(len), st.integers(1, 400))
def test_a_copy_index_cut_short_is_damage_and_no_crash(owners: list[tuple[str, ...]], lacking: int) -> None:
    data = index_of(owners).to_bytes()
    with pytest.raises(IntegrityError, match="copy index"):
        CopyIndex.from_bytes(data[: max(0, len(data) - lacking)])


@given(st.binary(max_size=200))
def test_anything_else_is_damage_and_no_crash(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        CopyIndex.from_bytes(data)


def test_a_number_without_a_name_is_damage() -> None:
    index = index_of([("sub_1",), ("sub_2",)])
    other = CopyIndex(index.rows, index.groups[:1], index.of)
    with pytest.raises(IntegrityError):
        CopyIndex.from_bytes(other.to_bytes())
