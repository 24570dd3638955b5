"""A face in a picture, and the port that finds faces and makes their templates.

A face template is biometric data of the person it was made from. What this module describes is in memory
while a picture is judged. Only the vault keeps it anywhere, and only under a release that grants biometric
templates.

Deliberately absent: sex, emotion and any other guess about a person. How young a face
looks is estimated as a reason to look (`age`), never as an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.figure import Figure, scaled

#: Length of a face template.
TEMPLATE_LENGTH = 128

#: (128,) float32 of unit length.
Template = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in a picture.

    `box` is (left, top, width, height) and `landmarks` (5, 2) the points right eye, left
    eye, nose tip, right and left corner of the mouth, as seen from the person, all in
    pixels of the upright picture that was looked at. `score` is the detector's, 0 to 1.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32]
    template: Template
    #: Which of a file's pictures it is in.
    frame: int = 0
    #: How likely an estimate says "under 25", 0 to 1; 0 where none was made.
    under_25_score: float = 0.0

    @property
    def turn(self) -> float:
        """How far the nose is from the eyes' middle, along their line, as a share of their distance."""
        right, left, nose = (np.asarray(point, np.float64) for point in self.landmarks[:3])
        line = left - right
        return abs(float((nose - right) @ line) / max(float(line @ line), 1e-9) - 0.5)

    def scaled(self, factor: float) -> Face:
        """The face in the same picture with sides of so many times the pixels."""
        return replace(self, box=scaled(self.box, factor), landmarks=np.float32(factor) * self.landmarks)


@dataclass(frozen=True, slots=True)
class Detections:
    """What one look at a picture found: faces, the largest first, and what may be a face."""

    faces: tuple[Face, ...]
    figures: tuple[Figure, ...] = ()


class FaceDetector(Protocol):
    """Finds, aligns and describes every face of a picture."""

    def detect(self, rgb: Rgb) -> Detections:
        """All faces in an upright (height, width, 3) uint8 picture, and what is too weak to be one.

        Boxes of both are in pixels of `rgb`. Raises as `faces` does.
        """
        ...

    def faces(self, rgb: Rgb) -> list[Face]:
        """All faces in an upright (height, width, 3) uint8 picture, the largest first.

        Raises MissingModelError where the model files aren't there or aren't the right ones.
        """
        ...


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vectors (..., n) scaled to length 1 along the last axis; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)
