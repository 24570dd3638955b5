"""A face detector that is told beforehand which faces are in which picture.

It implements the whole port for pictures that it was told of; in others it finds nothing, or what it is given
a function for. Tests of services use it, because it needs no model files and no time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from volenti.core.digest import sha256
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Detections, Face
from volenti.perception.sight.figure import Figure


class MemoryFaces:
    """The `FaceDetector` port over a table of picture digests."""

    def __init__(self, otherwise: Callable[[Rgb], Sequence[Face]] | None = None) -> None:
        """otherwise: says which faces are in a picture that it wasn't told of."""
        self._otherwise = otherwise
        self._known: dict[str, tuple[tuple[Face, ...], tuple[Figure, ...]]] = {}

    def tell(self, rgb: Rgb, faces: Sequence[Face], figures: Sequence[Figure] = ()) -> None:
        """Say which faces and figures `faces` and `detect` find in this picture from now on."""
        self._known[_digest(rgb)] = tuple(faces), tuple(figures)

    def tell_nothing_more(self) -> None:
        """Find nothing from now on in pictures that it wasn't told of."""
        self._otherwise = None

    def faces(self, rgb: Rgb) -> list[Face]:
        """The faces told of, the largest first."""
        return list(self.detect(rgb).faces)

    def detect(self, rgb: Rgb) -> Detections:
        """The same faces, and the figures told of."""
        known = self._known.get(_digest(rgb))
        if known is None:
            known = (tuple(self._otherwise(rgb)) if self._otherwise else (), ())
        faces, figures = known
        return Detections(tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3])), figures)


def _digest(rgb: Rgb) -> str:
    return sha256(repr(rgb.shape).encode() + rgb.tobytes())
