"""What people do to a picture before they pass it on: the edits that bench/copies.py tries.

Each is a function of a picture and a random generator, so that the place of a crop or the sense of a
turn differs from picture to picture and is the same in every run.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from volenti.core.digest import sha256

Edit = Callable[[Image.Image, np.random.Generator], Image.Image]

#: JPEG quality that an edited picture is saved with where the edit isn't about that.
QUALITY = 85

CAPTION = "WHEN THE MEETING COULD\nHAVE BEEN A LETTER"


def edited(picture: Image.Image, name: str, edit: str) -> Image.Image:
    """The picture `name` after an edit of the table, as its JPEG is opened again."""
    seed = int(sha256(f"{name} {edit}".encode())[:12], 16)
    change, quality = EDITS[edit]
    return saved(change(picture, np.random.default_rng(seed)), quality)


def saved(picture: Image.Image, quality: int) -> Image.Image:
    """The picture as it comes back from a JPEG of that quality."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def cropped(share: float) -> Edit:
    """A crop of each side to `share`, anywhere in the picture."""

    def crop(picture: Image.Image, random: np.random.Generator) -> Image.Image:
        width, height = round(picture.width * share), round(picture.height * share)
        left = int(random.integers(0, picture.width - width + 1))
        top = int(random.integers(0, picture.height - height + 1))
        return picture.crop((left, top, left + width, top + height))

    return crop


def flipped(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def turned(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Turned by 10 degrees to either side; half keep their size, half grow to hold all of it."""
    angle = 10 if random.random() < 0.5 else -10
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=bool(random.random() < 0.5))


def captioned(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """White text on a black bar over a fifth of the height, mostly at the bottom."""
    out = picture.copy()
    pen, height = ImageDraw.Draw(out), round(picture.height * 0.2)
    top = picture.height - height if random.random() < 0.7 else 0
    pen.rectangle((0, top, picture.width, top + height), fill="black")
    font = ImageFont.load_default(max(8, round(height * 0.35)))
    pen.text((picture.width * 0.04, top + height * 0.08), CAPTION, "white", font, spacing=2)
    return out


def recoloured(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """One of five: grey, other hues, faded, warm light, deep and saturated."""
    kind = random.integers(5)
    if kind == 0:
        return picture.convert("L").convert("RGB")
    if kind == 1:
        hue, saturation, value = picture.convert("HSV").split()
        turned = hue.point(lambda level: (level + 60) % 256)
        return Image.merge("HSV", (turned, saturation, value)).convert("RGB")
    if kind == 2:
        return ImageEnhance.Contrast(ImageEnhance.Brightness(picture).enhance(1.25)).enhance(0.75)
    values = np.asarray(picture, np.float64) / 255
    if kind == 3:
        return Image.fromarray((np.clip(values * [1.2, 1.0, 0.7], 0, 1) * 255).astype(np.uint8))
    return ImageEnhance.Color(Image.fromarray((255 * values**1.6).astype(np.uint8))).enhance(1.7)


def unchanged(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    return picture


def halved(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def several(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Cropped to half its area, mirrored and recoloured."""
    return recoloured(flipped(cropped(0.5**0.5)(picture, random), random), random)


#: What is done, and the JPEG quality it is saved with.
EDITS: dict[str, tuple[Edit, int]] = {
    "exact": (unchanged, 95),
    "saved again, quality 70": (unchanged, 70),
    "JPEG quality 30": (unchanged, 30),
    "resized to half of each side": (halved, QUALITY),
    "cropped to 50 % of the area": (cropped(0.5**0.5), QUALITY),
    "cropped to 50 % of each side": (cropped(0.5), QUALITY),
    "mirrored": (flipped, QUALITY),
    "turned by 10 degrees": (turned, QUALITY),
    "caption over a fifth": (captioned, QUALITY),
    "other colours": (recoloured, QUALITY),
    "crop 50 %, mirrored, recoloured, q30": (several, 30),
}
