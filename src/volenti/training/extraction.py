"""Extraction: how near does a model's drawing come to somebody's pictures?

Drawn with a person's own captions, a model that remembers gives their pictures back (Carlini et
al. 2023, arXiv:2301.13188). How near is near depends on the caption: a plain background is easily
met. So the same is tried for people whom the model never saw, each with their own captions and as
many drawings, and for people it did learn from (`training.attacks`). It is membership inference by
nearest neighbour as well (Hilprecht et al. 2019): the drawings are all that it looks at.

Nearness is measured twice. In pixels: root mean square distance in grey levels to any of their
training frames or its mirror. By face: cosine of face templates. Both are plain; what counts is
the comparison with the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def nearest_pixels(drawn: NDArray[np.uint8], frames: NDArray[np.uint8]) -> float:
    """The smallest distance of any drawing, uint8 (n, size, size, 3), to any frame (m, size, size, 3).

    In grey levels: 0 is the very picture, 255 black against white.
    """
    shown = drawn.astype(np.float32)
    both = np.concatenate([frames, frames[:, :, ::-1]]).astype(np.float32)
    return min(float(np.sqrt(((shown - each) ** 2).mean((1, 2, 3)).min())) for each in both)


def nearest_face(drawn: Sequence[NDArray[np.float32]], known: Sequence[NDArray[np.float32]]) -> float:
    """The largest cosine of any drawn face's template to any of a person's; -1 where no face was drawn."""
    return max((float(one @ other) for one in drawn for other in known), default=-1.0)
