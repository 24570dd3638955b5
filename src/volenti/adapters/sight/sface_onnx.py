"""Face templates by SFace, of faces that were found, on onnxruntime, one thread.

The network reads an upright face whose landmarks are in the places of ALIGNED. The caller
(`networks_opencv`) finds the face in the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from volenti.adapters.sight.graph_onnx import read_graph, session
from volenti.perception.sight.faces import unit

#: Where the landmarks of a face lie in the 112 x 112 picture that SFace reads.
ALIGNED = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    np.float32,
)


class Sface:
    """The recogniser's network, loaded from a verified file."""

    def __init__(self, weights: Path) -> None:
        self._session: Any = session(read_graph(weights))

    def template(self, picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """The template of a face in a uint8 BGR picture (height, width, 3); landmarks: (5, 2), in pixels."""
        aligned = cv2.warpAffine(picture, similarity(landmarks, ALIGNED), (112, 112))
        blob = np.ascontiguousarray(aligned[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        return unit(np.asarray(self._session.run(None, {"data": blob})[0][0], np.float32))


def similarity(points: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float64]:
    """The (2, 3) rotation, scaling and shift that best moves (n, 2) points to `places` (Umeyama 1991)."""
    source, target = np.asarray(points, np.float64), np.asarray(places, np.float64)
    from_middle, to_middle = source.mean(axis=0), target.mean(axis=0)
    source, target = source - from_middle, target - to_middle
    left, stretch, right = np.linalg.svd(target.T @ source / len(source))
    mirror = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(mirror) @ right
    scale = (stretch * mirror).sum() / max(source.var(axis=0).sum(), 1e-12)
    move = np.empty((2, 3))
    move[:, :2] = scale * rotation
    move[:, 2] = to_middle - scale * rotation @ from_middle
    return move
