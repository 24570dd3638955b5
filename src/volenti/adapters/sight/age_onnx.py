"""Under-25 scores by a residual network for age from dlib's collection, on onnxruntime, one thread.

The network reads an aligned face of 64 x 64 pixels and answers with probabilities for the
years 0 to 80; their sum below YOUNG_YEARS is the under-25 score. The face is aligned as
dlib's five-point alignment with a fifth of padding does it, by the eyes, nose and mouth
that the face detector found.

Without the model file nobody's age is estimated: `available` is false, and `volenti doctor`
names the missing file. A damaged file is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from volenti.adapters.weights.folder import FromFolder, located
from volenti.perception.sight.age import YOUNG_YEARS
from volenti.perception.sight.weights import AGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from volenti.perception.files.pixels import Rgb
    from volenti.perception.sight.faces import Face

_SIDE = 64
_MEANS = np.array([122.782, 117.001, 104.298], np.float32)

#: Scale and shift that move SFace's places of the landmarks, in 112 x 112 pixels, to where dlib's
#: mean face with 0.2 padding has the eyes in 64 x 64.
_SCALE, _SHIFT = np.float32(0.682), np.array([-6.58, -15.97], np.float32)


class OnnxAges(FromFolder):
    """The `AgeEstimator` port; the network is loaded at the first face."""

    _session: Any = None

    @property
    def available(self) -> bool:
        """Whether the model file is in the folder."""
        return (self._folder / AGE.file).is_file()

    def under_25_scores(self, rgb: Rgb, faces: Sequence[Face]) -> list[float]:
        """How likely each face's estimate is below YOUNG_YEARS; all 0 without the model file."""
        if not faces or not self.available:
            return [0.0] * len(faces)
        if self._session is None:
            from volenti.adapters.sight.graph_onnx import read_graph, session

            self._session = session(read_graph(located(self._folder, AGE)))
        chips = np.stack([_chip(rgb, face) for face in faces]).astype(np.float32)
        blob = np.ascontiguousarray(((chips - _MEANS) / 256).transpose(0, 3, 1, 2))
        years: NDArray[np.float32] = self._session.run(None, {"images": blob})[0]
        return [min(1.0, float(each[:YOUNG_YEARS].sum())) for each in years]


def _chip(rgb: Rgb, face: Face) -> NDArray[np.uint8]:
    """The aligned (64, 64, 3) uint8 face."""
    import cv2

    from volenti.adapters.sight.sface_onnx import ALIGNED, similarity

    move = similarity(face.landmarks, ALIGNED * _SCALE + _SHIFT)
    ratio = float(np.hypot(move[0, 0], move[1, 0]))
    if ratio < 0.5:
        # The part that the chip shows is first reduced by averaging: a warp alone would skip pixels.
        corners = np.array([(0, 0), (_SIDE, 0), (0, _SIDE), (_SIDE, _SIDE)], np.float64)
        shown = (corners - move[:, 2]) @ np.linalg.inv(move[:, :2]).T
        left, top = np.clip(np.floor(shown.min(axis=0)), 0, (rgb.shape[1] - 1, rgb.shape[0] - 1)).astype(int)
        right, bottom = np.maximum(np.ceil(shown.max(axis=0)), (left, top)).astype(int) + 1
        move[:, 2] += move[:, :2] @ (left, top)
        rgb = rgb[top:bottom, left:right]
        height, width = (max(1, round(length * ratio)) for length in rgb.shape[:2])
        move[:, :2] *= np.array([rgb.shape[1] / width, rgb.shape[0] / height])
        rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.warpAffine(rgb, move, (_SIDE, _SIDE)), np.uint8)
