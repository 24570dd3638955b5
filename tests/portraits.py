"""Reference photographs for tests without networks: noise, and a detector that is told whose face it is."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from tests.studio import frontal, likeness
from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.consent.reference import GivenPhoto
from volenti.core.digest import sha256
from volenti.perception.sight.faces import Face

#: A face in the middle of a portrait.
MIDDLE = (18.0, 12.0, 60.0, 72.0)


def portrait(detector: MemoryFaces, who: str, *boxes: tuple[float, float, float, float]) -> GivenPhoto:
    """A photograph of somebody, the same for the same words.

    who: a name, and a word that tells several of the same person apart. boxes: where there are faces in it,
    each that person's; by default one in the middle.
    """
    rng = np.random.default_rng(int(sha256(who.encode())[:8], 16))
    rgb = rng.integers(0, 255, (96, 96, 3), dtype=np.uint8)
    face = likeness(who.split()[0])
    detector.tell(rgb, [Face(box, 0.93, frontal(box), face) for box in boxes or (MIDDLE,)])
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "PNG")
    return GivenPhoto(f"{who}.png", out.getvalue())
