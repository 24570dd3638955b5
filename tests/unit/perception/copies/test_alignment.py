"""Alignment: known moves are found again, and the pictures under them compared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from volenti.perception.copies.alignment import Alignment, agreement, align, smoothed
from volenti.perception.copies.detail import Detail, detail
from volenti.perception.copies.keypoints import Keypoints

STILL = Alignment(1, 0, 0)


def blobs(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32)).astype(np.uint8)
    image = Image.fromarray(noise).resize((256, 192), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(2)).convert("RGB")


def bare(image: Image.Image) -> Detail:
    """Detail of a picture without its keypoints: greys only."""
    none = Keypoints(np.empty((0, 4), np.float32), np.empty((0, 128), np.uint8))
    return detail(np.asarray(image), none)


def scattered(seed: int, count: int) -> Detail:
    """A picture's worth of keypoints, all unlike each other."""
    random = np.random.default_rng(seed)
    places = np.column_stack(
        [
            random.uniform(0.3, 0.7, (count, 2)),
            random.uniform(0.01, 0.1, count),
            random.uniform(0, 360, count),
        ]
    ).astype(np.float32)
    descriptors = np.minimum(random.exponential(30, (count, 128)), 255).astype(np.uint8)
    return detail(np.asarray(blobs(seed)), Keypoints(places, descriptors))


def moved(of: Detail, turn: complex, shift: complex, miss: NDArray[np.float64]) -> Detail:
    """The keypoints carried by a move, each missing its place by a little."""
    points = turn * (of.places[:, 0] + 1j * of.places[:, 1]) + shift
    places = of.places.copy()
    places[:, 0], places[:, 1] = points.real + miss[:, 0], points.imag + miss[:, 1]
    places[:, 2] *= abs(turn)
    places[:, 3] = (places[:, 3] + np.rad2deg(np.angle(turn))) % 360
    return Detail(places, of.codes, of.reflected, of.greys, of.extent)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 1000), st.floats(0.3, 3), st.floats(-180, 180), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)
)
def test_any_turn_size_and_shift_is_found_among_as_many_wrong_pairs(
    seed: int, scale: float, degrees: float, right: float, down: float
) -> None:
    turn, shift = scale * np.exp(1j * np.deg2rad(degrees)), complex(right, down)
    seen, random = scattered(seed, 60), np.random.default_rng(seed)
    work = moved(seen, turn, shift, random.normal(0, 0.001, (60, 2)))
    work.places[30:, :2] = random.uniform(0, 1, (30, 2))
    found = align(seen, work)
    assert found is not None
    assert found.agreeing >= 30
    assert abs(found.turn - turn) < 0.03 * scale
    middle = 0.5 + 0.5j
    assert abs((found.turn * middle + found.shift) - (turn * middle + shift)) < 0.01


def test_pictures_without_a_common_keypoint_have_no_alignment() -> None:
    found = align(scattered(1, 40), scattered(2, 40))
    assert found is None or found.agreeing < 4


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_picture_with_hardly_any_keypoints_aligns_with_nothing_wrongly(count: int) -> None:
    found = align(scattered(1, count), scattered(2, 40))
    assert found is None or found.agreeing < 3


def test_keypoints_that_all_lie_in_one_place_align_with_nothing() -> None:
    seen, work = scattered(1, 40), scattered(1, 40)
    work.places[:, :2] = 0.5
    assert align(seen, work) is None


def test_a_picture_agrees_with_itself_in_every_square() -> None:
    found = agreement(bare(blobs(1)), bare(blobs(1)), STILL)
    assert found.squares > 100
    assert found.share == 1


def test_other_pictures_agree_in_hardly_any_square() -> None:
    found = agreement(bare(blobs(1)), bare(blobs(2)), STILL)
    assert found.squares > 100
    assert found.share < 0.1


def test_a_crop_agrees_where_it_was_cut_out_and_nowhere_else() -> None:
    crop = bare(blobs(1).crop((64, 48, 192, 144)))
    assert agreement(crop, bare(blobs(1)), Alignment(0.5, 0.25 + 0.1875j, 0)).share > 0.95
    assert agreement(crop, bare(blobs(1)), Alignment(0.5, 0.05 + 0.05j, 0)).share < 0.2


def test_a_work_shown_small_in_a_picture_is_compared_at_the_size_it_is_shown() -> None:
    page = Image.new("RGB", (512, 384), "white")
    page.paste(blobs(1), (200, 100))
    found = agreement(bare(page), bare(blobs(1)), Alignment(2, -(200 + 100j) / 256, 0))
    assert found.share > 0.9
    assert found.squares > 20


def test_what_is_laid_over_the_work_counts_against_it_and_what_surrounds_it_doesnt() -> None:
    covered = blobs(1)
    covered.paste((255, 255, 255), (0, 96, 256, 192))
    found = agreement(bare(covered), bare(blobs(1)), STILL)
    assert 0.4 < found.share < 0.6


def grainy(seed: int) -> Image.Image:
    """A picture of 640 x 480 pixels, each of a brightness of its own."""
    picture = np.asarray(blobs(seed).convert("L").resize((640, 480)), np.float64)
    grain = np.random.default_rng(seed).normal(0, 60, picture.shape)
    return Image.fromarray(np.clip(picture / 4 + 96 + grain, 0, 255).astype(np.uint8)).convert("RGB")


def test_grain_that_no_other_size_keeps_is_smoothed_out() -> None:
    part = Alignment(0.7, 0.15 + 0.1125j, 0)
    crop = bare(grainy(1).crop((96, 72, 544, 408)))
    rough = agreement(crop, bare(grainy(1)), part)
    smooth = agreement(smoothed(crop), smoothed(bare(grainy(1))), part)
    assert rough.share < 0.6
    assert smooth.share > 0.85
    assert smooth.squares > 20
    assert agreement(smoothed(crop), smoothed(bare(grainy(2))), part).share < 0.2


def test_a_plain_work_has_no_square_to_agree_in() -> None:
    found = agreement(bare(blobs(1)), bare(Image.new("RGB", (256, 192), "white")), STILL)
    assert (found.squares, found.share) == (0, 0.0)


def test_no_overlap_is_no_agreement() -> None:
    assert agreement(bare(blobs(1)), bare(blobs(1)), Alignment(1, 5, 0)).squares == 0
