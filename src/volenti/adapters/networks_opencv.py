"""OpenCV's networks at work: YuNet finds faces, SFace describes them, one thread.

YuNet finds faces of roughly 10 to 300 pixels, so a picture is looked at in several
sizes: a large portrait and a small bystander both come into that range in one of them.
What two sizes found twice is merged; templates are made from the full picture.

Frontal and half-turned faces only: heads seen from behind, hands and bodies aren't found.
An instance isn't safe to share between threads. `faces_opencv` holds the adapter that others
see, and imports this at the first picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from volenti.clearance.faces import Face, Rgb, unit

#: Long sides, in pixels, at which a picture is searched, as far as it has them.
SIDES = (320, 640, 1280, 2048)

#: Smaller pictures are enlarged to this before anything else.
SIDE_MIN = 256

#: Longest side of a face, in pixels at the size searched, that YuNet is trusted with. Above
#: it parts of a face pass for faces; a coarser search has the whole one.
FACE_SIDE_MAX = 300

#: Shorter sides than this make the network read outside its input: they are filled up.
SHORT_SIDE_MIN = 64

#: The detector's score from which on something is a face.
SCORE_MIN = 0.5

#: Overlap (intersection over union) from which on two boxes are the same face.
OVERLAP_MAX = 0.35

#: More faces than this in one picture are a crowd; the surest are kept.
FACES_MAX = 200


class Networks:
    """YuNet and SFace, loaded from verified files."""

    def __init__(self, detector: Path, recogniser: Path) -> None:
        cv2.setNumThreads(1)
        self._recogniser: Any = cv2.FaceRecognizerSF.create(str(recogniser), "")
        self._detector: Any = cv2.FaceDetectorYN.create(str(detector), "", (320, 320), SCORE_MIN, 0.3, 5000)

    def faces(self, rgb: Rgb) -> list[Face]:
        """All faces of an upright (height, width, 3) uint8 picture, the largest first."""
        picture, scale = _enlarged(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        coarsest, *finer = _sides(picture)
        found = [self._search(picture, coarsest, max(picture.shape))]
        found += [self._search(picture, side, FACE_SIDE_MAX) for side in finer]
        rows = _merged(found)
        faces = [self._face(picture, row, scale) for row in rows[:FACES_MAX]]
        return sorted(faces, key=lambda face: -face.box[2] * face.box[3])

    def _search(self, picture: NDArray[np.uint8], side: int, face_side_max: int) -> NDArray[np.float32]:
        """Rows of (box 4, landmarks 10, score) at one size, in pixels of `picture`."""
        height, width = picture.shape[:2]
        factor = side / max(height, width)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        if factor != 1:
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        filled = _filled(picture)
        self._detector.setInputSize((filled.shape[1], filled.shape[0]))
        rows = self._detector.detect(filled)[1]
        if rows is None:
            return np.empty((0, 15), np.float32)
        rows = rows[np.isfinite(rows).all(axis=1) & (rows[:, 2:4].max(axis=1) <= face_side_max)]
        middle = rows[:, :2] + rows[:, 2:4] / 2
        rows = rows[
            (rows[:, 2:4] >= 1).all(axis=1) & (middle >= 0).all(axis=1) & (middle <= size).all(axis=1)
        ]
        rows[:, :14:2] *= width / size[0]
        rows[:, 1:14:2] *= height / size[1]
        return np.asarray(rows, np.float32)

    def _face(self, picture: NDArray[np.uint8], row: NDArray[np.float32], scale: float) -> Face:
        aligned = self._recogniser.alignCrop(picture, row)
        # Faces are nearly symmetric and SFace isn't: the mean over both sides is the surer template.
        sides = np.stack([self._recogniser.feature(side)[0] for side in (aligned, cv2.flip(aligned, 1))])
        template = unit(unit(sides).sum(axis=0))
        left, top, width, height = (float(value) / scale for value in row[:4])
        landmarks = np.asarray(row[4:14].reshape(5, 2) / scale, np.float32)
        return Face((left, top, width, height), float(row[14]), landmarks, template)


def _enlarged(picture: Any) -> tuple[NDArray[np.uint8], float]:
    """The picture with a long side of at least SIDE_MIN, and the factor it was enlarged by."""
    scale = SIDE_MIN / max(picture.shape[:2])
    if scale <= 1:
        return picture, 1.0
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), scale


def _filled(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with grey below and to the right up to SHORT_SIDE_MIN."""
    lacking = [max(0, SHORT_SIDE_MIN - length) for length in picture.shape[:2]]
    if not any(lacking):
        return picture
    return np.pad(picture, ((0, lacking[0]), (0, lacking[1]), (0, 0)), constant_values=128)


def _sides(picture: NDArray[np.uint8]) -> list[int]:
    """The long sides to search at: those of SIDES that the picture has, and its own if smaller."""
    own = max(picture.shape[:2])
    smaller = [side for side in SIDES if side < own]
    return [*smaller, min(own, SIDES[-1])]


def _merged(found: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """One row a face, the surest first: rows that overlap a surer one are dropped."""
    rows = np.concatenate(found)
    rows = rows[np.argsort(-rows[:, 14], kind="stable")]
    kept: list[int] = []
    for index in range(len(rows)):
        if all(_overlap(rows[index], rows[other]) <= OVERLAP_MAX for other in kept):
            kept.append(index)
    return rows[kept]


def _overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Intersection over union of two (left, top, width, height, ...) rows."""
    corner = np.maximum(one[:2], other[:2])
    end = np.minimum(one[:2] + one[2:4], other[:2] + other[2:4])
    width, height = np.maximum(end - corner, 0)
    shared = float(width * height)
    return shared / max(float(one[2] * one[3] + other[2] * other[3]) - shared, 1e-9)
