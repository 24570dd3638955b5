"""Exhibits: what a reviewer looks at, side by side on one sheet.

The sheet shows the whole picture with the face boxed, the face enlarged, and the reference photographs of the
two people it is nearest to, each with its score and what their release says. It is made when somebody asks
for it, and kept nowhere.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, ImageOps

from volenti.core.errors import UsageError
from volenti.core.shown import printable
from volenti.perception.files.pixels import Rgb

Box = tuple[float, float, float, float]

#: Height of every picture on the sheet, the line under it, and the space between, in pixels; and the sizes
#: of the letters under pictures and in them.
HEIGHT, LINE, GAP = 420, 26, 16
FONT, LABEL = 15, 17
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
_PAPER, _INK, _BOX = (250, 249, 246), (40, 40, 40), (214, 140, 0)
_KNOWN = (30, 140, 70)


@dataclass(frozen=True, slots=True)
class Mark:
    """A face to be boxed in a picture, and what is written at its box. known: somebody covers it."""

    box: Box
    label: str
    known: bool = False


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One picture of the sheet and up to three lines under it. Without a picture: a blank frame."""

    picture: Pillow.Image | Rgb | None
    lines: tuple[str, ...]
    box: Box | None = None
    #: Whether to show the box's surroundings only, instead of the whole picture with the box drawn.
    enlarged: bool = False
    #: Every face that was seen, drawn in the whole picture.
    marks: tuple[Mark, ...] = ()


def sheet(exhibits: Sequence[Exhibit], suffix: str) -> bytes:
    """The exhibits from left to right, encoded by the file name's suffix (.jpg or .png)."""
    if suffix.lower() not in FORMATS:
        raise UsageError(f"A sheet can't be written as {suffix or 'that'}.", "End its name in .jpg or .png.")
    pictures = [_framed(each) for each in exhibits]
    width = sum(each.width for each in pictures) + GAP * (len(pictures) + 1)
    page = Pillow.new("RGB", (width, HEIGHT + 3 * LINE + 2 * GAP), _PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(FONT)
    left = GAP
    for picture, exhibit in zip(pictures, exhibits, strict=True):
        page.paste(picture, (left, GAP))
        for row, line in enumerate(exhibit.lines):
            draw.text((left, GAP + HEIGHT + 8 + row * LINE), printable(line), fill=_INK, font=font)
        left += picture.width + GAP
    out = io.BytesIO()
    page.save(out, FORMATS[suffix.lower()], quality=90)
    return out.getvalue()


def size_of(sheet: bytes) -> tuple[int, int]:
    """Width and height of a sheet in pixels."""
    return Pillow.open(io.BytesIO(sheet)).size


def _framed(exhibit: Exhibit) -> Pillow.Image:
    shown = exhibit.picture
    if shown is None:
        return Pillow.new("RGB", (HEIGHT * 3 // 4, HEIGHT), (226, 224, 218))
    # Copied, because it is drawn into.
    picture = shown.copy() if isinstance(shown, Pillow.Image) else Pillow.fromarray(shown)
    if exhibit.box is not None and exhibit.enlarged:
        picture = picture.crop(around(exhibit.box, picture.size))
    elif exhibit.box is not None:
        left, top, width, height = exhibit.box
        line = max(2, picture.height // 100)
        ImageDraw.Draw(picture).rectangle((left, top, left + width, top + height), outline=_BOX, width=line)
    # Wide panoramas are bounded too, so that the people beside them stay in view.
    size = picture.width
    if picture.height != HEIGHT:
        picture = ImageOps.contain(picture, (2 * HEIGHT, HEIGHT))
    for mark in exhibit.marks:
        _draw(picture, mark, picture.width / size)
    return picture


def _draw(picture: Pillow.Image, mark: Mark, scale: float) -> None:
    """Box a face and write its label above it, or inside where there is no room, on a ground of its own."""
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(LABEL)
    left, top, width, height = (value * scale for value in mark.box)
    colour = _KNOWN if mark.known else _BOX
    draw.rectangle((left, top, left + width, top + height), outline=colour, width=3)
    wide, high = draw.textlength(mark.label, font=font) + 8, LABEL + 6
    x = max(0.0, min(left, picture.width - wide))
    y = top - high if top >= high else min(top + height, picture.height - high)
    draw.rectangle((x, y, x + wide, y + high), fill=colour)
    draw.text((x + 4, y + 1), mark.label, fill=(255, 255, 255), font=font)


def around(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A square around a face, half as large again as its box, cut off at the picture's edges."""
    left, top, width, height = box
    half = 0.75 * max(width, height)
    x, y = left + width / 2, top + height / 2
    return (
        max(0, round(x - half)),
        max(0, round(y - half)),
        min(size[0], round(x + half)),
        min(size[1], round(y + half)),
    )
