"""Nearness of drawings to somebody's pictures, by pixels and by face."""

import numpy as np
import pytest

from volenti.training.extraction import by_face, by_pixels, nearest_face, nearest_pixels

RNG = np.random.default_rng(1)
FRAMES = RNG.integers(0, 255, (3, 16, 16, 3), dtype=np.uint8)
DRAWN = RNG.integers(0, 255, (2, 16, 16, 3), dtype=np.uint8)


def test_the_very_picture_is_at_distance_nothing_mirrored_too() -> None:
    assert nearest_pixels(np.concatenate([DRAWN, FRAMES[1:2]]), FRAMES) == 0
    assert nearest_pixels(FRAMES[1:2, :, ::-1], FRAMES) == 0
    assert nearest_pixels(DRAWN, FRAMES) > 50


def test_distances_are_in_grey_levels_and_do_not_wrap() -> None:
    black, white = np.zeros((1, 4, 4, 3), np.uint8), np.full((1, 4, 4, 3), 255, np.uint8)
    assert nearest_pixels(black, white) == nearest_pixels(white, black) == 255


def test_the_nearest_of_all_drawings_and_templates_counts() -> None:
    one, other = np.eye(2, dtype=np.float32)
    assert nearest_face([one, other], [other]) == 1
    assert nearest_face([one], [other]) == 0
    assert nearest_face([], [other]) == -1


def test_who_is_met_more_nearly_than_others_ranks_high_in_both() -> None:
    assert by_pixels(3.0, [20.0, 30.0]).to_json() == {"nearest": 3.0, "usual": 25.0, "rank": 1.0}
    assert by_face(0.9, [0.1, 0.2, 0.95]).rank == pytest.approx(2 / 3)
    assert by_pixels(30.0, [30.0]).rank == 0.5
