"""Redaction: a stranger's head made unrecognisable, for good, everything else untouched.

The whole head region is filled with one colour, taken from the pixels around it. Mosaic and blur aren't used:
both are functions of the face, and published attacks recognise people through them with the help of other
photographs. A fill depends on nothing inside the region, which a test can check.

Somebody who stays may stand close by: where a stranger's head region reaches into the box of their face, that
part is left as it is, unless the stranger's own face lies there. Where it lies over more than the edge of the
other's box, the picture can't be redacted.

The copy is encoded anew, upright and without metadata: an embedded thumbnail or an editor's earlier version
would show the face again. The detector looks at it before anybody gets it; where it finds a face in a
redacted region, the region grows and is filled again.

Deliberately absent: replacing the face by a made-up one, which would claim that somebody
was there; redacting bodies, clothes or names; several frames.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.core.errors import RefusedError
from volenti.perception.files.picture import Decoded, Limits, Picture, decode, guarded, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding
from volenti.perception.sight.faces import FaceDetector

#: (left, top, width, height) in pixels of the upright picture that is judged.
Box = tuple[float, float, float, float]

#: How far a head reaches beyond the box of its face, in shares of the box: to each side (hair,
#: ears, and the back of the head of a half-turned one), upwards (hair) and downwards (chin, beard).
SIDEWAYS, UPWARDS, DOWNWARDS = 0.5, 0.6, 0.35

#: Regions end on multiples of this, so that no block of a JPEG has pixels from inside and from outside.
BLOCK = 16

#: Width of the band around a region that its colour is taken from, in pixels.
BAND = 8

#: The share of a box at each side that may be filled in the face of somebody who stays.
EDGE = 0.15

#: How often a region grows while a face is still found in it, and by what share of the box.
TRIES, GROWTH = 4, 0.25

#: Quality of the copy of a JPEG; pictures in other formats are saved without loss.
QUALITY = 95


class RedactionError(RefusedError):
    """The strangers can't be redacted without touching somebody else, or not at all."""

    code = "redaction"


def redact(rgb: Rgb, boxes: Sequence[Box]) -> Rgb:
    """A copy of a (height, width, 3) uint8 picture with the head of each face box filled.

    boxes: of faces, in pixels of `rgb`. What lies outside every head region is the same.
    """
    return _filled(rgb, [_masked(_head(box, rgb.shape, 0.0), box, (), rgb.shape) for box in boxes])


def redacted(data: bytes, boxes: Sequence[Box], detector: FaceDetector, keep: Sequence[Box] = ()) -> bytes:
    """The picture in `data` encoded anew with the heads of the face boxes filled.

    boxes, keep: faces to redact and faces to leave alone, in pixels of the picture that is
    judged (`perception.pixels_of`). The copy is a JPEG where the original is one, otherwise a
    PNG. Raises RedactionError where a face to redact lies over one of `keep`, the detector goes on
    finding a face in a region, or the file holds several pictures or doesn't open.
    """
    limits = Limits()
    decoded = guarded(data, lambda: decode(data, limits, None))
    if isinstance(decoded, Finding):
        raise RedactionError("The picture doesn't open, so nobody in it can be redacted.", decoded.remedy)
    if decoded.frames > 1:
        raise RedactionError(
            "The file holds several pictures; redaction works on one.",
            "Give each picture as a file of its own.",
        )
    rgb = np.asarray(decoded.upright, np.uint8)
    scale = max(1.0, max(rgb.shape[:2]) / limits.side_max)
    full = [_scaled(box, scale) for box in boxes]
    kept = [_scaled(box, scale) for box in keep]
    growth = [0.0] * len(full)
    for _ in range(TRIES + 1):
        regions = [
            _masked(_head(box, rgb.shape, more), box, kept, rgb.shape)
            for box, more in zip(full, growth, strict=True)
        ]
        copy = _encoded(_filled(rgb, regions), decoded)
        found = _found(copy, detector, rgb.shape[1])
        again = [any(_lies_in(box, region) for box in found) for region in regions]
        if not any(again):
            return copy
        growth = [more + GROWTH * grow for more, grow in zip(growth, again, strict=True)]
    raise RedactionError(
        "A face is still found where a stranger was redacted.", "Cover it by hand, or leave the picture out."
    )


