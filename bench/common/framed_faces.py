"""Data sets as works look: every picture framed at 64 pixels, its face found again in the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from common.photographs import Photograph, listed
from common.templates import SHARED
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.weights.folder import default_folder
from volenti.core.progress import track
from volenti.generation.framing import frame
from volenti.perception.files.kept import pixels_of

SIZE = 64


@dataclass(frozen=True, slots=True)
class Framed:
    """A row a picture: `frames` (n, 64, 64, 3) uint8, `templates` (n, 128) of the face found in each.

    `lost` is how many frames no face was found in; their rows are left out.
    """

    frames: NDArray[np.uint8]
    templates: NDArray[np.float32]
    subjects: NDArray[np.str_]
    files: NDArray[np.str_]
    lost: int


def framed(name: str, step: int = 1) -> Framed:
    """Those of data set `name`: all pictures of every so many-th person; SystemExit where it is absent."""
    pictures = listed(SHARED / name).photographs
    chosen = set(sorted({each.person for each in pictures})[::step])
    return _framed(name, [each for each in pictures if each.person in chosen])


def _framed(name: str, pictures: Sequence[Photograph]) -> Framed:
    from volenti.cli.terminal.output import progress

    detector = OpencvFaces(default_folder())
    frames, templates, kept = [], [], []
    with progress() as told:
        for each in track(told, f"Framing {name}", pictures):
            rgb = pixels_of(Path(each.path).read_bytes())
            faces = detector.faces(rgb)
            small = frame(Image.fromarray(rgb), faces[0].box, SIZE) if faces else None
            again = [] if small is None else detector.faces(small)
            if small is not None and again:
                frames.append(small)
                templates.append(again[0].template)
                kept.append(each)
    return Framed(
        np.stack(frames),
        np.stack(templates),
        np.array([each.person for each in kept]),
        np.array([each.file for each in kept]),
        len(pictures) - len(kept),
    )
