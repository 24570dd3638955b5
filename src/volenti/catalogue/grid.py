"""Grid: many works as one picture, labelled as made by a model as each work is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from volenti.catalogue.labelling import labelled_png

if TYPE_CHECKING:
    from volenti.catalogue.generation_result import GeneratedImage

#: Width of the white gap between the pictures, in pixels.
GAP_PX = 2


def grid_png(drawn: Sequence[GeneratedImage], columns: int) -> bytes:
    """A labelled PNG with the works left to right, `columns` a row, each in the place of its number.

    drawn: at least one work. The place of a missing one stays white.
    """
    height, width, channels = drawn[0].pixels.shape
    rows = max(each.number for each in drawn) // columns + 1
    size = (rows * (height + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, channels)
    sheet = np.full(size, 255, np.uint8)
    for each in drawn:
        row, column = divmod(each.number, columns)
        top, left = row * (height + GAP_PX), column * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = each.pixels
    prompts = dict.fromkeys(each.work.prompt for each in drawn)
    return labelled_png(sheet, "; ".join(prompts))
