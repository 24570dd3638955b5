"""A fingerprint: what is kept of a picture so that a copy of it can be told.

For copies that were only saved again or resized it holds about a kilobyte: a 64-bit perceptual hash
(ImageHash's pHash) and the picture itself in 32 x 32 greys. The hash proposes and the greys decide, because
different pictures of the same composition (studio portraits above all) share hashes. For edited copies, where
keypoints are looked for, it holds a `Detail` as well.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.perception.copies.detail import Detail, detail
from volenti.perception.copies.keypoints import KeypointFinder
from volenti.perception.files.pixels import Rgb

#: Side of the small grey picture that is kept.
SIDE = 32

#: Pixels of the short side down to which a picture is reduced before it is looked at: for the hash and the
#: greys that makes no difference, and the resizing takes less time.
_REDUCED_MIN = 128

#: Standard deviation of the greys, in levels of 255, below which a picture is of one shade.
PLAIN_MAX = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """pHash bits as a number, (32, 32) uint8 greys, width over height; `detail` where it was looked for."""

    hash: int
    greys: NDArray[np.uint8]
    aspect: float
    detail: Detail | None = None

    @property
    def digest(self) -> str:
        """A name for the fingerprint: equal pictures have equal names, with detail or without."""
        return sha256(self.hash.to_bytes(8) + self.greys.tobytes() + np.float64(self.aspect).tobytes())

    @property
    def shade(self) -> float | None:
        """The grey, 0 to 255, of a picture that shows nothing else; None of any other."""
        return float(self.greys.mean()) if float(self.greys.std()) < PLAIN_MAX else None

    def to_json(self) -> Json:
        """Everything but the detail, which is kept apart."""
        return {
            "hash": f"{self.hash:016x}",
            "greys": base64.b64encode(self.greys.tobytes()).decode(),
            "aspect": self.aspect,
        }

    @classmethod
    def from_json(cls, body: Json, detail: Detail | None = None) -> Fingerprint:
        """The fingerprint that `to_json` wrote, with the detail that is kept apart from it."""
        greys = np.frombuffer(base64.b64decode(body["greys"]), np.uint8).reshape(SIDE, SIDE)
        return cls(int(body["hash"], 16), greys, float(body["aspect"]), detail)


def fingerprint(rgb: Rgb, finder: KeypointFinder | None = None, *, closely: bool = False) -> Fingerprint:
    """The fingerprint of an upright (height, width, 3) uint8 picture; with detail if there is a finder.

    closely: look for more keypoints, as in a work when it is registered.
    """
    height, width = rgb.shape[:2]
    image = Image.fromarray(rgb).convert("L")
    image = image.reduce(max(1, min(image.size) // _REDUCED_MIN))
    bits = imagehash.phash(image).hash.ravel()
    number = int("".join("1" if bit else "0" for bit in bits), 2)
    greys = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.uint8)
    found = None if finder is None else detail(rgb, finder.keypoints(rgb, closely=closely))
    return Fingerprint(number, greys, width / height, found)
