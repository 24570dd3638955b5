"""A copy descriptor: a framed picture in 128 small numbers, by which copies of it are told.

It is for copies that a generator makes of pictures that it memorised: blurred, noisy, a little shifted,
recoloured, mirrored. A frame's light and shade, less a blur of itself, is reduced to 16 x 16 numbers, which
are projected on the directions in which pictures differ from each other more than a copy does from its
picture (linear discriminant analysis, Fisher 1936; fitted by bench/sketch_basis.py on people who do not
exist). Two descriptors are compared by the cosine. The picture that is looked at is tried shifted and
mirrored, so that only one descriptor has to be kept of each of the others.

It works on the small frames that generators learn from. For files of any size, and their edits, there is
`fingerprint`; neither replaces the other.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Numbers in a copy descriptor: int8, so as many bytes.
LENGTH = 128

#: Side of a frame when its descriptor is made, and side of what it is reduced to.
SIDE, SMALL = 64, 16

#: The blur that removes what is too fine, and the one that is subtracted as too coarse: standard deviations
#: in pixels of SIDE.
FINE, COARSE = 1.0, 6.0

#: Pixels of SIDE by up to which a picture that is looked at is tried shifted, in each direction.
SHIFT = 2

#: Descriptors compared in one go.
_ROWS = 65_536

Frames = NDArray[np.uint8]


def copy_descriptors(frames: Frames) -> NDArray[np.int8]:
    """The copy descriptors of frames: uint8 (pictures, size, size, 3) -> int8 (pictures, LENGTH)."""
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
    """The highest cosine of any of `views` (`looks`) with any descriptor, and the number of its row.

    rows: (n, LENGTH) descriptors, at least one. Takes memory for some of them at a time.
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
    """The luminance of frames: uint8 (pictures, size, size, 3) -> float32 (pictures, SIDE, SIDE)."""
    if frames.shape[1] != SIDE:
        frames = np.stack(
            [np.asarray(Image.fromarray(each).resize((SIDE, SIDE), Image.Resampling.BOX)) for each in frames]
        )
    return np.asarray(frames.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def features(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is neither too fine nor too coarse: (pictures, SIDE, SIDE) -> (pictures, SMALL * SMALL)."""
    fine, coarse = _reducing(FINE), _reducing(COARSE)
    found = fine @ grey @ fine.T - coarse @ grey @ coarse.T
    return np.asarray(found.reshape(len(grey), -1), np.float32)


def directions(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Descriptors before they are rounded: (pictures, SIDE, SIDE) -> (pictures, LENGTH) of unit length.

    That of a picture of one shade is zero.
    """
    mean, transform = _basis()
    seen = features(grey)
    found = (seen - mean) @ transform.T
    length = np.linalg.norm(found, axis=1, keepdims=True)
    plain = np.abs(seen).max(axis=1, keepdims=True, initial=0.0) < 1e-3
    return np.asarray(np.where(plain, 0, found / np.maximum(length, 1e-9)), np.float32)


@cache
def _reducing(deviation: float) -> NDArray[np.float32]:
    """A matrix (SMALL, SIDE) that smooths a row of pixels, its border repeated, and averages it in blocks."""
    reach = round(3 * deviation) + 1
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * deviation**2))
    smoothing = np.zeros((SIDE, SIDE))
    for row in range(SIDE):
        columns = np.clip(np.arange(row - reach, row + reach + 1), 0, SIDE - 1)
        np.add.at(smoothing[row], columns, weights / weights.sum())
    return np.asarray(smoothing.reshape(SMALL, SIDE // SMALL, SIDE).mean(axis=1), np.float32)


@cache
def _basis() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean (SMALL * SMALL,) of features, and the directions (LENGTH, SMALL * SMALL)."""
    source = files("volenti.perception.copies") / "sketch_basis.npz"
    with source.open("rb") as file, np.load(file) as kept:
        return kept["mean"].astype(np.float32), kept["transform"].astype(np.float32)
