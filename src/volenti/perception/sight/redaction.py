"""Redaction: a stranger's head made unrecognisable, for good, everything else untouched.

The whole head region is filled with one colour, taken from the pixels around it. Mosaic and blur aren't used:
both are functions of the face, and published attacks recognise people through them with the help of other
photographs. A fill depends on nothing inside the region, which a test can check.

Of somebody whose face wasn't found nobody knows where in the box the head is. So all of the box is filled,
and a margin. Of a face that the detector isn't sure of more is filled, because the box may lie beside it.

Somebody who stays may stand close by: where a stranger's region reaches into the box of their face, that
part is left as it is, unless the stranger's own face lies there. Where that face lies over more than the edge
of the other's box, or the other's face has its middle in the box of somebody without a face, the picture
can't be redacted.

The copy is encoded anew, upright and without metadata: an embedded thumbnail or an editor's earlier version
would show the face again. The detector looks at it before anybody gets it; where it finds a face that touches
a redacted region, and is nobody's who stays, the region grows and is filled again.

Deliberately absent: replacing the face by a made-up one, which would claim that somebody
was there; redacting the bodies, clothes or names of people whose face was found; several frames.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.core.errors import RefusedError
from volenti.perception.files.picture import Decoded, Limits, Picture, decode, guarded, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding
from volenti.perception.sight.faces import FaceDetector
from volenti.perception.sight.figure import scaled
from volenti.perception.sight.stranger import Stranger

#: (left, top, width, height) in pixels of the upright picture that is judged.
Box = tuple[float, float, float, float]

#: How far a head reaches beyond the box of its face, in shares of the box: to each side (hair,
#: ears, and the back of the head of a half-turned one), upwards (hair) and downwards (chin, beard).
SIDEWAYS, UPWARDS, DOWNWARDS = 0.5, 0.6, 0.35

#: How far somebody may reach beyond the box that was drawn around all of them, in shares of its sides.
AROUND = 0.1

#: Below this score a box may lie beside the face that was found, and the region begins as if it had grown by
#: so many shares of the box.
SURE, UNSURE = 0.85, 0.75

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
    return _filled(rgb, [_region(Stranger(box), (), rgb.shape, 0.0) for box in boxes])


def check_fits(strangers: Sequence[Stranger], keep: Sequence[Box], size: tuple[int, int]) -> None:
    """Raise RedactionError where a stranger lies over somebody who stays, as far as their boxes say.

    strangers, keep: as `redacted` takes them. size: (width, height) of that picture.
    """
    for each in strangers if keep else ():
        _region(each, keep, size[::-1], 0.0)


def redacted(
    data: bytes, strangers: Sequence[Stranger], detector: FaceDetector, keep: Sequence[Box] = ()
) -> bytes:
    """The picture in `data` encoded anew with the heads, or all, of the strangers filled.

    strangers, keep: whom to redact, and boxes of faces to leave alone, in pixels of the picture that is
    judged (`perception.pixels_of`). The copy is a JPEG where the original is one, otherwise a
    PNG. Raises RedactionError where a stranger lies over one of `keep`, the detector goes on
    finding a face at a region, or the file holds several pictures or doesn't open.
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
    full = [each.scaled(scale) for each in strangers]
    kept = [scaled(box, scale) for box in keep]
    growth = [0.0] * len(full)
    for _ in range(TRIES + 1):
        regions = [_region(each, kept, rgb.shape, more) for each, more in zip(full, growth, strict=True)]
        copy = _encoded(_filled(rgb, regions), decoded)
        found = [each for each in _found(copy, detector, rgb.shape[1]) if not _is_one_of(each, kept)]
        again = [any(region[_pixels(box)].any() for box in found) for region in regions]
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
    return [scaled(box, width / picture.fine.shape[1]) for box in boxes]


#: (height, width), true where the picture is filled.
Region = NDArray[np.bool_]


def _region(stranger: Stranger, keep: Sequence[Box], shape: tuple[int, ...], more: float) -> Region:
    """What is filled of a stranger: whole blocks without what belongs to faces that stay.

    more: by how many shares of the box the region has grown. Raises RedactionError where too little of a face
    would stay.
    """
    left, top, width, height = stranger.box
    is_head = stranger.part == "head"
    side, up, down = (SIDEWAYS, UPWARDS, DOWNWARDS) if is_head else (AROUND, AROUND, AROUND)
    more += UNSURE if stranger.score < SURE and is_head else 0.0
    side, up, down = side + more, up + more, down + more
    around = left - side * width, top - up * height, (1 + 2 * side) * width, (1 + up + down) * height
    region = _blocks(shape, around)
    own = np.zeros(shape[:2], bool)
    if is_head:
        own[_pixels(stranger.box)] = True
    for other in keep:
        if own[_pixels(_middle(other))].any() if is_head else _has_middle_in(other, stranger.box):
            raise RedactionError(
                "A stranger is too near to somebody who stays.", "Crop the picture, or leave it out."
            )
        region &= ~_blocks(shape, other)
    return region | own


def _middle(face: Box) -> Box:
    """The part of a face of which nothing may be filled where the face stays."""
    left, top, width, height = face
    return left + EDGE * width, top + EDGE * height, (1 - 2 * EDGE) * width, (1 - 2 * EDGE) * height


def _has_middle_in(box: Box, other: Box) -> bool:
    x, y = box[0] + box[2] / 2 - other[0], box[1] + box[3] / 2 - other[1]
    return 0 <= x <= other[2] and 0 <= y <= other[3]


def _is_one_of(box: Box, faces: Sequence[Box]) -> bool:
    """Whether a box that was found is that of one of the faces: each has the other's middle."""
    return any(_has_middle_in(box, face) and _has_middle_in(face, box) for face in faces)


def _pixels(box: Box) -> tuple[slice, slice]:
    """Rows and columns of the pixels that a box touches."""
    left, top, width, height = box
    rows = slice(max(0, math.floor(top)), max(0, math.ceil(top + height)))
    return rows, slice(max(0, math.floor(left)), max(0, math.ceil(left + width)))


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
