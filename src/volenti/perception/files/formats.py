"""Which formats of pictures are read, and how the first bytes of a file say its format."""

from __future__ import annotations

from PIL import features

#: Pillow's names of the formats that are read.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP") + (("AVIF",) if features.check("avif") else ())

_SUFFIXES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "TIFF": ".tiff",
    "GIF": ".gif",
    "BMP": ".bmp",
    "AVIF": ".avif",
}

_SIGNATURES = (
    ("JPEG", 0, b"\xff\xd8\xff"),
    ("PNG", 0, b"\x89PNG"),
    ("WEBP", 8, b"WEBP"),
    ("TIFF", 0, b"II*\0"),
    ("TIFF", 0, b"MM\0*"),
    ("TIFF", 0, b"II+\0"),
    ("TIFF", 0, b"MM\0+"),
    ("GIF", 0, b"GIF8"),
    ("BMP", 0, b"BM"),
    ("AVIF", 4, b"ftypavif"),
    ("AVIF", 4, b"ftypavis"),
    ("HEIC", 4, b"ftypheic"),
    ("HEIC", 4, b"ftypheix"),
    ("HEIC", 4, b"ftypmif1"),
    ("JPEG 2000", 4, b"jP  "),
    ("Photoshop", 0, b"8BPS"),
    ("PostScript", 0, b"%!PS"),
    ("PDF", 0, b"%PDF"),
)


def signature(data: bytes) -> str:
    """The format that the first bytes announce, or "" where they announce none that is known."""
    for name, offset, start in _SIGNATURES:
        if data[offset : offset + len(start)] == start:
            return name
    return ""


def suffix_of(data: bytes) -> str:
    """The usual suffix of a file of a format that is read, such as .jpg; "" for any other file."""
    return _SUFFIXES.get(signature(data), "")
