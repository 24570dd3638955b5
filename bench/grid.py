"""What the grid of pictures takes of the server, with 100,000 pictures; bench/out/grid.json.

    python bench/grid.py [--pictures 100000] [--requests 60] [--folder FOLDER]

Pictures are small, of people who do not exist; their rows lie as clearing leaves them
(common/synthetic_store.py). A tenth is held. Each figure is what one request takes in this process, from the
request to the whole answer, asked by an officer who is signed in: the page, a jump to anywhere, a filter, a
picture's page, and a small picture. FOLDER keeps the workspace, and is used again where it is there.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from common.synthetic_store import Said, stock
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
import volenti
from tests.web.conftest import PASSWORD

OUT = Path(__file__).parent / "out" / "grid.json"
#: Pictures of one person, of one shoot, and how many other previews there are.
EACH, SHOOT, PREVIEWS = 20, 250, 64
#: Milliseconds: the median and nearly all of a page, and a small picture.
LIMITS = {"median": 100.0, "most": 400.0, "thumbnail": 20.0}


def said_of(previews: list[bytes]) -> Callable[[int], Said]:
    """What is said of a picture, by its number: shoots follow one another day by day."""

    def said(number: int) -> Said:
        is_held = number % 10 == 3
        return Said(
            f"shoot {number // SHOOT:04d}",
            date(2026, 1, 5) + timedelta(days=number // SHOOT % 300),
            "held" if is_held else "cleared",
            "uncertain-match" if is_held else "",
            previews[number % len(previews)],
        )

    return said


def jpeg(side: int, seed: int) -> bytes:
    """A soft picture of nothing, as large as a preview or a small photograph."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC).save(out, "JPEG", quality=82)
    return out.getvalue()


def built(folder: Path, pictures: int) -> Path:
    """A workspace with so many pictures, and an officer."""
    previews, body = [jpeg(192, each) for each in range(PREVIEWS)], jpeg(128, 0)
    at = stock(folder, pictures // EACH, EACH, lambda: body + os.urandom(16), said_of(previews))
    with volenti.open(at) as ws:
        added = ws.users.add("officer@example.org", name="The officer", roles=["officer"])
        ws.users.choose_password(added.token, PASSWORD)
    return at
