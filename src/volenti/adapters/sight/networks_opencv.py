"""Finding and describing faces with OpenCV Zoo's YuNet and SFace, on one thread.

YuNet (`yunet_onnx`) finds faces from 10 pixels wide to about 300. So a picture is searched in
several sizes: whole, with a long side of COARSE pixels and of half that; and, if it is
larger, in tiles at its own size and at a third of it, up to SIDE_MAX pixels on its long
side. The smallest face that is searched for is 10 pixels wide at that size: 10 pixels in
pictures up to SIDE_MAX, a 400th of the long side in larger ones. SIDE_MAX also bounds the work.

Candidates with a middling score are searched again, enlarged or reduced to three ordinary
sizes: real faces keep their score, leaves and clouds lose it. A candidate whose score is
then still too low for a face is reported as a figure, a sign that somebody may be there.

A picture without a sure face is searched again, turned by quarters. Faces that the picture's
edge cuts are looked for by `edges_opencv`; they count as faces that the detector is least sure of.
`people_onnx` finds heads seen from behind.

An instance isn't safe to share between threads. The adapter that other modules use is in
`faces_opencv`, which imports this one at the first picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from volenti.adapters.sight.edges_opencv import cut_faces
from volenti.adapters.sight.sface_onnx import Sface
from volenti.adapters.sight.yunet_onnx import ROW, Rows, Yunet, merged, overlaps
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Detections, Face
from volenti.perception.sight.figure import Figure

#: Longest side, in pixels, at which a picture is searched.
SIDE_MAX = 4096

#: Pictures with a shorter long side are enlarged to this one first.
SIDE_MIN = 256

#: Long side at which the whole picture is searched; a face that fills it is found at half of that.
COARSE = 640

#: How much smaller each searched size is than the finer one before it. A face as wide as the tiles'
#: overlap at one size is 32 pixels wide at the next, which is enough to find it.
STEP = 3.0

#: Tiles have at most TILE pixels a side, which bounds the memory, and neighbours overlap by SHARED
#: pixels, so that a face up to that size lies whole in at least one tile.
TILE, SHARED = 1024, 96

#: Pixels of grey between cut-outs that are laid into one picture.
GAP = 16

#: Levels of 255 by which a tile must vary to be searched; clear sky and black bars don't.
CONTRAST_MIN = 6

#: The least scores of a face without a second search, of a face after it, and of a figure. Candidates
#: below LOOKED_AT_MIN aren't searched again.
SURE, SCORE_MIN, FIGURE_MIN, LOOKED_AT_MIN = 0.85, 0.5, 0.3, 0.3

#: Sizes of the face in the second search, in pixels, and how many times as wide the cut-out is.
LOOKS, AROUND = (48, 72, 96), 2.5

#: How many candidates are searched again; in a larger crowd the others keep their first score.
LOOKED_AT_MAX = 24

#: How many faces of one picture are kept at most, the surest first.
FACES_MAX = 200

Bgr = NDArray[np.uint8]


class Networks:
    """YuNet and SFace, loaded from verified files."""

    def __init__(self, detector: Path, recogniser: Path) -> None:
        cv2.setNumThreads(1)
        self._yunet = Yunet(detector)
        self._sface = Sface(recogniser)

    def detect(self, rgb: Rgb) -> Detections:
        """Faces of an upright (height, width, 3) uint8 picture, the largest first, and figures."""
        picture, scale = _enlarged(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        rows = self._candidates(picture)
        if not (rows[:, -1] >= SURE).any():
            # A head that lies on its side may pass for an upright one; the surer of the two is kept.
            rows = merged(np.concatenate([rows, self._lying(picture)]))
        rows = np.concatenate([rows, self._cut(picture, rows)])
        certain = rows[:, -1] >= SCORE_MIN
        faces = [self._face(picture, row, scale) for row in rows[certain][:FACES_MAX]]
        figures = [Figure(_box(row, scale), float(row[-1]), part="head") for row in rows[~certain]]
        return Detections(tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3])), tuple(figures))

    def _candidates(self, picture: Bgr) -> Rows:
        """Faces and figures of a picture, the surest first."""
        found, sized = [], picture
        for side in _sides(picture):
            # Each size is made from the one before, because reducing the whole each time costs more.
            sized = _sized(sized, side)
            found.append(_grown(self._fine(sized), sized, picture))
        found.append(_grown(self._coarse(sized), sized, picture))
        rows = merged(np.concatenate(found))
        doubtful = np.flatnonzero(rows[:, -1] < SURE)[:LOOKED_AT_MAX]
        for index, again in zip(doubtful, self._again(picture, rows[doubtful]), strict=True):
            rows[index, -1] = (rows[index, -1] + again) / 2
        rows = rows[rows[:, -1] >= FIGURE_MIN]
        return rows[np.argsort(-rows[:, -1], kind="stable")]

    def _coarse(self, picture: Bgr) -> Rows:
        """Faces in the whole picture, searched in two sizes."""
        whole = _sized(picture, COARSE)
        parts = (whole, _sized(whole, max(1, max(whole.shape) // 2)))
        found = [self._yunet.rows(part, LOOKED_AT_MIN) for part in parts]
        return np.concatenate([_grown(rows, part, picture) for rows, part in zip(found, parts, strict=True)])

    def _fine(self, sized: Bgr) -> Rows:
        """Small faces of a picture, searched for in tiles."""
        found: list[Rows] = [np.empty((0, ROW), np.float32)]
        for left, top, width, height in _tiles(sized):
            tile = sized[top : top + height, left : left + width]
            if int(tile.max()) - int(tile.min()) < CONTRAST_MIN:
                continue
            rows = self._yunet.rows(tile, LOOKED_AT_MIN)
            # The tile's edge may cut larger faces; they are found whole at a coarser size.
            rows = _inside(rows[rows[:, 2:4].max(axis=1) <= SHARED], tile, (0, 0))
            rows[:, [0, 4, 6, 8, 10, 12]] += left
            rows[:, [1, 5, 7, 9, 11, 13]] += top
            found.append(rows)
        return np.concatenate(found)

    def _again(self, picture: Bgr, rows: Rows) -> Iterator[float]:
        """For each row, the median of the scores at its place in the sizes of LOOKS."""
        for start in range(0, len(rows), 2):
            parts: list[tuple[Bgr, tuple[int, int]]] = []
            for line, row in enumerate(rows[start : start + 2]):
                left = 0
                for size in LOOKS:
                    cut = _cut_out(picture, row, size)
                    parts.append((cut, (left, line * (round(LOOKS[-1] * AROUND) + GAP))))
                    left += cut.shape[1] + GAP
            seen = self._yunet.rows(_laid(parts), 0.05)
            scores = [_score_at(seen, part, at) for part, at in parts]
            for first in range(0, len(scores), len(LOOKS)):
                yield sorted(scores[first : first + len(LOOKS)])[len(LOOKS) // 2]

    def _cut(self, picture: Bgr, known: Rows) -> Rows:
        """Faces that the picture's edge cuts; each with the score of a face that a person may deny."""
        whole = _sized(picture, COARSE)
        rows = _grown(cut_faces(self._yunet, whole, _grown(known, picture, whole)), whole, picture)
        rows[:, -1] = SCORE_MIN
        return rows

    def _lying(self, picture: Bgr) -> Rows:
        """Faces of a picture that shows them sideways or upside down; one size only."""
        found = [np.empty((0, ROW), np.float32)]
        for turns in (1, 2, 3):
            turned = _sized(np.ascontiguousarray(np.rot90(picture, turns)), COARSE)
            rows = merged(self._coarse(turned))[:LOOKED_AT_MAX]
            for row, again in zip(rows, self._again(turned, rows), strict=True):
                row[-1] = (row[-1] + again) / 2
            rows = _turned_back(rows[rows[:, -1] >= SCORE_MIN], turned, turns)
            found.append(_grown(rows, np.rot90(turned, -turns), picture))
        return np.concatenate(found)

    def _face(self, picture: Bgr, row: NDArray[np.float32], scale: float) -> Face:
        template = self._sface.template(picture, row[4:14].reshape(5, 2))
        landmarks = np.asarray(row[4:14].reshape(5, 2) / scale, np.float32)
        return Face(_box(row, scale), float(row[-1]), landmarks, template)


