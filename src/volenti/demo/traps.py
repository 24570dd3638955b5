"""Traps: what is planted in the demo's inbox, and which verdict it should get.

`TRAPS` is the whole table. The functions below make the files that aren't photographs as they are in
the pack: a landscape, a bomb, a picture of two people, a watermark, a copy. Each is real: the bomb
is a valid PNG that would take gigabytes to decode, the copy was resized and saved again.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from volenti.demo.casting import Flaw
from volenti.perception.finding import Verdict

#: What the agency's mark says. The agency doesn't exist.
MARK = "HALCYON STOCK PHOTO"

#: Sides of the bomb, in pixels of one bit.
BOMB_SIDE = 30_000


@dataclass(frozen=True, slots=True)
class Trap:
    """What is planted, the verdict it should get, and the code of the finding that should say why.

    A trap without a code should be cleared without any finding.
    """

    name: str
    what: str
    verdict: Verdict
    code: str = ""

    @property
    def expected(self) -> str:
        """The answer it should get, "VERDICT: CODE", or the verdict alone where no finding is expected."""
        return f"{self.verdict}: {self.code}" if self.code else self.verdict


TRAPS: tuple[Trap, ...] = (
    Trap("trap-no-release", "people who signed nothing", "rejected", "no-release"),
    Trap("trap-release-expired", "a release whose term has ended", "rejected", Flaw.EXPIRED),
    Trap(
        "trap-purpose-not-granted", "a release that says no to generative training", "rejected", Flaw.PURPOSE
    ),
    Trap("trap-territory", "a release for the United States only", "held", Flaw.TERRITORY),
    Trap("trap-minor", "a minor whose guardian hasn't signed", "rejected", Flaw.MINOR),
    Trap("trap-signature", "a release changed after it was signed", "rejected", Flaw.SIGNATURE),
    Trap("trap-group", "two people, both covered", "cleared"),
    Trap("trap-bystander", "somebody covered, with a stranger beside them", "held", "bystander"),
    Trap("trap-opt-out", "XMP that reserves generative training", "rejected", "opt-out"),
    Trap("trap-location", "GPS coordinates in the EXIF data", "cleared", "location"),
    Trap("trap-third-party-copy", "a resized copy of somebody else's work", "rejected", "third-party-copy"),
    Trap("trap-watermark", "an agency's mark across the picture", "held", "watermark"),
    Trap("trap-landscape", "hills, and nobody in them", "held", "no-face"),
    Trap("trap-truncated", "a JPEG cut short", "unreadable", "unreadable"),
    Trap("trap-bomb", "a small PNG of 900 million pixels", "unreadable", "bomb"),
    Trap("trap-text", "a text file called .jpg", "unreadable", "not-an-image"),
    Trap("trap-duplicate", "the same file once more", "duplicate", "duplicate"),
)

BY_NAME = {trap.name: trap for trap in TRAPS}


def side_by_side(first: bytes, second: bytes) -> bytes:
    """One JPEG of two: the first at full size, the second a little smaller to its right."""
    left, right = _opened(first), _opened(second)
    size = right.width * 3 // 4
    right = right.resize((size, size), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (left.width + size, left.height))
    sheet.paste(left)
    # Above the smaller one the studio's wall is continued, shaded from its left corner to its right one.
    corners = Image.fromarray(np.asarray(right)[2:3, [2, -3]])
    sheet.paste(corners.resize((size, left.height - size), Image.Resampling.BILINEAR), (left.width, 0))
    sheet.paste(right, (left.width, left.height - size))
    return _jpeg(sheet, 92)


def watermarked(jpeg: bytes, text: str = MARK) -> bytes:
    """The picture with a half-transparent mark across it, such as agencies put on previews."""
    picture = _opened(jpeg).convert("RGBA")
    layer = Image.new("RGBA", picture.size)
    pen, font = ImageDraw.Draw(layer), ImageFont.load_default(19)
    length = pen.textlength(text, font)
    left = (picture.width - length) / 2
    for top in (0.06, 0.84):
        pen.text(
            (left, picture.height * top),
            text,
            (255, 255, 255, 190),
            font,
            stroke_width=1,
            stroke_fill=(40, 40, 40, 120),
        )
    return _jpeg(Image.alpha_composite(picture, layer).convert("RGB"), 92)


def near_duplicate(jpeg: bytes) -> bytes:
    """The picture resized and saved again, as copies on the web are."""
    return _jpeg(_opened(jpeg).resize((208, 208), Image.Resampling.LANCZOS), 74)


def landscape(seed: int, size: tuple[int, int] = (384, 256)) -> bytes:
    """A drawn JPEG of hills under a sky, with nobody in it; size: width and height in pixels."""
    width, height = size
    rng = np.random.default_rng(seed)
    down = np.linspace(0, 1, height)[:, None, None]
    sky = (1 - down) * np.array([96, 142, 196]) + down * np.array([236, 224, 206])
    picture = np.broadcast_to(sky, (height, width, 3)).copy()
    across = np.arange(width)
    rows = np.arange(height)[:, None]
    for depth, tone in enumerate(([126, 150, 158], [92, 124, 112], [58, 92, 66])):
        waves = sum(
            rng.uniform(4, 14) * np.sin(across / rng.uniform(18, 70) + rng.uniform(0, 6)) for _ in range(4)
        )
        ridge = height * (0.48 + 0.16 * depth) + waves
        shade = 1 - 0.25 * np.clip((rows - ridge) / height, 0, 1)
        picture = np.where((rows > ridge)[..., None], np.array(tone) * shade[..., None], picture)
    return _jpeg(Image.fromarray(picture.astype(np.uint8)), 90)


def truncated(jpeg: bytes) -> bytes:
    """The first three fifths of a file, as a broken transfer leaves them."""
    return jpeg[: len(jpeg) * 3 // 5]


def bomb(side: int = BOMB_SIDE) -> bytes:
    """A valid PNG, a few hundred kilobytes at most, of `side` x `side` black one-bit pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    rows = b"".join(packer.compress(row * 100) for _ in range(side // 100))
    pixels = rows + packer.compress(row * (side % 100)) + packer.flush()
    header = side.to_bytes(4, "big") * 2 + bytes((1, 0, 0, 0, 0))
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + check


def _opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
