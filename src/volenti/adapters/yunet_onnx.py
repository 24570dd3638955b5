"""YuNet at work: faces in one square of pixels, on onnxruntime, one thread.

The network (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023) reads
a square of 640 pixels and answers for each cell of three grids (8, 16 and 32 pixels wide)
how likely a face is there, its box and its five landmarks. Those answers become rows here;
rows that overlap a surer one are dropped.

Where a picture is larger than the square, or should be looked at in several sizes, is the
caller's business (`networks_opencv`). OpenCV's own wrapper of the same weights isn't used:
on the same pixels it takes more than twice the time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Side of the square that the network reads, in pixels.
SQUARE = 640

#: Overlap (intersection over union) from which on two boxes are the same face.
OVERLAP_MAX = 0.35

#: Length of a row: box (left, top, width, height), five landmarks (x, y), score.
ROW = 15

#: Rows of one square that are looked at, the surest first: a square full of noise stays cheap.
ROWS_MAX = 400

_STRIDES = (8, 16, 32)

#: (n, 15) float32.
Rows = NDArray[np.float32]


class Yunet:
    """The detector's network, loaded from a verified file."""

    def __init__(self, weights: Path) -> None:
        self._session = session(weights)
        self._input = str(self._session.get_inputs()[0].name)
        self._names = [f"{kind}_{stride}" for stride in _STRIDES for kind in ("cls", "obj", "bbox", "kps")]

    def rows(self, square: NDArray[np.uint8], score_min: float) -> Rows:
        """Faces of a (640, 640, 3) uint8 BGR square, the surest first, in its pixels."""
        blob = np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32)
        answers = self._session.run(self._names, {self._input: blob})
        found = []
        for index, stride in enumerate(_STRIDES):
            face, inside, box, points = (part[0] for part in answers[4 * index : 4 * index + 4])
            found.append(_rows(stride, face, inside, box, points, score_min))
        return merged(np.concatenate(found))


def session(weights: Path) -> Any:
    """An onnxruntime session of one thread."""
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Some of the files declare their constants as inputs; every one of them would be a warning.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _rows(
    stride: int,
    face: NDArray[np.float32],
    inside: NDArray[np.float32],
    box: NDArray[np.float32],
    points: NDArray[np.float32],
    score_min: float,
) -> Rows:
    """The cells of one grid that say "face". face, inside (n, 1); box (n, 4); points (n, 10)."""
    score = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(inside[:, 0], 0, 1))
    cells = np.flatnonzero(score >= score_min)
    row, column = np.divmod(cells, SQUARE // stride)
    corner = np.stack([column, row], axis=1).astype(np.float32)
    middle = (corner + box[cells, :2]) * stride
    size = np.exp(np.minimum(box[cells, 2:], 8.0)) * stride
    landmarks = (points[cells].reshape(-1, 5, 2) + corner[:, None]) * stride
    rows = [middle - size / 2, size, landmarks.reshape(-1, 10), score[cells, None]]
    return np.concatenate(rows, axis=1).astype(np.float32)


def merged(rows: Rows) -> Rows:
    """One row a face, the surest first: rows that overlap a surer one are dropped."""
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
