"""Nearness of drawings to somebody's pictures, by pixels and by face."""

import numpy as np

from volenti.training.extraction import nearest_face, nearest_pixels

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
