"""Kept pictures: pixels and previews of files that were opened once, and so must open again."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TypeVar

from PIL import Image as Pillow

from volenti.core.errors import IntegrityError
from volenti.perception.files.picture import Limits
from volenti.perception.files.picture import pixels_of as read_pixels
from volenti.perception.files.picture import shown_as as read_shown
from volenti.perception.files.pixels import SHRINKING, Rgb
from volenti.perception.finding import Finding

T = TypeVar("T")
#: Long side of a preview in pixels; enough to recognise a face in review.
PREVIEW_SIDE = 192


def preview_of(data: bytes) -> bytes:
    """The preview of a file that opens."""
    return preview_of_pixels(pixels_of(data))


def small_of(data: bytes, side: int) -> bytes:
    """A JPEG of a file that opens, to be looked at: at most `side` pixels on its long side.

    A large JPEG is decoded at about the size needed, which takes a fraction of decoding all of it.
    """
    small = shown_as(data, 2 * side)
    small.thumbnail((side, side), SHRINKING)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82)
    return out.getvalue()


def pixels_of(data: bytes) -> Rgb:
    """The upright pixels of a file that was opened before; IntegrityError if it no longer opens."""
    return _opens(read_pixels(data))


def shown_as(data: bytes, side: int | None = None) -> Pillow.Image:
    """The same pixels, to be shown; side: how large the longer side need be at most, in pixels."""
    limits = Limits()
    if side is not None:
        limits = replace(limits, side_max=min(side, limits.side_max))
    return _opens(read_shown(data, limits))


def _opens(read: T | Finding) -> T:
    if isinstance(read, Finding):
        raise IntegrityError("A kept picture no longer opens.", "Run `volenti audit`.")
    return read


def preview_of_pixels(rgb: Rgb) -> bytes:
    """A small JPEG of upright pixels (height, width, 3)."""
    small = Pillow.fromarray(rgb)
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), SHRINKING)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82)
    return out.getvalue()
