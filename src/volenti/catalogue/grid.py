"""Grid: many works as one picture, labelled as made by a model as each work is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from volenti.catalogue.labelling import labelled_png

#: Width of the white gap between the pictures, in pixels.
GAP_PX = 2


def grid_png(pictures: Mapping[int, NDArray[np.uint8]], columns: int, prompt: str) -> bytes:
    """A labelled PNG with the pictures left to right, `columns` a row, each in the place of its number.

    pictures: (size, size, channels) each, by number; at least one. The place of a missing one stays white.
    """
    height, width, channels = next(iter(pictures.values())).shape
    rows = max(pictures) // columns + 1
    size = (rows * (height + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, channels)
    sheet = np.full(size, 255, np.uint8)
    for number, pixels in pictures.items():
        row, column = divmod(number, columns)
        top, left = row * (height + GAP_PX), column * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = pixels
    return labelled_png(sheet, prompt)
