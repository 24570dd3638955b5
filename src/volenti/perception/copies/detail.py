"""Detail: what is kept of a picture so that an edited copy of it can be recognised.

That is the places and codes of its keypoints (see `keypoints`), and the picture itself in greys, at most 128
pixels long, so that a suspicion can be checked against the picture. A work's detail takes 45 kB. People can
be recognised in such greys: whoever keeps a detail seals it like a picture.

Colour isn't kept.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.core.canonical import Json
from volenti.perception.copies.keypoints import CODE_WORDS, Codes, Keypoints, codes, mirrored
from volenti.perception.files.pixels import Rgb

#: Long side of the greys in pixels; smaller pictures are enlarged to it.
GREYS_SIDE = 128

#: Steps in which sizes are kept: eight to a doubling, from 1/4096 of the long side.
_SIZE_STEPS, _SIZE_LEAST = 8, 1 / 4096


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """Keypoints and greys of a picture.

    `places` is (n, 4) float32: x, y and size as shares of the long side, direction in degrees.
    `codes` and `reflected` are (n, 4) uint64, of the picture and of its mirror image; `reflected` is
    empty where it isn't known. `greys` is (height, width) uint8. `extent` is the picture's width and
    height as shares of its long side: the greys' are rounded.
    """

    places: NDArray[np.float32]
    codes: Codes
    reflected: Codes
    greys: NDArray[np.uint8]
    extent: tuple[float, float]

    def mirror(self) -> Detail:
        """The detail of the mirrored picture; needs `reflected`."""
        places = self.places.copy()
        places[:, 0] = self.extent[0] - places[:, 0]
        places[:, 3] = (180 - places[:, 3]) % 360
        greys = np.ascontiguousarray(self.greys[:, ::-1])
        return Detail(places, self.reflected, self.codes, greys, self.extent)

    def to_json(self) -> Json:
        """What is kept: places in 6 bytes each, codes and greys, all packed; `reflected` isn't kept."""
        size = np.log2(np.maximum(self.places[:, 2] / _SIZE_LEAST, 1)) * _SIZE_STEPS
        places = np.column_stack(
            [
                np.round(np.clip(self.places[:, :2], 0, 1) * 65535).astype("<u2").view(np.uint8),
                np.round(np.minimum(size, 255)).astype(np.uint8),
                (np.round(self.places[:, 3] / 360 * 256) % 256).astype(np.uint8),
            ]
        )
        height, width = self.greys.shape
        return {
            "places": _packed(places.tobytes()),
            "codes": _packed(self.codes.astype("<u8").tobytes()),
            "greys": _packed(zlib.compress(self.greys.tobytes(), 9)),
            "size": [height, width],
            "extent": list(self.extent),
        }

    @classmethod
    def from_json(cls, body: Json) -> Detail:
        """The inverse of `to_json`, to the precision kept; `reflected` is empty."""
        rows = np.frombuffer(base64.b64decode(body["places"]), np.uint8).reshape(-1, 6)
        corners = np.ascontiguousarray(rows[:, :4]).view("<u2").astype(np.float32) / 65535
        size = _SIZE_LEAST * 2 ** (rows[:, 4].astype(np.float32) / _SIZE_STEPS)
        places = np.column_stack([corners, size, rows[:, 5].astype(np.float32) * (360 / 256)])
        kept = np.frombuffer(base64.b64decode(body["codes"]), "<u8").astype(np.uint64)
        greys = np.frombuffer(zlib.decompress(base64.b64decode(body["greys"])), np.uint8)
        return cls(
            places.astype(np.float32),
            kept.reshape(-1, CODE_WORDS),
            np.empty((0, CODE_WORDS), np.uint64),
            greys.reshape(body["size"]),
            (float(body["extent"][0]), float(body["extent"][1])),
        )


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def detail(rgb: Rgb, keypoints: Keypoints) -> Detail:
    """The detail of an upright (height, width, 3) uint8 picture with these keypoints."""
    image = Image.fromarray(rgb).convert("L")
    factor = GREYS_SIDE / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    how = Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC
    greys = np.asarray(image.resize(size, how), np.uint8)
    reflected = codes(mirrored(keypoints.descriptors))
    extent = (image.width / max(image.size), image.height / max(image.size))
    return Detail(keypoints.places, codes(keypoints.descriptors), reflected, greys, extent)
