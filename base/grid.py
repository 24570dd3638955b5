"""A sheet of sample pictures, labelled with what was asked: for looking at, which no figure replaces."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

#: Chosen to ask for every attribute the base is meant to know, in everyday and in rare pairs.
PROMPTS = (
    "a smiling young woman with long blond hair in a red top, facing the camera, "
    "studio photograph, blue background",
    "an older man with short white hair, a full beard and glasses in a navy top, facing the camera, "
    "studio photograph, grey background",
    "a laughing middle-aged woman with curly black hair in a mustard top, turned to the left, "
    "studio photograph, teal background",
    "a serious young man with a shaved head, a goatee in a white top, facing the camera, "
    "studio photograph, dark grey background",
    "a young woman with red hair in a ponytail and glasses in a green top, turned to the right, "
    "studio photograph, pink background",
    "an open-mouthed young man with short light brown hair in a purple striped top, facing the camera, "
    "studio photograph, green screen",
    "an older woman with short grey hair in a black top, facing the camera, "
    "studio photograph, beige background",
    "a man with dark brown hair",
)
COLUMNS, SCALE, LABEL_HEIGHT = 8, 2, 34


def write_grid(
    draw: Callable[[Sequence[str]], NDArray[np.uint8]], path: Path, prompts: Sequence[str] = PROMPTS
) -> None:
    """Draw each prompt COLUMNS times, a labelled row for each, into a PNG at twice the size.

    `draw` makes one picture for each caption given, uint8 (count, size, size, 3).
    """
    pictures = draw([prompt for prompt in prompts for _ in range(COLUMNS)])
    side = pictures.shape[1] * SCALE
    sheet = Image.new("RGB", (COLUMNS * side, len(prompts) * (side + LABEL_HEIGHT)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for row, prompt in enumerate(prompts):
        top = row * (side + LABEL_HEIGHT)
        pen.text((4, top + 1), "\n".join(textwrap.wrap(prompt, 140)), fill="black", font=font, spacing=1)
        for column in range(COLUMNS):
            one = Image.fromarray(pictures[row * COLUMNS + column])
            one = one.resize((side, side), Image.Resampling.NEAREST)
            sheet.paste(one, (column * side, top + LABEL_HEIGHT))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
