"""Faces by OpenCV Zoo's networks, as they are wired and sent to workers: a folder of weights.

The networks are in `networks_opencv`, imported at the first picture: most commands look at
none, and a workspace opens without OpenCV installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.adapters.weights_fetch import located
from volenti.clearance.faces import Face, Rgb, Sighting
from volenti.clearance.weights import DETECTOR, RECOGNISER

if TYPE_CHECKING:
    from volenti.adapters.networks_opencv import Networks


class OpencvFaces:
    """The `FaceDetector` port over YuNet and SFace; models are loaded at the first picture."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._networks: Networks | None = None

    def __getstate__(self) -> Path:
        # A worker gets the folder and loads its own models: OpenCV's can't be pickled.
        return self._folder

    def __setstate__(self, folder: Path) -> None:
        self.__init__(folder)  # type: ignore[misc]

    def faces(self, rgb: Rgb) -> list[Face]:
        """All faces of an upright (height, width, 3) uint8 picture, the largest first."""
        return list(self.sight(rgb).faces)

    def sight(self, rgb: Rgb) -> Sighting:
        """The same faces, and as figures what is too weak to be one."""
        if self._networks is None:
            detector, recogniser = located(self._folder, DETECTOR), located(self._folder, RECOGNISER)
            from volenti.adapters.networks_opencv import Networks

            self._networks = Networks(detector, recogniser)
        return self._networks.sight(rgb)
