"""Faces by YuNet, in a picture as it is, on onnxruntime, one thread.

The network (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023) was
published for squares of 640 pixels, but is convolutional: with its input's sides left open
it reads any picture, and the time it takes grows with the pixels. It answers for each cell of
three grids (8, 16 and 32 pixels wide) how likely a face is there, its box and its five
landmarks. `Yunet` turns the answers into rows, and drops rows that overlap a surer one.

The caller (`networks_opencv`) decides which part of a picture to search, and in what size.
OpenCV's own wrapper of the same weights isn't used, because it takes more than twice the
time for the same pixels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volenti.adapters.sight.graph_onnx import for_any_size, read_graph, session

#: The sides of the network's input are multiples of this; the rest of the input is grey.
CELL = 32

_GREY = 128

#: Two boxes that overlap more (intersection over union) are the same face.
OVERLAP_MAX = 0.35

#: Length of a row: box (left, top, width, height), five landmarks (x, y), score.
ROW = 15

#: How many rows of one picture are kept, the surest first, so that a picture full of noise stays cheap.
ROWS_MAX = 400

_STRIDES = (8, 16, 32)

#: (n, 15) float32.
Rows = NDArray[np.float32]


class Yunet:
    """The detector's network, loaded from a verified file."""

    def __init__(self, weights: Path) -> None:
        self._session = session(for_any_size(read_graph(weights)))
        self._input = str(self._session.get_inputs()[0].name)
        self._names = [f"{kind}_{stride}" for stride in _STRIDES for kind in ("cls", "obj", "bbox", "kps")]

    def rows(self, picture: NDArray[np.uint8], score_min: float) -> Rows:
        """Faces of a (height, width, 3) uint8 BGR picture, the surest first, in its pixels."""
        height, width = (-(-length // CELL) * CELL for length in picture.shape[:2])
        blob = np.full((1, 3, height, width), _GREY, np.float32)
        blob[0, :, : picture.shape[0], : picture.shape[1]] = picture.transpose(2, 0, 1)
        answers = self._session.run(self._names, {self._input: blob})
        found = []
        for index, stride in enumerate(_STRIDES):
            face, inside, box, points = (part[0] for part in answers[4 * index : 4 * index + 4])
            found.append(_rows(stride, width // stride, face, inside, box, points, score_min))
        return merged(np.concatenate(found))


def _rows(
    stride: int,
    columns: int,
    face: NDArray[np.float32],
    inside: NDArray[np.float32],
    box: NDArray[np.float32],
    points: NDArray[np.float32],
    score_min: float,
) -> Rows:
    """Rows of the cells of one grid that found a face. face, inside (n, 1); box (n, 4); points (n, 10)."""
    score = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(inside[:, 0], 0, 1))
    cells = np.flatnonzero(score >= score_min)
    row, column = np.divmod(cells, columns)
    corner = np.stack([column, row], axis=1).astype(np.float32)
    middle = (corner + box[cells, :2]) * stride
    size = np.exp(np.minimum(box[cells, 2:], 8.0)) * stride
    landmarks = (points[cells].reshape(-1, 5, 2) + corner[:, None]) * stride
    rows = [middle - size / 2, size, landmarks.reshape(-1, 10), score[cells, None]]
    return np.concatenate(rows, axis=1).astype(np.float32)


def merged(rows: Rows) -> Rows:
    """One row per face, the surest first: rows that overlap a surer one are dropped."""
    rows = rows[np.argsort(-rows[:, -1], kind="stable")][:ROWS_MAX]
    kept: list[int] = []
    alive = np.ones(len(rows), bool)
    for index in range(len(rows)):
        if alive[index]:
            kept.append(index)
            alive &= overlaps(rows[index], rows) <= OVERLAP_MAX
    return rows[kept]


def overlaps(one: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Intersection over union of a (left, top, width, height, ...) row with each of (n, ...) others."""
    one, others = np.asarray(one, np.float64), np.asarray(others, np.float64)
    corner = np.maximum(one[:2], others[:, :2])
    end = np.minimum(one[:2] + one[2:4], others[:, :2] + others[:, 2:4])
    shared = np.prod(np.maximum(end - corner, 0), axis=1)
    whole = one[2] * one[3] + others[:, 2] * others[:, 3] - shared
    return np.asarray(shared / np.maximum(whole, 1e-9), np.float64)