def _found(copy: bytes, detector: FaceDetector, width: int) -> list[Box]:
    """Boxes of faces that the detector finds in the copy, weak ones too, in pixels at that width."""
    picture = open_picture(copy)
    if not isinstance(picture, Picture):
        raise RedactionError("The redacted copy doesn't open.", "Leave the picture out.")
    seen = detector.detect(picture.fine)
    boxes = [face.box for face in seen.faces] + [figure.box for figure in seen.figures]
    return [_scaled(box, width / picture.fine.shape[1]) for box in boxes]


#: (height, width), true where the picture is filled.
Region = NDArray[np.bool_]
Bounds = tuple[int, int, int, int]


def _head(box: Box, shape: tuple[int, ...], more: float) -> Bounds:
    """(left, top, right, bottom) of the head region of a face, within the picture, in whole blocks."""
    left, top, width, height = box
    low = left - (SIDEWAYS + more) * width, top - (UPWARDS + more) * height
    high = left + (1 + SIDEWAYS + more) * width, top + (1 + DOWNWARDS + more) * height
    bounds = [max(0, int(value // BLOCK) * BLOCK) for value in low]
    ends = [-int(-value // BLOCK) * BLOCK for value in high]
    return bounds[0], bounds[1], min(shape[1], ends[0]), min(shape[0], ends[1])


def _masked(head: Bounds, face: Box, keep: Sequence[Box], shape: tuple[int, ...]) -> Region:
    """The head region of a face without what belongs to faces that stay, in whole blocks."""
    region = _blocks(shape, (head[0], head[1], head[2] - head[0], head[3] - head[1]))
    own = _blocks(shape, face)
    for other in keep:
        left, top, width, height = other
        middle = left + EDGE * width, top + EDGE * height, (1 - 2 * EDGE) * width, (1 - 2 * EDGE) * height
        if (own & _blocks(shape, middle)).any():
            raise RedactionError(
                "A stranger's head is too near to somebody who stays.", "Crop the picture, or leave it out."
            )
        region &= ~_blocks(shape, other) | own
    return region


def _blocks(shape: tuple[int, ...], box: Box) -> Region:
    """The blocks that a box touches, as a mask of the picture."""
    mask = np.zeros(shape[:2], bool)
    left, top, width, height = box
    low = [max(0, int(value // BLOCK) * BLOCK) for value in (left, top)]
    high = [max(0, -int(-value // BLOCK) * BLOCK) for value in (left + width, top + height)]
    mask[low[1] : high[1], low[0] : high[0]] = True
    return mask


def _filled(rgb: Rgb, regions: Sequence[Region]) -> Rgb:
    """A copy with every region in the median colour of the band around it, pixels of regions left out."""
    inside = np.zeros(rgb.shape[:2], bool)
    for region in regions:
        inside |= region
    copy = rgb.copy()
    for region in regions:
        across, down = np.flatnonzero(region.any(axis=0)), np.flatnonzero(region.any(axis=1))
        if not len(across):
            continue
        rows = slice(max(0, int(down[0]) - BAND), int(down[-1]) + 1 + BAND)
        columns = slice(max(0, int(across[0]) - BAND), int(across[-1]) + 1 + BAND)
        band: NDArray[np.uint8] = rgb[rows, columns][~inside[rows, columns]]
        colour = np.median(band, axis=0) if len(band) else np.full(3, 128.0)
        copy[region] = colour.astype(np.uint8)
    return copy


def _encoded(rgb: Rgb, original: Decoded) -> bytes:
    out = io.BytesIO()
    image = Image.fromarray(rgb)
    if original.format == "JPEG":
        image.save(out, "JPEG", quality=QUALITY, subsampling=0)
    else:
        image.save(out, "PNG")
    return out.getvalue()


def _scaled(box: Box, factor: float) -> Box:
    left, top, width, height = box
    return left * factor, top * factor, width * factor, height * factor


def _lies_in(box: Box, region: Region) -> bool:
    """Whether the middle of a box lies in a region."""
    x, y = int(box[0] + box[2] / 2), int(box[1] + box[3] / 2)
    return 0 <= y < region.shape[0] and 0 <= x < region.shape[1] and bool(region[y, x])
