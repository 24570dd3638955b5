"""Faces across the edge of a picture that would hide a sure one."""

import numpy as np
import pytest

from volenti.adapters.sight.edges_opencv import is_known

Box = tuple[float, float, float, float]

#: A face across the edge beside a sure one at (194, 148), 216 by 306 pixels, and whether it counts.
ACROSS: dict[str, tuple[Box, float, bool]] = {
    "the same face": ((190, 150, 220, 300), 0.95, True),
    "a large box over most of it": ((135, -153, 447, 474), 0.95, True),
    "the same over a weak face, which it may be": ((135, -153, 447, 474), 0.4, False),
    "one that hides a quarter": ((350, 148, 500, 306), 0.95, False),
    "one beside it": ((-60, 100, 200, 280), 0.95, False),
}


@pytest.mark.parametrize("name", ACROSS)
def test_a_face_across_the_edge_counts_where_it_hides_no_sure_face(name: str) -> None:
    box, score, known = ACROSS[name]
    face = np.array([[194, 148, 216, 306, *[0] * 10, score]], np.float32)
    row = np.array([*box, *[0] * 10, 0.5], np.float32)
    assert is_known(row, face) == known
