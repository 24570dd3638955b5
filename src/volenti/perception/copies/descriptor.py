"""A sketch: a framed picture in 128 small numbers, so that a copy of it can be told.

For copies that a model draws of what it remembers: blurred, noisy, a little shifted, recoloured,
mirrored. A frame's light and shade, less its own surroundings, is reduced to 16 x 16 and taken to
the directions in which pictures differ from each other more than a copy does from its picture
(linear discriminant analysis, Fisher 1936; fitted by bench/sketch_basis.py on people who do not
exist). Two sketches are compared by the cosine. The picture that is looked at is tried shifted and
mirrored, so that what is kept of the others stays as small as it is.

For the small frames that generators learn from. Files of any size and their edits are
`fingerprint`'s business; neither can stand in for the other.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Numbers of a sketch: int8, so as many bytes.
LENGTH = 128

#: Side of a frame when it is sketched, and of what is left of it.
SIDE, SMALL = 64, 16

#: What is smoothed away as too fine, and what is taken off as too coarse, as standard deviations
#: in pixels of SIDE.
FINE, COARSE = 1.0, 6.0

#: Pixels of SIDE by up to which a picture that is looked at is tried shifted, either way and both.
SHIFT = 2

#: Sketches compared in one go.
_ROWS = 65_536

Frames = NDArray[np.uint8]


def copy_descriptors(frames: Frames) -> NDArray[np.int8]:
    """uint8 (pictures, size, size, 3) -> int8 (pictures, LENGTH)."""
    found = directions(greys(frames))
    largest = np.abs(found).max(axis=1, keepdims=True, initial=1e-9)
    return np.asarray(np.round(found / largest * 127), np.int8)


def looks(pixels: Frames) -> NDArray[np.float32]:
    """A picture (size, size, 3) as it is, shifted and mirrored: float32 (looks, LENGTH) of unit length."""
    grey = greys(pixels[None])[0]
    padded = np.pad(grey, SHIFT, mode="edge")
    starts = range(2 * SHIFT + 1)
    moved = [padded[top : top + SIDE, left : left + SIDE] for top in starts for left in starts]
    return directions(np.stack([*moved, *(each[:, ::-1] for each in moved)]))


def best(views: NDArray[np.float32], rows: NDArray[np.int8]) -> tuple[float, int]:
    """The highest cosine of any of `views` (`looks`) with any of (n, LENGTH) sketches, and whose it is.

    At least one sketch. Takes the memory of some of them at a time.
    """
    highest, which = -2.0, 0
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS].astype(np.float32)
        length = np.maximum(np.linalg.norm(some, axis=1), 1e-9)
        scores = (views @ some.T).max(axis=0) / length
        number = int(scores.argmax())
        if scores[number] > highest:
            highest, which = float(scores[number]), start + number
    return highest, which


def greys(frames: Frames) -> NDArray[np.float32]:
    """uint8 (pictures, size, size, 3) -> luminance, float32 (pictures, SIDE, SIDE)."""
    if frames.shape[1] != SIDE:
        frames = np.stack(
            [np.asarray(Image.fromarray(each).resize((SIDE, SIDE), Image.Resampling.BOX)) for each in frames]
        )
    return np.asarray(frames.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def features(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(pictures, SIDE, SIDE) -> what is neither too fine nor too coarse, (pictures, SMALL * SMALL)."""
    fine, coarse = _reducing(FINE), _reducing(COARSE)
    found = fine @ grey @ fine.T - coarse @ grey @ coarse.T
    return np.asarray(found.reshape(len(grey), -1), np.float32)


def directions(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(pictures, SIDE, SIDE) -> (pictures, LENGTH) of unit length; of a picture of one shade, zero."""
    mean, transform = _basis()
    seen = features(grey)
    found = (seen - mean) @ transform.T
    length = np.linalg.norm(found, axis=1, keepdims=True)
    plain = np.abs(seen).max(axis=1, keepdims=True, initial=0.0) < 1e-3
    return np.asarray(np.where(plain, 0, found / np.maximum(length, 1e-9)), np.float32)


@cache
def _reducing(deviation: float) -> NDArray[np.float32]:
    """(SMALL, SIDE): smooths a row of pixels, the border repeated, and averages it in blocks."""
    reach = round(3 * deviation) + 1
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * deviation**2))
    smoothing = np.zeros((SIDE, SIDE))
    for row in range(SIDE):
        columns = np.clip(np.arange(row - reach, row + reach + 1), 0, SIDE - 1)
        np.add.at(smoothing[row], columns, weights / weights.sum())
    return np.asarray(smoothing.reshape(SMALL, SIDE // SMALL, SIDE).mean(axis=1), np.float32)


@cache
def _basis() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean (SMALL * SMALL,) of features and the directions (LENGTH, SMALL * SMALL)."""
    source = files("volenti.perception.copies") / "sketch_basis.npz"
    with source.open("rb") as file, np.load(file) as kept:
        return kept["mean"].astype(np.float32), kept["transform"].astype(np.float32)
