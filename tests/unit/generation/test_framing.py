"""The square around a face: where things land, and that any box is survived."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from volenti.generation.framing import DROP, SIDE, frame


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def smooth(width: int, height: int) -> Image.Image:
    return noise(6, 6).resize((width, height), Image.Resampling.BICUBIC)


def test_a_frame_is_square_and_rgb_whatever_the_picture_is() -> None:
    for mode in ("RGB", "L", "RGBA", "P", "CMYK"):
        pixels = frame(smooth(120, 90).convert(mode), (30.0, 20.0, 30.0, 40.0), 64)
        assert pixels.shape == (64, 64, 3)
        assert pixels.dtype == np.uint8


def test_the_same_picture_and_box_give_the_same_pixels() -> None:
    box = (31.3, 19.8, 30.2, 40.7)
    assert np.array_equal(frame(noise(120, 90), box, 64), frame(noise(120, 90), box, 64))


def test_the_face_s_centre_lands_in_the_middle_column_a_little_above_the_middle_row() -> None:
    pixels = np.zeros((200, 200, 3), np.uint8)
    left, top, width, height = 70.0, 50.0, 50.0, 60.0
    pixels[78:82, 93:97] = 255  # around the face's centre, (95, 80)
    bright = frame(Image.fromarray(pixels), (left, top, width, height), 64).sum(axis=2).astype(float)
    rows, columns = np.indices(bright.shape)
    row, column = (rows * bright).sum() / bright.sum(), (columns * bright).sum() / bright.sum()
    assert column + 0.5 == pytest.approx(32, abs=0.3)
    assert row + 0.5 == pytest.approx(64 * (0.5 - DROP / SIDE), abs=0.3)


def test_the_frame_s_side_is_a_fixed_number_of_face_heights() -> None:
    # A white band as high as the face must fill 1 / SIDE of the frame's rows.
    pixels = np.zeros((300, 300, 3), np.uint8)
    pixels[100:180] = 255
    shown = frame(Image.fromarray(pixels), (110.0, 100.0, 60.0, 80.0), 64)
    assert shown[:, 32, 0].mean() / 255 == pytest.approx(1 / SIDE, abs=0.02)


def test_a_picture_twice_as_large_gives_the_same_frame() -> None:
    small = smooth(120, 120)
    large = small.resize((240, 240), Image.Resampling.BICUBIC)
    one = frame(small, (40.0, 30.0, 32.0, 40.0), 64).astype(int)
    two = frame(large, (80.0, 60.0, 64.0, 80.0), 64).astype(int)
    assert abs(one - two).mean() < 1.5


def test_a_mirrored_picture_gives_the_mirrored_frame() -> None:
    picture = smooth(121, 90)
    left, top, width, height = 34.0, 22.0, 28.0, 36.0
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    one = frame(picture, (left, top, width, height), 64)[:, ::-1].astype(int)
    two = frame(mirrored, (121 - left - width, top, width, height), 64).astype(int)
    assert abs(one - two).max() <= 1


@pytest.mark.parametrize("corner", [(-8.0, -8.0), (80.0, -8.0), (-8.0, 80.0), (80.0, 80.0)])
def test_outside_the_picture_its_border_goes_on(corner: tuple[float, float]) -> None:
    plain = Image.new("RGB", (100, 100), (17, 130, 201))
    assert (frame(plain, (*corner, 30.0, 40.0), 64) == (17, 130, 201)).all()


def test_the_picture_given_is_not_changed() -> None:
    picture = noise(80, 80)
    before = picture.tobytes()
    frame(picture, (-5.0, -5.0, 60.0, 70.0), 64)
    assert picture.tobytes() == before


@settings(max_examples=60, deadline=None)
@given(left=st.floats(-40, 90), top=st.floats(-40, 70), width=st.floats(2, 150), height=st.floats(2, 150))
def test_any_box_that_touches_the_picture_gives_a_frame(
    left: float, top: float, width: float, height: float
) -> None:
    assert frame(noise(90, 70), (left, top, width, height), 32).shape == (32, 32, 3)
