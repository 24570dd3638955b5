"""Stripping: the picture alone, for handing on.

Only pixels are handed on: no EXIF, IPTC, XMP, content credentials, colour profile (its device tags can hold
serial numbers), comments or thumbnails. Marks inside the pixels stay.
"""

from __future__ import annotations

import io

from volenti.core.errors import IntegrityError
from volenti.perception.files.picture import Limits, decode, guarded
from volenti.perception.finding import Finding


def strip(data: bytes) -> bytes:
    """The picture alone, for handing on: upright sRGB pixels without any metadata.

    JPEG, WEBP and AVIF are encoded again at quality 95 (lossless WEBP stays lossless), PNG
    and TIFF keep their format, GIF and BMP become PNG. Only the first of several pictures
    is kept, which is the one that was judged. Raises IntegrityError where `data` can't be
    decoded.
    """
    decoded = guarded(data, lambda: decode(data, Limits(), None))
    if isinstance(decoded, Finding):
        raise IntegrityError(f"A picture can't be handed on. {decoded.message}", decoded.remedy)
    image = decoded.upright
    image.info = {}
    out = io.BytesIO()
    if decoded.format == "JPEG":
        image.save(out, "JPEG", quality=95, subsampling=0, optimize=True)
    elif decoded.format == "WEBP":
        image.save(out, "WEBP", quality=95, lossless=b"VP8L" in data[:64])
    elif decoded.format == "AVIF":
        image.save(out, "AVIF", quality=95)
    elif decoded.format == "TIFF":
        image.save(out, "TIFF", compression="tiff_adobe_deflate")
    else:
        image.save(out, "PNG")
    return out.getvalue()