def _box(row: NDArray[np.float32], scale: float) -> tuple[float, float, float, float]:
    left, top, width, height = (float(value) / scale for value in row[:4])
    return left, top, width, height


def _enlarged(picture: Any) -> tuple[Bgr, float]:
    """The picture with a long side of at least SIDE_MIN, and the factor it was enlarged by."""
    scale = SIDE_MIN / max(picture.shape[:2])
    if scale <= 1:
        return picture, 1.0
    height, width = (max(1, round(length * scale)) for length in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), scale


def _sized(picture: Bgr, side: int) -> Bgr:
    """The picture with that long side, or as it is where it isn't longer."""
    factor = side / max(picture.shape[:2])
    if factor >= 1:
        return picture
    height, width = (max(1, round(length * factor)) for length in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _sides(picture: Bgr) -> list[int]:
    """The long sides of the finer looks, the finest first; none for a small picture."""
    side, sides = float(min(max(picture.shape[:2]), SIDE_MAX)), []
    while side > 1.25 * COARSE:
        sides.append(round(side))
        side /= STEP
    return sides


def _tiles(picture: Bgr) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of equal parts that cover the picture and share SHARED pixels or more."""
    height, width = picture.shape[:2]
    for top, down in _stretches(height):
        for left, across in _stretches(width):
            yield left, top, across, down


def _stretches(length: int) -> list[tuple[int, int]]:
    """Start and length of equal parts of a side."""
    count = max(1, -(-(length - SHARED) // (TILE - SHARED)))
    part = min(length, -(-(length - SHARED) // count) + SHARED)
    return [(round(n * (length - part) / max(1, count - 1)), part) for n in range(count)]


def _laid(parts: list[tuple[Bgr, tuple[int, int]]]) -> Bgr:
    """One grey picture with the parts on it, each at its (left, top)."""
    height = max(top + part.shape[0] for part, (_, top) in parts)
    width = max(left + part.shape[1] for part, (left, _) in parts)
    paper = np.full((height, width, 3), 128, np.uint8)
    for part, (left, top) in parts:
        paper[top : top + part.shape[0], left : left + part.shape[1]] = part
    return paper


def _inside(rows: Rows, part: Bgr, at: tuple[int, int]) -> Rows:
    """The rows whose middle lies in the part laid at (left, top), in that part's pixels."""
    rows = rows.copy()
    rows[:, [0, 4, 6, 8, 10, 12]] -= at[0]
    rows[:, [1, 5, 7, 9, 11, 13]] -= at[1]
    middle = rows[:, :2] + rows[:, 2:4] / 2
    within = (middle >= 0).all(axis=1) & (middle <= (part.shape[1], part.shape[0])).all(axis=1)
    return rows[within & (rows[:, 2:4] >= 1).all(axis=1)]


def _grown(rows: Rows, part: NDArray[np.uint8], picture: Bgr) -> Rows:
    """Rows in pixels of `part`, converted to pixels of `picture`, of which it is a resized copy."""
    rows = rows.copy()
    rows[:, :14:2] *= picture.shape[1] / part.shape[1]
    rows[:, 1:14:2] *= picture.shape[0] / part.shape[0]
    return rows


def _cut_out(picture: Bgr, row: NDArray[np.float32], size: int) -> Bgr:
    """A cut-out AROUND times as wide as the box, in which the face is `size` pixels wide.

    Where it reaches beyond the picture, the picture's edge is repeated.
    """
    side = max(float(row[2]), float(row[3]))
    out = round(size * AROUND)
    factor = size / side
    left, top = (float(row[k] + row[k + 2] / 2) - side * AROUND / 2 for k in (0, 1))
    if factor < 0.5:
        # The picture is first reduced by averaging: a warp alone would skip pixels.
        rows, columns = (slice(max(0, int(low)), int(low + side * AROUND) + 1) for low in (top, left))
        picture, left, top = picture[rows, columns], left - columns.start, top - rows.start
        small = _sized(picture, max(1, round(max(picture.shape[:2]) * factor)))
        ratio = small.shape[1] / picture.shape[1]
        picture, left, top, factor = small, left * ratio, top * ratio, factor / ratio
    move = np.array([[factor, 0, -left * factor], [0, factor, -top * factor]], np.float64)
    cut = cv2.warpAffine(picture, move, (out, out), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _score_at(rows: Rows, part: Bgr, at: tuple[int, int]) -> float:
    """The best score of a face in the middle of a cut-out."""
    rows = _inside(rows, part, at)
    side = part.shape[0] / AROUND
    place = np.array([part.shape[1] / 2 - side / 2, part.shape[0] / 2 - side / 2, side, side])
    scores = rows[overlaps(place, rows) > 0.2, -1]
    return float(scores.max(initial=0.0))


def _turned_back(rows: Rows, turned: Bgr, turns: int) -> Rows:
    """Rows found in a picture that was turned left by so many quarters, as they lie before turning."""
    points = np.concatenate([rows[:, None, :2], rows[:, None, :2] + rows[:, None, 2:4]], axis=1)
    points = np.concatenate([points, rows[:, 4:14].reshape(-1, 5, 2)], axis=1)
    height, width = turned.shape[:2]
    for _ in range(turns):
        points = np.stack([height - points[..., 1], points[..., 0]], axis=-1)
        height, width = width, height
    low, high = points[:, :2].min(axis=1), points[:, :2].max(axis=1)
    return np.concatenate([low, high - low, points[:, 2:].reshape(-1, 10), rows[:, 14:]], axis=1).astype(
        np.float32
    )
