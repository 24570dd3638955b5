"""Sketches of frames: a copy is told from another picture, whatever became of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from volenti.perception.copies.descriptor import LENGTH, SHIFT, Frames, best, copy_descriptors, looks

#: Between what a copy reaches and what another drawn head does.
TOLD = 0.8


def head(seed: int, size: int = 64) -> np.ndarray:
    """Somebody before a wall, every time another: uint8 (size, size, 3)."""
    chance = np.random.default_rng(seed)
    large = Image.new("RGB", (256, 256), tuple(chance.integers(30, 220, 3)))
    pen = ImageDraw.Draw(large)
    for _ in range(14):
        left, top = chance.integers(0, 200, 2)
        width, height = chance.integers(20, 120, 2)
        pen.ellipse((left, top, left + width, top + height), fill=tuple(chance.integers(0, 256, 3)))
    return np.asarray(large.resize((size, size), Image.Resampling.BOX))


HEADS: Frames = np.stack([head(seed) for seed in range(40)])


def score(picture: np.ndarray, of: int) -> float:
    return best(looks(picture), copy_descriptors(HEADS[of : of + 1]))[0]


def test_a_sketch_takes_one_byte_a_number() -> None:
    rows = copy_descriptors(HEADS)
    assert (rows.shape, rows.dtype) == ((40, LENGTH), np.int8)
    assert LENGTH <= 256


def test_a_picture_is_its_own_nearest() -> None:
    rows = copy_descriptors(HEADS)
    for number in range(len(HEADS)):
        near, which = best(looks(HEADS[number]), rows)
        assert which == number
        assert near > 0.999


def test_other_pictures_stay_far() -> None:
    rows = copy_descriptors(HEADS)
    others = [best(looks(HEADS[n]), np.delete(rows, n, axis=0))[0] for n in range(len(HEADS))]
    assert max(others) < TOLD


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 39),
    st.booleans(),
    st.integers(-SHIFT, SHIFT),
    st.integers(-SHIFT, SHIFT),
    st.floats(0, 1.2),
    st.floats(0.7, 1.2),
    st.integers(-25, 25),
)
def test_a_copy_is_told_shifted_mirrored_blurred_and_recoloured(
    number: int, mirrored: bool, down: int, right: int, blur: float, contrast: float, colour: int
) -> None:
    padded = np.pad(HEADS[number], ((SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
    copy = padded[SHIFT + down : SHIFT + down + 64, SHIFT + right : SHIFT + right + 64]
    copy = copy[:, ::-1] if mirrored else copy
    soft = Image.fromarray(np.ascontiguousarray(copy)).filter(ImageFilter.GaussianBlur(blur))
    changed = (np.asarray(soft, np.float32) - 128) * contrast + 128 + np.array([colour, 0, -colour])
    assert score(changed.clip(0, 255).astype(np.uint8), number) > TOLD


def test_a_noisy_copy_is_told() -> None:
    noise = np.random.default_rng(0).normal(0, 15, HEADS.shape)
    noisy = (HEADS + noise).clip(0, 255).astype(np.uint8)
    assert min(score(noisy[number], number) for number in range(len(HEADS))) > TOLD


@pytest.mark.parametrize("size", [32, 96, 128])
def test_pictures_of_another_size_are_compared_all_the_same(size: int) -> None:
    assert score(head(3, size), 3) > 0.9


def test_a_picture_of_one_shade_is_like_nothing() -> None:
    plain = np.full((64, 64, 3), 90, np.uint8)
    assert best(looks(plain), copy_descriptors(HEADS))[0] == 0
    assert best(looks(HEADS[0]), copy_descriptors(plain[None]))[0] == 0
