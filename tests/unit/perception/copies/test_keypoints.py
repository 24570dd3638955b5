"""Codes of descriptors, and descriptors of mirrored pictures."""

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from volenti.perception.copies.keypoints import DESCRIPTOR_LENGTH, codes, mirrored


def drawn(seed: int, count: int = 50) -> NDArray[np.uint8]:
    """Descriptors as SIFT's are: many small numbers, a few large."""
    random = np.random.default_rng(seed)
    return np.minimum(random.exponential(30, (count, DESCRIPTOR_LENGTH)), 255).astype(np.uint8)


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bitwise_count(codes(one) ^ codes(other)).sum(axis=1).astype(np.int64)


@given(st.binary(min_size=DESCRIPTOR_LENGTH, max_size=DESCRIPTOR_LENGTH))
def test_mirroring_twice_gives_back_the_descriptor(data: bytes) -> None:
    descriptor = np.frombuffer(data, np.uint8)[None]
    assert (mirrored(mirrored(descriptor)) == descriptor).all()


def test_mirroring_swaps_rows_and_turns_directions_round() -> None:
    cells = np.zeros((4, 4, 8), np.uint8)
    cells[0, 1, 3] = 9
    expected = np.zeros((4, 4, 8), np.uint8)
    expected[3, 1, 5] = 9
    assert (mirrored(cells.reshape(1, -1)) == expected.reshape(1, -1)).all()


def test_equal_descriptors_have_equal_codes_and_others_differ_in_about_half_the_bits() -> None:
    assert not apart(drawn(1), drawn(1)).any()
    assert 100 < apart(drawn(1), drawn(2)).mean() < 156


def test_the_more_a_descriptor_changes_the_more_bits_differ() -> None:
    first, other = drawn(1).astype(float), drawn(2).astype(float)
    means = [
        apart(drawn(1), (first * (1 - share) + other * share).astype(np.uint8)).mean()
        for share in (0.05, 0.2, 0.4, 0.8)
    ]
    assert means == sorted(means)
    assert means[0] < 20


def test_a_code_doesnt_depend_on_the_contrast() -> None:
    descriptors = drawn(1) // 2
    assert apart(descriptors, descriptors * 2).max() <= 8


def test_codes_are_the_same_on_every_machine() -> None:
    # Kept works are compared by their codes: another projection would make all of them strangers.
    descriptors = (np.arange(4 * DESCRIPTOR_LENGTH) * 37 % 101).reshape(4, -1).astype(np.uint8)
    digest = hashlib.sha256(codes(descriptors).astype("<u8").tobytes()).hexdigest()
    assert digest[:16] == "bfc03e71ea88b688"


def test_a_blank_descriptor_and_none_at_all_have_codes_too() -> None:
    assert codes(np.zeros((1, DESCRIPTOR_LENGTH), np.uint8)).shape == (1, 4)
    assert codes(np.empty((0, DESCRIPTOR_LENGTH), np.uint8)).shape == (0, 4)
