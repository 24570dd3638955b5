"""The further pictures of a file: an animation's frames, a document's pages.

Each is opened as `picture` opens the first: upright, sRGB, scaled down. They come one at a time, so that no
more than one is in memory, and end early where the rest would cost too much. So the caller counts them, and
says how many weren't looked at.

A picture that repeats an earlier one, as pauses in animations do, is passed over.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.core.digest import sha256
from volenti.perception.files.formats import FORMATS
from volenti.perception.files.picture import Limits, Picture, excess_of, guarded, upright_of
from volenti.perception.finding import Finding


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One of a file's pictures: its number, from 0, and its (height, width, 3) uint8 pixels.

    `rgb` is None where the picture repeats an earlier one.
    """

    number: int
    rgb: NDArray[np.uint8] | None


def further_frames(data: bytes, picture: Picture, limits: Limits | None = None) -> Iterator[Frame]:
    """The pictures after the first, as far as the limits allow.

    data: the file that `picture` was opened from. Ends, without an error, before a picture
    that is damaged or costs too much.
    """
    limits = limits or Limits()
    last = min(picture.frames, limits.frames_max) - 1
    if last < 1:
        return
    image = guarded(data, lambda: Image.open(io.BytesIO(data), formats=FORMATS))
    if isinstance(image, Finding):
        return
    seen = {_digest(picture.rgb)}
    spent = 0
    for number in range(1, last + 1):
        left = limits.frame_pixels_max - spent
        rgb = guarded(data, partial(_pixels_of, image, number, picture, data, limits, left))
        if isinstance(rgb, Finding):
            return
        spent += image.width * image.height
        digest = _digest(rgb)
        yield Frame(number, None if digest in seen else rgb)
        seen.add(digest)


def _pixels_of(
    image: Image.Image, number: int, first: Picture, data: bytes, limits: Limits, pixels_left: int
) -> NDArray[np.uint8]:
    """The pixels of picture `number`; ValueError, before it is decoded, where it is beyond the limits."""
    image.seek(number)
    if excess_of(image, data, limits) or image.width * image.height > pixels_left:
        raise ValueError("A later picture is beyond the limits.")
    return np.array(upright_of(image, first.metadata.orientation, limits.side_max))


def _digest(rgb: NDArray[np.uint8]) -> str:
    return sha256(repr(rgb.shape).encode() + rgb.tobytes())
