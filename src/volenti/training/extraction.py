"""Extraction: how near does a model's drawing come to somebody's pictures?

Drawn with a person's own captions, a model that remembers gives their pictures back (Carlini et
al. 2023, arXiv:2301.13188). How near is near depends on the caption: a plain background is easily
met. So the same is tried for people whom the model never saw, each with their own captions and as
many drawings, and the answer is again a rank. It is membership inference by nearest neighbour as
well (Hilprecht et al. 2019): the drawings are all that it looks at.

Nearness is measured twice. In pixels: root mean square distance in grey levels to any of their
training frames or its mirror. By face: cosine of face templates. Both are plain; what counts is
the comparison with the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.training.membership import rank


@dataclass(frozen=True, slots=True)
class Nearest:
    """What came nearest to somebody, what usually comes nearest to people never seen, and the rank.

    The rank is the share of them to whom nothing came as near.
    """

    nearest: float
    usual: float
    rank: float

    def to_json(self) -> Json:
        return {"nearest": self.nearest, "usual": self.usual, "rank": self.rank}


def by_pixels(distance: float, unseen: Sequence[float]) -> Nearest:
    """Distances: the smaller, the nearer. Raises ValueError without anybody to compare with."""
    return Nearest(distance, median(unseen), rank(-distance, [-each for each in unseen]))


def by_face(cosine: float, unseen: Sequence[float]) -> Nearest:
    """Cosines: the larger, the nearer. Raises ValueError without anybody to compare with."""
    return Nearest(cosine, median(unseen), rank(cosine, unseen))


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
