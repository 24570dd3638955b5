"""Opening a picture given by anybody, in bounded memory and time.

`open_picture` returns the picture as it is judged and trained on (RGB, upright by the EXIF orientation tag,
sRGB, transparency laid over white, at most `side_max` pixels on its long side), or the finding that says why
there is none. It doesn't raise for any content of a file. `frames` opens the other pictures of an animation.

Memory is bounded by reading headers before pixels: the pixels that a header announces, times
what the format's decoder needs for each, must fit. JPEGs are decoded at the scale needed.
A compiled decoder can't be interrupted, so time is bounded the same way, by what the
header announces. There is no sandbox: a flaw in a decoder's C code isn't contained here.

Formats other than the seven of `formats` are deliberately not read, however many Pillow knows.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PIL import Image, ImageFile, PngImagePlugin, UnidentifiedImageError

from volenti.perception.files.foreign import foreign
from volenti.perception.files.formats import FORMATS, signature
from volenti.perception.files.metadata import Metadata, orientation_of, read_metadata
from volenti.perception.files.pixels import SHRINKING, srgb
from volenti.perception.finding import Finding, finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Defaults keep the process below a gigabyte and about ten seconds."""

    bytes_max: int = 320 * 2**20
    pixels_max: int = 100_000_000
    side_max: int = 2048
    #: Long side at which small faces are looked for; what is larger is never decoded larger.
    fine_side_max: int = 4096
    #: Width or height alone; also the largest that libjpeg and libwebp can read.
    length_max: int = 65_500
    #: Pixels times scans of a progressive JPEG: each scan is a pass over the whole picture.
    scan_pixels_max: int = 4_000_000_000
    #: Pictures of one file that are looked at, and pixels that decoding all of them may take.
    frames_max: int = 64
    frame_pixels_max: int = 40_000_000


#: The memory that a format's decoder takes for each pixel, relative to the four bytes of most, as measured.
_COST = {"WEBP": 2.5, "AVIF": 2.5}

#: Exceptions that Pillow and its plugins were seen to raise on damaged files; all mean the same to a user.
_DECODING = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)

# Keep a few of Pillow's blocks of 16 MB for the next picture, as PILLOW_BLOCKS_MAX would. Giving them back to
# the system and taking them again for every picture costs more than decoding it (bench/reading.py).
Image.core.set_blocks_max(4)  # type: ignore[attr-defined]
# The same for memory that isn't Pillow's: once a process has given back one large piece, glibc keeps up to
# 64 MB for it from then on (mallopt(3), M_MMAP_THRESHOLD). With other C libraries this does nothing.
_large = bytes(2**25 - 2**16)
del _large

# Pillow's own guards, set on purpose as a second line behind the checks below.
ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = Limits().pixels_max
PngImagePlugin.MAX_TEXT_CHUNK = 4 * 2**20
PngImagePlugin.MAX_TEXT_MEMORY = 16 * 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture that could be opened.

    `rgb` is (height, width, 3) uint8, upright and scaled down to the limit; `fine` is the same
    picture as large as small faces are looked for in it, and the same array where that is no
    larger. `width` and `height` are those of the whole upright picture.
    """

    rgb: NDArray[np.uint8]
    width: int
    height: int
    format: str
    frames: int
    metadata: Metadata
    fine: NDArray[np.uint8]


def open_picture(data: bytes, limits: Limits | None = None) -> Picture | Finding:
    """The picture in `data`, or the finding (unreadable, bomb, not-an-image) that says why not."""
    limits = limits or Limits()
    return guarded(data, lambda: _opened(data, limits))


def fault_of(data: bytes) -> Finding | None:
    """Why a file can't be a picture, where its header says so; None where only decoding it would tell."""
    begun = guarded(data, lambda: _begun(data, Limits()))
    return begun if isinstance(begun, Finding) else None


def pixels_of(data: bytes, limits: Limits | None = None) -> NDArray[np.uint8] | Finding:
    """The `rgb` of `open_picture` alone, read-only: for callers that read many pictures."""
    shown = shown_as(data, limits)
    if isinstance(shown, Finding):
        return shown
    import numpy as np

    # It isn't copied: to take one more large piece of memory for each picture takes as long as decoding it.
    return np.asarray(shown)


def shown_as(data: bytes, limits: Limits | None = None) -> Image.Image | Finding:
    """The same pixels, to be shown: for callers that compute nothing from them."""
    limits = limits or Limits()
    return guarded(data, lambda: _shown(data, limits))


def guarded(data: bytes, read: Callable[[], T]) -> T | Finding:
    """What `read` returns, or the finding for what Pillow raised on the way; `data`: the file."""
    with warnings.catch_warnings():
        # Damaged metadata make Pillow warn about every field; the finding says enough. The filter is the
        # whole process's, which is why pictures are opened in processes, not threads.
        warnings.simplefilter("ignore")
        try:
            return read()
        except Image.DecompressionBombError:
            return finding("bomb", measure="pixels")
        except MemoryError:
            return finding("bomb", measure="memory")
        except UnidentifiedImageError:
            named = signature(data)
            if named in FORMATS:
                return finding("unreadable", format=named)
            return finding("not-an-image", format=named or "unknown")
        except _DECODING:
            return finding("unreadable", format=signature(data) or "unknown")


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A file's first picture, decoded and upright, with what was read from the open file."""

    upright: Image.Image
    width: int
    height: int
    format: str
    frames: int
    metadata: Metadata


