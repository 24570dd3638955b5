"""Framing: cuts the square around a face that generators learn from, and resizes pictures.

The frame shows head and shoulders and is placed by the detector's face box. So the eyes
are always near the same rows, and the network needn't learn where faces are. A frame is a
function of one picture and one box, never of other pictures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Side of the frame, and how far its centre lies below the face's, in face heights.
SIDE, DROP = 1.5, 0.08


def middle(width: int, height: int) -> tuple[float, float, float, float]:
    """The box of a face whose frame is the middle square of a picture without one."""
    face = min(width, height) / SIDE
    return width / 2 - face / 2, height / 2 - face / 2 - DROP * face, face, face


def frame(image: Image.Image, face: tuple[float, float, float, float], size: int) -> NDArray[np.uint8]:
    """RGB pixels (size, size, 3) framed on `face` = (left, top, width, height) in pixels.

    Where the frame leaves the picture, the border is repeated: a studio background goes on.
    """
    left, top, width, height = face
    side = SIDE * height
    x0 = left + width / 2 - side / 2
    y0 = top + height / 2 + DROP * height - side / 2
    pixels = np.asarray(image.convert("RGB"))
    pad = [
        max(0, round(-y0)),
        max(0, round(y0 + side - image.height)),
        max(0, round(-x0)),
        max(0, round(x0 + side - image.width)),
    ]
    if any(pad):
        pixels = np.pad(pixels, ((pad[0], pad[1]), (pad[2], pad[3]), (0, 0)), mode="edge")
    x0, y0 = x0 + pad[2], y0 + pad[0]
    box = (
        max(0.0, x0),
        max(0.0, y0),
        min(float(pixels.shape[1]), x0 + side),
        min(float(pixels.shape[0]), y0 + side),
    )
    small = Image.fromarray(pixels).resize((size, size), Image.Resampling.LANCZOS, box=box)
    return np.asarray(small)


def at_size(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(height, width, 3 or 4) -> (side, side, ...), uint8, smoothly: Lanczos' filter adds no detail."""
    resized = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(resized, np.uint8)
