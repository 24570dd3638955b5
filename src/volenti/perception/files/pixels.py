"""From whatever a decoder delivers to plain sRGB: 8 bits, three channels, nothing transparent.

Pictures are judged as people see them: transparency is laid over white, so that nothing hides under it, and a
colour profile is applied once, so that nobody needs it later. Large pictures are worked through in bands, so
that no second full-size copy is in memory.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageCms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: (height, width, 3) uint8. As text, because who only shows pictures doesn't need numpy.
Rgb: TypeAlias = "NDArray[np.uint8]"

#: How pictures are made smaller: as free of moire as Lanczos's, a little softer, in half the time.
SHRINKING = Image.Resampling.HAMMING

_BAND_PIXELS = 4_000_000
_SRGB = ImageCms.createProfile("sRGB")
#: Modes that need no work before they are made smaller.
_FLAT = ("RGB", "L", "CMYK")


def srgb(image: Image.Image, side_max: int | None, *, may_be_itself: bool = False) -> Image.Image:
    """`image` (loaded) in mode RGB, its long side at most `side_max` pixels (None: as it is).

    may_be_itself: nobody else needs `image` any more, so it isn't copied where there is nothing to do.
    """
    width, height = image.size
    excess = max(width, height) / side_max if side_max else 1.0
    # First pixels are averaged by a whole number, to about twice the size wanted: that is cheap.
    flat = _flattened(image, max(1, int(excess / 2)))
    if excess > 1:
        size = (max(1, round(width / excess)), max(1, round(height / excess)))
        flat = flat.resize(size, SHRINKING)
    elif flat is image and not may_be_itself:
        flat = image.copy()
    plain = _profiled(flat, image.info.get("icc_profile"))
    # The result may be saved: no metadata of the file may go along.
    plain.info = {}
    return plain


def _flattened(image: Image.Image, factor: int) -> Image.Image:
    """In mode RGB (CMYK stays CMYK, grey may stay L), every `factor` pixels averaged to one."""
    width, height = image.size
    if not width or not height:
        raise ValueError("The picture has no pixels.")
    if factor == 1 and image.mode in _FLAT and not image.has_transparency_data:
        return image
    eight_bits = _to_eight_bits(image)
    rows = max(1, _BAND_PIXELS // (width * factor)) * factor
    out: Image.Image | None = None
    for top in range(0, height, rows):
        band = _opaque(eight_bits(image.crop((0, top, width, min(height, top + rows)))))
        if factor > 1:
            band = band.reduce(factor)
        if out is None:
            out = Image.new(band.mode, (band.width, -(-height // factor)))
        out.paste(band, (0, top // factor))
    assert out is not None
    return out


def _to_eight_bits(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """A function that turns a band of `image` into 8-bit channels; the range is the whole image's."""
    if not image.mode.startswith(("I", "F")):
        return lambda band: band
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:
        # 32-bit values have no agreed range. 16-bit content is common in them; otherwise stretch.
        extrema = image.getextrema()
        low, high = (float(value) for value in extrema if isinstance(value, int | float))
        if image.mode == "I" and low >= 0 and high <= 65535:
            low, high = 0.0, 65535.0 if high > 255 else 255.0
    span = max(high - low, 1e-12)

    import numpy as np

    def scaled(band: Image.Image) -> Image.Image:
        values = (np.asarray(band).astype(np.float32) - low) * np.float32(255 / span)
        return Image.fromarray(np.clip(np.nan_to_num(values), 0, 255).astype(np.uint8))

    return scaled


def _opaque(band: Image.Image) -> Image.Image:
    """A band of any 8-bit mode in RGB, L or CMYK, what was transparent laid over white."""
    if band.has_transparency_data:
        band = band.convert("RGBA")
        paper = Image.new("RGB", band.size, (255, 255, 255))
        paper.paste(band, mask=band.getchannel("A"))
        return paper
    return band if band.mode in _FLAT else band.convert("RGB")


def _profiled(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB: by the embedded colour profile where it fits the picture, else by plain conversion."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
            # With a damaged or wrong profile only the colours are a little off.
            pass
    return image if image.mode == "RGB" else image.convert("RGB")
