"""Extraction: how near do a model's drawings come to somebody's pictures?

A model that memorised pictures reproduces them when it draws with their captions (Carlini et al. 2023,
arXiv:2301.13188). Which distance counts as near depends on the caption, because a plain background is easily
reproduced. So the same is done for people whom the model never saw, each with their own captions and as many
drawings, and for people it did learn from (`training.attacks`). This is also membership inference by nearest
neighbour (Hilprecht et al. 2019), which looks at drawings alone.

Nearness is measured in two ways. In pixels: the root mean square distance in grey levels to any of the
person's training frames or its mirror image. By face: the cosine of face templates. A value means something
only beside those of other people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def nearest_pixels(drawn: NDArray[np.uint8], frames: NDArray[np.uint8]) -> float:
    """The smallest distance of any drawing, uint8 (n, size, size, 3), to any frame (m, size, size, 3).

    In grey levels: 0 is the same picture, 255 is black against white.
    """
    shown = drawn.astype(np.float32)
    both = np.concatenate([frames, frames[:, :, ::-1]]).astype(np.float32)
    return min(float(np.sqrt(((shown - each) ** 2).mean((1, 2, 3)).min())) for each in both)


def nearest_face(drawn: Sequence[NDArray[np.float32]], known: Sequence[NDArray[np.float32]]) -> float:
    """The largest cosine of any drawn face's template to any of a person's; -1 where no face was drawn."""
    return max((float(one @ other) for one in drawn for other in known), default=-1.0)