def decode(data: bytes, limits: Limits, side_max: int | None) -> Decoded | Finding:
    """Decode `data` to at most `side_max` pixels a side (None: all), or the finding `bomb` or `not-an-image`.

    Raises what Pillow raises: call it inside `guarded`.
    """
    loaded = _loaded(data, limits, side_max)
    if isinstance(loaded, Finding):
        return loaded
    image, (width, height) = loaded
    metadata = read_metadata(image, data)
    if metadata.orientation >= 5:
        width, height = height, width
    upright = upright_of(image, metadata.orientation, side_max)
    name = "JPEG" if image.format == "MPO" else str(image.format)
    return Decoded(upright, width, height, name, _frames(image), metadata)


def _loaded(
    data: bytes, limits: Limits, side_max: int | None
) -> tuple[ImageFile.ImageFile, tuple[int, int]] | Finding:
    """The first picture as the decoder delivers it, and the size that the header announces."""
    image = _begun(data, limits)
    if isinstance(image, Finding):
        return image
    size = image.size
    if side_max is not None and image.format in ("JPEG", "MPO"):
        image.draft(None, (side_max, side_max))
    image.load()
    return image, size


def _begun(data: bytes, limits: Limits) -> ImageFile.ImageFile | Finding:
    """The file, opened as far as its header; or what that says already."""
    if len(data) > limits.bytes_max:
        return finding("bomb", measure=f"{len(data) // 2**20} MiB")
    if (other := foreign(data)) is not None:
        return other
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    excess = excess_of(image, data, limits)
    return finding("bomb", measure=excess) if excess else image


#: EXIF orientation to the transposition that sets the picture upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _opened(data: bytes, limits: Limits) -> Picture | Finding:
    import numpy as np

    decoded = decode(data, limits, max(limits.side_max, limits.fine_side_max))
    if isinstance(decoded, Finding):
        return decoded
    fine = np.array(decoded.upright)
    is_large = max(decoded.upright.size) > limits.side_max
    rgb = np.array(_small(decoded.upright, limits)) if is_large else fine
    return Picture(rgb, decoded.width, decoded.height, decoded.format, decoded.frames, decoded.metadata, fine)


def _shown(data: bytes, limits: Limits) -> Image.Image | Finding:
    side_max = max(limits.side_max, limits.fine_side_max)
    loaded = _loaded(data, limits, side_max)
    if isinstance(loaded, Finding):
        return loaded
    image, _ = loaded
    return _small(upright_of(image, orientation_of(image), side_max, last=True), limits)


def _small(upright: Image.Image, limits: Limits) -> Image.Image:
    """The picture at the size at which pictures are judged and trained on; it is made smaller in place."""
    if max(upright.size) > limits.side_max:
        upright.thumbnail((limits.side_max, limits.side_max), SHRINKING)
    return upright


def upright_of(
    image: Image.Image, orientation: int, side_max: int | None, *, last: bool = False
) -> Image.Image:
    """The picture at which an opened file stands, decoded and upright; raises what Pillow raises.

    last: nothing more is read from the file.
    """
    image.load()
    upright = srgb(image, side_max, may_be_itself=last)
    return upright.transpose(_TURNS[orientation]) if orientation in _TURNS else upright


def excess_of(image: Image.Image, data: bytes, limits: Limits) -> str:
    """What of an opened, not yet decoded file is beyond the limits, in words; "" where nothing is."""
    width, height = image.size
    pixels = width * height
    if pixels * _COST.get(str(image.format), 1.0) > limits.pixels_max or max(image.size) > limits.length_max:
        return f"{width} x {height} pixels"
    if image.info.get("progressive"):
        # 0xFFDA can't occur inside entropy-coded data, so this counts the scans (and perhaps
        # a few in an embedded thumbnail).
        scans = data.count(b"\xff\xda")
        if scans * pixels > limits.scan_pixels_max:
            return f"{scans} scans of {width} x {height} pixels"
    tags = getattr(image, "tag_v2", {})
    tile = int(tags.get(_TILE_WIDTH, 0)) * int(tags.get(_TILE_LENGTH, 0))
    if tile > limits.pixels_max:
        return f"tiles of {tile} pixels"
    return ""


_TILE_WIDTH, _TILE_LENGTH = 322, 323


def _frames(image: Image.Image) -> int:
    """How many pictures the file holds. Thumbnails that a camera adds to its JPEG don't count."""
    entries = getattr(image, "mpinfo", None)
    if entries:
        kinds = [entry["Attribute"]["MPType"] for entry in entries[_MP_ENTRIES]]
        return 1 + sum(not kind.startswith("Large Thumbnail") for kind in kinds[1:])
    return int(getattr(image, "n_frames", 1))


_MP_ENTRIES = 0xB002
