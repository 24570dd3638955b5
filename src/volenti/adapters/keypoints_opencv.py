"""Keypoints by OpenCV's SIFT, on the picture as it is and on a small, evened-out version of it.

The small version shows the large, faint shapes of skies, walls and gradients, where the picture
itself has nothing sharp enough to be found again. Of each, the strongest keypoints are kept, half
of them over the whole picture and half in turns from every part of it, so that a crop without the
strongest keeps some too.

SIFT's patent ended in 2020. OpenCV is imported at the first picture. Colour isn't looked at.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.faces import Rgb
from volenti.clearance.keypoints import DESCRIPTOR_LENGTH, Keypoints

#: Long sides, in pixels, to which a picture and its small version are brought if they are larger.
SIDE_MAX, SMALL_SIDE_MAX = 512, 192

#: Keypoints kept of each at most.
KEPT, SMALL_KEPT = 256, 128

#: Keypoints described at most, the strongest: noise has ten thousand, which nobody needs.
DESCRIBED_MAX = 3000

#: SIFT's least contrast, and the ratio of curvatures above which it takes a place for an edge.
CONTRAST_MIN, EDGE_MAX = 0.015, 12.0
SMALL_CONTRAST_MIN, SMALL_EDGE_MAX = 0.01, 40.0

#: Blur before evening out, in pixels; reach of the evening out as a share of the long side; and
#: contrast, in levels of 255, below which it stops lifting.
_BLUR, _REACH, _FAINT = 1.5, 0.06, 2.0

#: Parts along each side from which keypoints are taken in turns.
_PARTS = 4


class OpencvKeypoints:
    """The `KeypointFinder` port over SIFT."""

    def __init__(self) -> None:
        self._finders: tuple[Any, Any] | None = None

    def __getstate__(self) -> dict[str, None]:
        # A worker makes its own: OpenCV's objects can't be pickled.
        return {"_finders": None}

    def keypoints(self, rgb: Rgb) -> Keypoints:
        """Those of an upright (height, width, 3) uint8 picture; none where it is plain."""
        import cv2

        if self._finders is None:
            cv2.setNumThreads(1)
            self._finders = (
                _sift(CONTRAST_MIN, EDGE_MAX),
                _sift(SMALL_CONTRAST_MIN, SMALL_EDGE_MAX),
            )
        whole = np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY), np.uint8)
        grey = _sized(whole, SIDE_MAX)
        sharp = _found(self._finders[0], grey, KEPT)
        small = _found(self._finders[1], _evened(_sized(grey, SMALL_SIDE_MAX)), SMALL_KEPT)
        return Keypoints(
            np.concatenate([sharp.places, small.places]),
            np.concatenate([sharp.descriptors, small.descriptors]),
        )


def _sift(contrast_min: float, edge_max: float) -> Any:
    import cv2

    make: Any = vars(cv2)["SIFT_create"]  # OpenCV's own type information lacks it

    # Without the precise upscaling everything lies a quarter of a pixel off, and a mirrored
    # picture's keypoints half a pixel from where mirroring puts them.
    return make(
        nfeatures=DESCRIBED_MAX, contrastThreshold=contrast_min, edgeThreshold=edge_max,
        enable_precise_upscale=True,
    )  # fmt: skip


def _sized(grey: NDArray[np.uint8], side_max: int) -> NDArray[np.uint8]:
    import cv2

    factor = side_max / max(grey.shape)
    if factor >= 1:
        return grey
    height, width = (max(1, round(length * factor)) for length in grey.shape)
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _evened(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with light and contrast brought to the same level everywhere."""
    import cv2

    reach = max(grey.shape) * _REACH
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _BLUR)
    detail = soft - cv2.GaussianBlur(soft, (0, 0), reach)
    contrast = np.sqrt(cv2.GaussianBlur(detail**2, (0, 0), reach) + _FAINT**2)
    return np.asarray(np.clip(128 + 50 * detail / contrast, 0, 255), np.uint8)


def _found(finder: Any, grey: NDArray[np.uint8], count: int) -> Keypoints:
    found, descriptors = finder.detectAndCompute(grey, None)
    if not found:
        return Keypoints(np.empty((0, 4), np.float32), np.empty((0, DESCRIPTOR_LENGTH), np.uint8))
    rows = np.array([(*each.pt, each.size, each.angle, each.response) for each in found], np.float32)
    # Equal strengths occur; the place settles their order, so that it doesn't depend on SIFT's.
    order = np.lexsort((rows[:, 3], rows[:, 1], rows[:, 0], -rows[:, 4]))
    rows, descriptors = rows[order], descriptors[order].astype(np.uint8)
    # OpenCV counts from the middle of the first pixel, shares from its corner.
    rows[:, :2] += 0.5
    height, width = grey.shape
    kept = _spread(np.asarray(rows[:, :2] / [width, height], np.float32), count)
    places = rows[kept, :4]
    places[:, :3] /= max(height, width)
    return Keypoints(places, descriptors[kept])


def _spread(places: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Which of the places, strongest first and as shares of width and height, are kept.

    Half are the strongest; the other half are the strongest of each part in turns.
    """
    if len(places) <= count:
        return np.arange(len(places))
    column, row = np.clip((places * _PARTS).astype(np.int64), 0, _PARTS - 1).T
    part = row * _PARTS + column
    turn = np.empty(len(places), np.int64)
    for each in range(_PARTS * _PARTS):
        mine = np.flatnonzero(part == each)
        turn[mine] = np.arange(len(mine))
    strongest = count // 2
    rest = np.arange(strongest, len(places))
    rest = rest[np.argsort(turn[rest], kind="stable")][: count - strongest]
    return np.sort(np.concatenate([np.arange(strongest), rest]))
