"""The face detector as the base's tools use it: one box for each picture, or none.

The weights are YuNet's, the same file the gate uses (src/volenti/clearance): it is looked for in
the folder `VOLENTI_MODELS` names, or in ~/.cache/volenti/models, and checked against its digest.
Only small pictures of one person come here, so there is no search over scales and no template.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.core.digest import sha256_file
from volenti.core.errors import MissingModelError

FILE = "face_detection_yunet_2023mar.onnx"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
SCORE_MIN, OVERLAP_MAX = 0.5, 0.3

#: Left, top, width, height in pixels of the picture given.
Box = tuple[float, float, float, float]


def weights() -> Path:
    """The detector's file; raises MissingModelError where it is absent or another file."""
    folder = Path(os.environ.get("VOLENTI_MODELS", Path.home() / ".cache/volenti/models"))
    path = folder / FILE
    if not path.exists() or sha256_file(path) != SHA256:
        raise MissingModelError(
            f"{FILE} isn't in {folder}, or isn't the file expected.",
            "Run `volenti models fetch`, or set VOLENTI_MODELS to the folder that has it.",
        )
    return path


@dataclass
class Detector:
    """Finds the largest face of a picture scaled to `side` by `side` pixels."""

    side: int
    _yunet: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cv2.setNumThreads(1)
        shape = (self.side, self.side)
        self._yunet = cv2.FaceDetectorYN.create(str(weights()), "", shape, SCORE_MIN, OVERLAP_MAX, 50)

    def largest(self, picture: Image.Image) -> Box | None:
        """The largest face's box in the pixels of `picture` (RGB, square), or None."""
        scaled = picture.resize((self.side, self.side), Image.Resampling.BICUBIC)
        found = self._yunet.detect(cv2.cvtColor(np.asarray(scaled), cv2.COLOR_RGB2BGR))[1]
        if found is None:
            return None
        box = max(found, key=lambda row: row[2] * row[3])[:4] * picture.width / self.side
        left, top, width, height = map(float, box)
        return left, top, width, height


def detection_rate(pictures: NDArray[np.uint8], side: int = 256) -> float:
    """Share of `pictures`, uint8 (count, size, size, 3), in which a face is found."""
    detector = Detector(side)
    return sum(detector.largest(Image.fromarray(one)) is not None for one in pictures) / len(pictures)
