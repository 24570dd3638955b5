"""Keypoints by OpenCV's SIFT, in the picture as it is and in small, evened-out versions of it.

An evened-out version shows the large, faint shapes of skies, walls and gradients, where the picture
itself has nothing sharp enough to be found again. Of each version the strongest keypoints are kept:
half are the strongest of the whole picture, the other half the strongest of its parts, one part after
the other, so that a crop that lost the strongest still has some.

A picture that is judged is searched as it is, and evened out only where that gave few keypoints. A
third party's work is searched closely: evened out at several sizes, each time with the same radius in
pixels, because a crop of the work, evened out, looks as the whole work does at a larger size.

SIFT's patent ended in 2020. OpenCV is imported at the first picture. Colour isn't looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from volenti.perception.copies.keypoints import DESCRIPTOR_LENGTH, Keypoints

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from volenti.perception.files.pixels import Rgb


@dataclass(frozen=True, slots=True)
class Version:
    """A size of the picture that keypoints are looked for in.

    `side`: its long side in pixels, if the picture is larger. `kept`: how many keypoints are kept at most.
    `reach`: the radius of the evening out as a share of the long side; 0 for the picture as it is.
    """

    side: int
    kept: int
    reach: float = 0.0


#: The versions of a picture that are searched, in this order, and how many keypoints are enough to stop.
PRESENTED = (Version(384, 256), Version(192, 128, 0.06))
ENOUGH = 200

#: The versions of a third party's work that are searched.
REGISTERED = (Version(512, 256), Version(192, 128, 0.06), Version(272, 128, 0.042), Version(384, 256, 0.03))

#: How many keypoints are described at most, the strongest first, of a picture and of a work. Noise has
#: ten thousand of them, which no comparison needs.
DESCRIBED_MAX, CLOSELY_DESCRIBED_MAX = 1000, 3000

#: SIFT's least contrast, and the ratio of curvatures above which SIFT takes a place for an edge.
CONTRAST_MIN, EDGE_MAX = 0.015, 12.0
EVENED_CONTRAST_MIN, EVENED_EDGE_MAX = 0.01, 40.0

#: Blur before evening out, in pixels; and contrast, in levels of 255, below which it stops lifting.
_BLUR, _FAINT = 1.5, 2.0

#: Parts along each side; keypoints are taken from one part after the other.
_PARTS = 4


class OpencvKeypoints:
    """The `KeypointFinder` port over SIFT."""

    def __init__(self) -> None:
        self._finders: dict[bool, tuple[Any, Any]] | None = None

    def __getstate__(self) -> dict[str, None]:
        # A worker makes its own: OpenCV's objects can't be pickled.
        return {"_finders": None}

    def keypoints(self, rgb: Rgb, *, closely: bool = False) -> Keypoints:
        """The keypoints of an upright (height, width, 3) uint8 picture; none where it is plain."""
        import cv2

        if self._finders is None:
            cv2.setNumThreads(1)
            self._finders = {False: _finders(DESCRIBED_MAX), True: _finders(CLOSELY_DESCRIBED_MAX)}
        sharp, evened = self._finders[closely]
        grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY), np.uint8)
        found: list[Keypoints] = []
        for version in REGISTERED if closely else PRESENTED:
            if not closely and sum(len(each.places) for each in found) >= ENOUGH:
                break
            sized = _sized(grey, version.side)
            if version.reach:
                found.append(_found(evened, _evened(sized, version.reach), version.kept))
            else:
                found.append(_found(sharp, sized, version.kept))
        return Keypoints(
            np.concatenate([each.places for each in found]),
            np.concatenate([each.descriptors for each in found]),
        )


def _finders(described_max: int) -> tuple[Any, Any]:
    """SIFT for the picture as it is, and SIFT for the evened-out versions."""
    return (
        _sift(CONTRAST_MIN, EDGE_MAX, described_max),
        _sift(EVENED_CONTRAST_MIN, EVENED_EDGE_MAX, CLOSELY_DESCRIBED_MAX),
    )


def _sift(contrast_min: float, edge_max: float, described_max: int) -> Any:
    import cv2

    make: Any = vars(cv2)["SIFT_create"]  # OpenCV's own type information lacks it

    # Without the precise upscaling everything lies a quarter of a pixel off, and a mirrored
    # picture's keypoints half a pixel from where mirroring puts them.
    return make(
        nfeatures=described_max,
        contrastThreshold=contrast_min,
        edgeThreshold=edge_max,
        enable_precise_upscale=True,
    )


def _sized(grey: NDArray[np.uint8], side_max: int) -> NDArray[np.uint8]:
    import cv2

    factor = side_max / max(grey.shape)
    if factor >= 1:
        return grey
    height, width = (max(1, round(length * factor)) for length in grey.shape)
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _evened(grey: NDArray[np.uint8], reach: float) -> NDArray[np.uint8]:
    """The picture with light and contrast brought to the same level everywhere."""
    import cv2

    pixels = max(grey.shape) * reach
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _BLUR)
    detail = soft - cv2.GaussianBlur(soft, (0, 0), pixels)
    contrast = np.sqrt(cv2.GaussianBlur(detail**2, (0, 0), pixels) + _FAINT**2)
    return np.asarray(np.clip(128 + 50 * detail / contrast, 0, 255), np.uint8)


def _found(finder: Any, grey: NDArray[np.uint8], count: int) -> Keypoints:
    found, descriptors = finder.detectAndCompute(grey, None)
    if not found:
        return Keypoints(np.empty((0, 4), np.float32), np.empty((0, DESCRIPTOR_LENGTH), np.uint8))
    rows = np.array([(*each.pt, each.size, each.angle, each.response) for each in found], np.float32)
    # Keypoints of equal strength are ordered by their place, so that SIFT's order doesn't matter.
    order = np.lexsort((rows[:, 3], rows[:, 1], rows[:, 0], -rows[:, 4]))
    rows, descriptors = rows[order], descriptors[order].astype(np.uint8)
    # OpenCV counts from the middle of the first pixel; shares count from its corner.
    rows[:, :2] += 0.5
    height, width = grey.shape
    kept = _spread(np.asarray(rows[:, :2] / [width, height], np.float32), count)
    places = rows[kept, :4]
    places[:, :3] /= max(height, width)
    return Keypoints(places, descriptors[kept])


def _spread(places: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Which of the places, strongest first and as shares of width and height, are kept.

    Half are the strongest of all; the other half are the strongest of each part, one part after the other.
    """
    if len(places) <= count:
        return np.arange(len(places))
    column, row = np.clip((places * _PARTS).astype(np.int64), 0, _PARTS - 1).T
    part = row * _PARTS + column
    rank_in_part = np.empty(len(places), np.int64)
    for each in range(_PARTS * _PARTS):
        mine = np.flatnonzero(part == each)
        rank_in_part[mine] = np.arange(len(mine))
    strongest = count // 2
    rest = np.arange(strongest, len(places))
    rest = rest[np.argsort(rank_in_part[rest], kind="stable")][: count - strongest]
    return np.sort(np.concatenate([np.arange(strongest), rest]))
