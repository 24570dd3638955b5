"""Reference pictures: a reference photograph, small, cut out around the face, for who knows the person."""

from __future__ import annotations

import io

from PIL import Image as Pillow

from volenti.clearance.seenreference import Box
from volenti.perception.files.kept import shown_as

#: The longer side, in pixels; how much of the surroundings of a face is shown, in sides of its box.
SIDE, AROUND = 480, 0.9


def picture_of(data: bytes, box: Box | None) -> bytes:
    """A JPEG of a photograph; around a face where its box is known, in pixels of the upright picture.

    Raises IntegrityError where the photograph no longer opens.
    """
    shown = shown_as(data).convert("RGB")
    if box is not None:
        left, top, width, height = box
        half, x, y = AROUND * max(width, height), left + width / 2, top + height / 2
        from_left, from_top = max(0, round(x - half)), max(0, round(y - half))
        to_right, to_bottom = min(shown.width, round(x + half)), min(shown.height, round(y + half))
        shown = shown.crop((from_left, from_top, to_right, to_bottom))
    shown.thumbnail((SIDE, SIDE), Pillow.Resampling.LANCZOS)
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=85)
    return out.getvalue()
