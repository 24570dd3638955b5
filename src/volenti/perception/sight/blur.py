"""Blur: how sharp a face is seen, whatever its size.

`python bench/blurred.py` prints how often people are recognised, by how sharp their faces are.
`clearance/policy.py` says where a policy's limit is.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from volenti.perception.files.pixels import Rgb

#: The side, in pixels, to which a face is made smaller before it is measured: finer than that, what is
#: measured in a blurred face is the noise of the file.
_SIDE = 24


def sharpness(rgb: Rgb, box: tuple[float, float, float, float]) -> float:
    """The variance of the second derivative of a face's greys, as a share of the variance of its greys.

    rgb: (height, width, 3) uint8. box: left, top, width and height of the face, in its pixels. Returns 0
    where all is of one grey or the box lies outside of the picture, and more the sharper the face is.
    """
    left, top, width, height = box
    edges = (max(0.0, left), max(0.0, top), min(rgb.shape[1], left + width), min(rgb.shape[0], top + height))
    if edges[2] <= edges[0] or edges[3] <= edges[1]:
        return 0.0
    whole = Image.fromarray(rgb).convert("L").convert("F")
    grey = np.asarray(whole.resize((_SIDE, _SIDE), Image.Resampling.BOX, box=edges), np.float32)
    second = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(second.var() / max(float(grey.var()), 1.0))
