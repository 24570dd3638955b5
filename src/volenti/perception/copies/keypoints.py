"""Keypoints: places of a picture that can be found again in an edited copy, and the port that finds them.

A keypoint is a place, a size and a direction, with a descriptor of what the picture looks like
around it, as SIFT makes it (Lowe, "Distinctive Image Features from Scale-Invariant Keypoints",
IJCV 2004): 4 x 4 histograms of 8 directions each. Two things are done with descriptors here:

* `mirrored` gives those of the mirrored picture, without making that picture: mirroring swaps
  the rows of the histograms and turns their directions round.
* `codes` makes 256 bits of one, the signs of fixed projections, so that the angle between two
  descriptors shows in how many bits differ. The projections come from a text hashed with SHA-256:
  no picture of anybody was used to make them.

What keypoints prove isn't decided here (see `alignment`, `resemblance`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from volenti.perception.files.pixels import Rgb

#: Numbers in a descriptor: rows and columns of cells around the place, directions in each.
_ROWS, _COLUMNS, _DIRECTIONS = 4, 4, 8
DESCRIPTOR_LENGTH = _ROWS * _COLUMNS * _DIRECTIONS

#: 64-bit words in a code.
CODE_WORDS = 4

#: (n, 4) uint64, 256 bits for each keypoint.
Codes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """Keypoints of one picture, the best first.

    `places` is (n, 4) float32: x and y from the upper left corner and size, all as shares of the
    picture's long side, and direction in degrees clockwise. `descriptors` is (n, 128) uint8.
    """

    places: NDArray[np.float32]
    descriptors: NDArray[np.uint8]


class KeypointFinder(Protocol):
    """Finds the keypoints of a picture. Picklable: it works in worker processes."""

    def keypoints(self, rgb: Rgb, *, closely: bool = False) -> Keypoints:
        """The keypoints of an upright (height, width, 3) uint8 picture; none where it is plain.

        closely: find more of them, at more sizes. A work is looked at so, because it is registered once; then
        a copy's fewer keypoints have their partners in it.
        """
        ...


def mirrored(descriptors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the descriptors, (n, 128), would be in the mirrored picture."""
    cells = descriptors.reshape(-1, _ROWS, _COLUMNS, _DIRECTIONS)
    turned = -np.arange(_DIRECTIONS) % _DIRECTIONS
    return cells[:, ::-1, :, turned].reshape(-1, DESCRIPTOR_LENGTH)


def codes(descriptors: NDArray[np.uint8]) -> Codes:
    """256 bits for each of (n, 128) descriptors; those of like descriptors differ in few."""
    vectors = descriptors.astype(np.float32)
    # The square root keeps one strong edge from outweighing the rest (Arandjelovic and Zisserman,
    # "Three things everyone should know to improve object retrieval", CVPR 2012, section 3).
    vectors = np.sqrt(vectors / np.maximum(vectors.sum(axis=1, keepdims=True), 1))
    vectors -= vectors.mean(axis=1, keepdims=True)
    bits = np.packbits(vectors @ _PROJECTIONS.T > 0, axis=1)
    return np.ascontiguousarray(bits).view(np.uint64).reshape(-1, CODE_WORDS)


def _projections() -> NDArray[np.float32]:
    """(256, 128): two orthogonal frames, each a Hadamard matrix with signs drawn from a hash."""
    hadamard = np.ones((1, 1))
    while len(hadamard) < DESCRIPTOR_LENGTH:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    frames = []
    for name in (b"volenti keypoints 1", b"volenti keypoints 2"):
        drawn = np.unpackbits(np.frombuffer(hashlib.sha256(name).digest(), np.uint8)) * 2.0 - 1.0
        first, second = np.diag(drawn[:DESCRIPTOR_LENGTH]), np.diag(drawn[DESCRIPTOR_LENGTH:])
        frames.append(hadamard @ first @ hadamard @ second / DESCRIPTOR_LENGTH)
    return np.concatenate(frames).astype(np.float32)


_PROJECTIONS = _projections()
