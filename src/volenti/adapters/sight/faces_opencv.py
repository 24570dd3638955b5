"""Faces by OpenCV Zoo's networks; what is wired and sent to workers is only the folder of weights.

The networks are in `networks_opencv`, which is imported at the first picture: most commands
need none, and a workspace opens without OpenCV installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.adapters.weights.folder import FromFolder, located
from volenti.perception.sight.weights import DETECTOR, RECOGNISER

if TYPE_CHECKING:
    from volenti.adapters.sight.networks_opencv import Networks
    from volenti.perception.files.pixels import Rgb
    from volenti.perception.sight.faces import Detections, Face


class OpencvFaces(FromFolder):
    """The `FaceDetector` port over YuNet and SFace; models are loaded at the first picture."""

    _networks: Networks | None = None

    def faces(self, rgb: Rgb) -> list[Face]:
        """All faces of an upright (height, width, 3) uint8 picture, the largest first."""
        return list(self.detect(rgb).faces)

    def detect(self, rgb: Rgb) -> Detections:
        """The same faces, and as figures what scores too low to be a face."""
        if self._networks is None:
            detector, recogniser = located(self._folder, DETECTOR), located(self._folder, RECOGNISER)
            from volenti.adapters.sight.networks_opencv import Networks

            self._networks = Networks(detector, recogniser)
        return self._networks.detect(rgb)
