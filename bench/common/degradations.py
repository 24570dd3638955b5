"""Frames spoilt as a model's memory spoils them: blurred, noisy, shifted, recoloured, mirrored.

Each way takes (pictures, 64, 64, 3) uint8 and a numpy generator, and gives as many. The last does
all of it at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Frames = NDArray[np.uint8]
Way = Callable[[Frames, np.random.Generator], Frames]


def blurred(frames: Frames, _: np.random.Generator, pixels: float = 1.5) -> Frames:
    look = ImageFilter.GaussianBlur(pixels)
    return np.stack([np.asarray(Image.fromarray(each).filter(look)) for each in frames])


def noisy(frames: Frames, chance: np.random.Generator, levels: float = 20) -> Frames:
    return _clipped(frames + chance.normal(0, levels, frames.shape))


def shifted(frames: Frames, chance: np.random.Generator, pixels: int = 2) -> Frames:
    """Each by up to so many pixels either way."""
    padded = np.pad(frames, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)), mode="edge")
    side = frames.shape[1]
    starts = chance.integers(0, 2 * pixels + 1, (len(frames), 2))
    return np.stack(
        [each[t : t + side, left : left + side] for each, (t, left) in zip(padded, starts, strict=True)]
    )


def recoloured(frames: Frames, chance: np.random.Generator) -> Frames:
    contrast = chance.uniform(0.6, 1.3, (len(frames), 1, 1, 1))
    return _clipped((frames - 128.0) * contrast + 128 + chance.uniform(-40, 40, (len(frames), 1, 1, 3)))


def mirrored(frames: Frames, _: np.random.Generator) -> Frames:
    return np.ascontiguousarray(frames[:, :, ::-1])


def in_every_way(frames: Frames, chance: np.random.Generator) -> Frames:
    moved = shifted(mirrored(blurred(frames, chance, 1.0), chance), chance)
    return noisy(recoloured(moved, chance), chance, 10)


WAYS: dict[str, Way] = {
    "blurred": blurred,
    "noisy": noisy,
    "shifted": shifted,
    "recoloured": recoloured,
    "mirrored": mirrored,
    "all of it": in_every_way,
}


def _clipped(values: NDArray[np.floating]) -> Frames:
    return np.asarray(values.clip(0, 255).round(), np.uint8)
