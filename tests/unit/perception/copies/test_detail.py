"""Detail: what is kept of it, and what mirroring does to it."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volenti.perception.copies.detail import GREYS_SIDE, Detail, detail
from volenti.perception.copies.keypoints import DESCRIPTOR_LENGTH, Keypoints


def made(seed: int, count: int, height: int = 60, width: int = 80) -> Detail:
    """Detail with keypoints anywhere, of any size and direction."""
    random = np.random.default_rng(seed)
    longest = max(height, width)
    places = np.column_stack(
        [
            random.uniform(0, width / longest, count),
            random.uniform(0, height / longest, count),
            2 ** random.uniform(-9, -1, count),
            random.uniform(0, 360, count),
        ]
    ).astype(np.float32)
    descriptors = random.integers(0, 120, (count, DESCRIPTOR_LENGTH), np.uint8)
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    return detail(rgb, Keypoints(places, descriptors))


def turned_by(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    apart = np.abs(one - other) % 360
    return np.minimum(apart, 360 - apart)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 300), st.integers(1, 300))
def test_what_is_kept_is_near_enough_to_what_was_found(
    seed: int, count: int, height: int, width: int
) -> None:
    found = made(seed, count, height, width)
    kept = Detail.from_json(json.loads(json.dumps(found.to_json())))
    assert (kept.codes == found.codes).all()
    assert (kept.greys == found.greys).all()
    assert kept.extent == found.extent
    assert np.abs(kept.places[:, :2] - found.places[:, :2]).max(initial=0) < 1 / 60_000
    assert np.abs(np.log2(kept.places[:, 2] / found.places[:, 2])).max(initial=0) < 0.07
    assert turned_by(kept.places[:, 3], found.places[:, 3]).max(initial=0) < 0.8


def test_what_is_kept_of_a_work_stays_below_sixty_five_kilobytes() -> None:
    noisy = made(1, 768, 500, 500)
    assert len(json.dumps(noisy.to_json())) < 65_000
    assert noisy.greys.shape == (GREYS_SIDE, GREYS_SIDE)


def test_mirroring_twice_changes_nothing() -> None:
    found = made(1, 30)
    twice = found.mirror().mirror()
    assert np.allclose(twice.places[:, :3], found.places[:, :3], atol=1e-6)
    assert turned_by(twice.places[:, 3], found.places[:, 3]).max() < 1e-3
    assert (twice.codes == found.codes).all()
    assert (twice.greys == found.greys).all()


@pytest.mark.parametrize(("height", "width"), [(1, 400), (400, 1), (1, 1), (3, 2)])
def test_thin_and_tiny_pictures_have_greys_too(height: int, width: int) -> None:
    assert max(made(1, 0, height, width).greys.shape) == GREYS_SIDE
