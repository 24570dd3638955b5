"""Kinds of reference photograph that somebody may give, made from rendered people who do not exist."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

#: What is wrong with a photograph; () where nothing is, None where anything may be said but that it is sound.
Expected = tuple[str, ...] | None


def picture(number: int = 0, place: int = 0) -> Image.Image:
    """A rendered photograph of somebody of the demo's cast, 256 pixels wide."""
    pack = zipfile.ZipFile(str(files("volenti.demo") / "cast.zip"))
    mine = [each for each in pack.namelist() if each.startswith(f"images/s{number:03d}-")]
    return Image.open(io.BytesIO(pack.read(mine[place]))).convert("RGB")


def encoded(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **(({"quality": 92} if kind == "JPEG" else {}) | how))
    return out.getvalue()


def side_by_side(*images: Image.Image) -> Image.Image:
    """The pictures beside each other, each at its own size, on one grey wall."""
    wall = Image.new("RGB", (sum(each.width for each in images), max(each.height for each in images)), "grey")
    left = 0
    for each in images:
        wall.paste(each, (left, wall.height - each.height))
        left += each.width
    return wall


def smaller(image: Image.Image, side: int) -> Image.Image:
    return image.resize((side, side), Image.Resampling.LANCZOS)


def barred(top: float, bottom: float, colour: str = "black") -> Image.Image:
    """A photograph with a bar over the face, from one share of the picture's height to another."""
    image = picture()
    ImageDraw.Draw(image).rectangle((0, image.height * top, image.width, image.height * bottom), fill=colour)
    return image


def turned_by_exif(orientation: int, turn: Image.Transpose) -> bytes:
    """A photograph whose pixels lie on their side, with the tag that sets it upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture().transpose(turn), exif=exif)


def gradient() -> Image.Image:
    return Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * turn) for turn in range(3)])


def transparent(share: float) -> Image.Image:
    image = picture().convert("RGBA")
    image.putalpha(round(255 * (1 - share)))
    return image


def sixteen_bits() -> Image.Image:
    grey = np.asarray(picture().convert("L")).astype(np.uint16) * 257
    return Image.fromarray(grey)


#: Each kind: its name, what makes it, and what is wrong with it.
KINDS: list[tuple[str, Callable[[], bytes], Expected]] = [
    ("nothing", lambda: b"", ("no-picture",)),
    ("a text", lambda: b"hello, this is Ada", ("no-picture",)),
    ("a web page", lambda: b"<html><img src=ada.jpg></html>", ("no-picture",)),
    ("a PDF", lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", ("no-picture",)),
    ("zeros", lambda: bytes(4096), ("no-picture",)),
    ("half a JPEG", lambda: encoded(picture())[:4000], ("no-picture",)),
    ("half a PNG", lambda: encoded(picture(), "PNG")[:4000], ("no-picture",)),
    ("a JPEG's first bytes", lambda: b"\xff\xd8\xff\xe0" + bytes(400), ("no-picture",)),
    ("a wall", lambda: encoded(gradient()), ("no-face",)),
    ("white", lambda: encoded(Image.new("RGB", (300, 300), "white")), ("no-face",)),
    ("one pixel", lambda: encoded(Image.new("RGB", (1, 1)), "PNG"), ("no-face",)),
    ("somebody quite transparent", lambda: encoded(transparent(1), "PNG"), ("no-face",)),
    ("two people", lambda: encoded(side_by_side(picture(0), picture(1))), ("several-faces",)),
    ("three people", lambda: encoded(side_by_side(*map(picture, (0, 1, 2)))), ("several-faces",)),
    (
        "somebody twice",
        lambda: encoded(side_by_side(picture(), ImageOps.mirror(picture()))),
        ("several-faces",),
    ),
    (
        "a parent and a child",
        lambda: encoded(side_by_side(picture(), smaller(picture(1), 150))),
        ("several-faces",),
    ),
    ("somebody far behind", lambda: encoded(side_by_side(picture(), smaller(picture(1), 60))), ()),
    ("a thumbnail", lambda: encoded(smaller(picture(), 64)), ("small",)),
    ("a stamp", lambda: encoded(smaller(picture(), 40)), None),
    ("an enlarged stamp", lambda: encoded(smaller(smaller(picture(), 32), 256)), None),
    ("out of focus", lambda: encoded(picture().filter(ImageFilter.GaussianBlur(6))), ("blurred",)),
    ("shaken", lambda: encoded(picture().filter(ImageFilter.BoxBlur(9))), ("blurred",)),
    ("half a face", lambda: encoded(picture().crop((0, 0, 128, 256))), None),
    ("a forehead", lambda: encoded(picture().crop((0, 0, 256, 90))), None),
    ("behind a scarf", lambda: encoded(barred(0.5, 0.9)), None),
    ("behind a bar", lambda: encoded(barred(0.3, 0.5)), None),
    ("behind a mask", lambda: encoded(barred(0.5, 0.75, "lightblue")), ("covered",)),
    ("behind dark glasses", lambda: encoded(barred(0.38, 0.5)), ("covered",)),
    ("a JPEG", lambda: encoded(picture()), ()),
    ("a progressive JPEG", lambda: encoded(picture(), progressive=True), ()),
    ("mirrored", lambda: encoded(ImageOps.mirror(picture())), ()),
    ("on its side, with the tag", lambda: turned_by_exif(6, Image.Transpose.ROTATE_90), ()),
    ("upside down, with the tag", lambda: turned_by_exif(3, Image.Transpose.ROTATE_180), ()),
    ("mirrored, with the tag", lambda: turned_by_exif(2, Image.Transpose.FLIP_LEFT_RIGHT), ()),
    ("on its side", lambda: encoded(picture().transpose(Image.Transpose.ROTATE_90)), ("turned",)),
    ("on its other side", lambda: encoded(picture().transpose(Image.Transpose.ROTATE_270)), ("turned",)),
    ("upside down", lambda: encoded(picture().transpose(Image.Transpose.ROTATE_180)), ("turned",)),
    ("a little tilted", lambda: encoded(picture().rotate(20, fillcolor="grey")), ()),
    ("grey", lambda: encoded(picture().convert("L")), ()),
    ("CMYK", lambda: encoded(picture().convert("CMYK")), ()),
    ("a PNG", lambda: encoded(picture(), "PNG"), ()),
    ("a PNG with alpha", lambda: encoded(transparent(0), "PNG"), ()),
    ("a PNG of 256 colours", lambda: encoded(picture().quantize(256), "PNG"), ()),
    ("a grey PNG of 16 bits", lambda: encoded(sixteen_bits(), "PNG"), ()),
    ("a WebP", lambda: encoded(picture(), "WEBP"), ()),
    ("a TIFF", lambda: encoded(picture(), "TIFF"), ()),
    ("a bitmap", lambda: encoded(picture(), "BMP"), ()),
    ("a GIF", lambda: encoded(picture(), "GIF"), ()),
    ("large", lambda: encoded(picture().resize((3000, 3000), Image.Resampling.LANCZOS)), ()),
    ("a wide room", lambda: encoded(side_by_side(gradient().resize((700, 300)), picture())), ()),
]
