"""Faces that the picture's edge cuts, found by looking beyond it.

The detector wants a whole face. So the picture is continued on every side, once by its mirror image, which
makes a whole face of half a one, and once by grey, which leaves the part alone. What is found across the
edge counts from a score on that was chosen for each: `python bench/people.py edges` says how often a cut face
is noticed with it and without, and how often nothing is there.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from volenti.adapters.sight.yunet_onnx import ROW, Rows, Yunet, merged, overlaps

#: How far the picture is continued on each side, as a share of its longer side.
BEYOND = 0.3
#: The least score of a face across the edge: in the picture continued by its mirror image, and by grey.
MIRRORED_MIN, GREY_MIN = 0.8, 0.3
#: A face counts as cut where at least this share of a side of its box lies beyond the edge; and not where
#: less than this share of the box lies in the picture.
CUT_MIN, VISIBLE_MIN = 0.05, 0.1
#: A box that overlaps a face found already by more is that face; and one in which more of a face lies that is
#: at least so sure is no face: it would hide that one.
KNOWN_OVERLAP, KNOWN_WITHIN, KNOWN_SURE = 0.2, 0.4, 0.85


def cut_faces(yunet: Yunet, picture: NDArray[np.uint8], known: Rows) -> Rows:
    """Rows of faces that the edge cuts, in pixels of the picture (height, width, 3); none of `known`."""
    found = [np.empty((0, ROW), np.float32)]
    for border, least in ((cv2.BORDER_REFLECT_101, MIRRORED_MIN), (cv2.BORDER_CONSTANT, GREY_MIN)):
        beyond = min(round(BEYOND * max(picture.shape[:2])), min(picture.shape[:2]) - 1)
        if beyond < 1:
            continue
        sides = (beyond, beyond, beyond, beyond)
        larger = cv2.copyMakeBorder(picture, *sides, border, value=(128, 128, 128))
        rows = yunet.rows(np.asarray(larger, np.uint8), least)
        rows[:, :14] -= np.float32(beyond) * np.array([1, 1, 0, 0, *[1] * 10], np.float32)
        found.append(_across(rows, picture.shape))
    rows = merged(np.concatenate(found))
    new = [row for row in rows if not len(known) or not is_known(row, known)]
    return np.stack(new) if new else rows[:0]


def is_known(row: NDArray[np.float32], known: Rows) -> bool:
    """Whether a row is one of the known faces, or covers a sure one."""
    together = overlaps(row[:4], known)
    areas = known[:, 2] * known[:, 3]
    within = together * (row[2] * row[3] + areas) / (1 + together) / np.maximum(areas, 1e-6)
    covers = (within > KNOWN_WITHIN) & (known[:, -1] >= KNOWN_SURE)
    return bool((together > KNOWN_OVERLAP).any() or covers.any())


def _across(rows: Rows, shape: tuple[int, ...]) -> Rows:
    """The rows whose box lies across the edge of a picture of this shape."""
    low, high = rows[:, :2], rows[:, :2] + rows[:, 2:4]
    ends = np.array([shape[1], shape[0]], np.float32)
    outside = np.maximum(0, -low) + np.maximum(0, high - ends)
    inside = np.maximum(0, np.minimum(high, ends) - np.maximum(low, 0))
    sides = np.maximum(rows[:, 2:4], 1e-6)
    cut = (outside / sides >= CUT_MIN).any(axis=1)
    return np.asarray(rows[cut & ((inside / sides).prod(axis=1) >= VISIBLE_MIN)], np.float32)
