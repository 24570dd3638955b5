"""How sharp a face is, whatever its size and light."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from volenti.clearance.reviewing import TOO_BLURRED_BELOW
from volenti.perception.sight.blur import sharpness


def face(side: int, blurred: float = 0.0) -> np.ndarray:
    """Thirty-six patches in a square, blurred by so many per cent of its side."""
    coarse = np.random.default_rng(3).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((side, side), Image.Resampling.NEAREST)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(side * blurred / 100)))


@pytest.mark.parametrize("side", [48, 120, 480])
def test_the_more_a_face_is_blurred_the_less_sharp_it_is_at_any_size(side: int) -> None:
    seen = [sharpness(face(side, blurred), (0, 0, side, side)) for blurred in (0, 1.5, 3, 5, 8, 12)]
    assert seen == sorted(seen, reverse=True)
    assert seen[0] > 0.3 > TOO_BLURRED_BELOW > seen[-1]


def test_dim_light_makes_a_face_no_less_sharp() -> None:
    bright, box = face(240), (0, 0, 240, 240)
    assert sharpness(bright // 3, box) == pytest.approx(sharpness(bright, box), rel=0.05)


@pytest.mark.parametrize("box", [(300, 0, 50, 50), (-60, 0, 50, 50), (10, 10, 0, 0)])
def test_where_there_is_no_face_there_is_nothing_sharp(box: tuple[float, float, float, float]) -> None:
    assert sharpness(face(240), box) == 0.0


def test_a_box_may_reach_out_of_the_picture() -> None:
    assert sharpness(face(240), (-40, -40, 200, 200)) > 0.3
