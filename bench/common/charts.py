"""Pictures of measurements, drawn with Pillow: a curve over people, and a sheet of two models' pictures."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

#: GeneratedImage at twice the size and made smaller, so that slanting lines are smooth.
SCALE = 2
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 560, 84, 30, 118, 62
INK, FAINT, GRID = "#222222", "#666666", "#e2e2e2"
COLOURS = ("#d1495b", "#00798c", "#edae49", "#6a4c93")
EACH, SIDE, LABEL = 6, 112, 30

#: (across, up, words beside the point)
Point = tuple[float, float, str]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * SCALE)


class _Chart:
    """Logarithmic axes on white."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "white")
        self.pen = ImageDraw.Draw(self.image)
        across, up = [x for x, _, _ in points], [y for _, y, _ in points]
        self.across = (min(across) / 1.25, max(across) * 1.35)
        self.up = (10 ** math.floor(math.log10(min(up))), 10 ** math.ceil(math.log10(max(up))))

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a value lies, in the large picture's pixels."""

        def share(value: float, ends: tuple[float, float]) -> float:
            return math.log(value / ends[0]) / math.log(ends[1] / ends[0])

        left = LEFT + share(x, self.across) * (WIDTH - LEFT - RIGHT)
        top = HEIGHT - BOTTOM - share(y, self.up) * (HEIGHT - TOP - BOTTOM)
        return left * SCALE, top * SCALE

    def text(self, at: tuple[float, float], words: str, size: int, fill: str, anchor: str) -> None:
        self.pen.text(at, words, fill=fill, font=_font(size), anchor=anchor)

    def axes(self, ticks: Sequence[float], across: str, up: str) -> None:
        power = self.up[0]
        while power <= self.up[1]:
            left, y = self.place(self.across[0], power)
            right, _ = self.place(self.across[1], power)
            self.pen.line([(left, y), (right, y)], fill=GRID, width=SCALE)
            self.text(
                (left - 10 * SCALE, y), f"{power:,.0f}" if power >= 1 else f"{power:g}", 13, FAINT, "rm"
            )
            power *= 10
        for tick in ticks:
            x, bottom = self.place(tick, self.up[0])
            self.pen.line([(x, bottom), (x, bottom + 5 * SCALE)], fill=FAINT, width=SCALE)
            self.text((x, bottom + 9 * SCALE), f"{tick:,.0f}", 13, FAINT, "ma")
        middle = (LEFT + WIDTH - RIGHT) / 2 * SCALE
        self.text((middle, (HEIGHT - 12) * SCALE), across, 13, INK, "md")
        self.text((LEFT * SCALE, (TOP - 26) * SCALE), up, 13, INK, "ld")

    def line(self, points: Sequence[Point], colour: str, above: bool) -> None:
        places = [self.place(x, y) for x, y, _ in points]
        self.pen.line(places, fill=colour, width=3 * SCALE, joint="curve")
        for (x, y), (_, _, words) in zip(places, points, strict=True):
            radius = 5 * SCALE
            self.pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
            shift = -12 * SCALE if above else 12 * SCALE
            self.text((x, y + shift), words, 13, colour, "md" if above else "ma")


def curve(lines: Mapping[str, Sequence[Point]], path: Path, *, title: str, across: str, up: str) -> None:
    """Draw lines over the same values across, both axes logarithmic, as a PNG.

    Words stand above the points of the first line, and below those of the others.
    """
    chart = _Chart([point for line in lines.values() for point in line])
    chart.axes([x for x, _, _ in next(iter(lines.values()))], across, up)
    chart.text((LEFT * SCALE, 14 * SCALE), title, 17, INK, "la")
    x = LEFT * SCALE
    for number, ((name, points), colour) in enumerate(zip(lines.items(), COLOURS, strict=False)):
        chart.line(points, colour, above=number == 0)
        y = 52 * SCALE
        chart.pen.ellipse([x, y - 5 * SCALE, x + 10 * SCALE, y + 5 * SCALE], fill=colour)
        chart.text((x + 16 * SCALE, y), name, 13, INK, "lm")
        x += round(chart.pen.textlength(name, _font(13))) + 44 * SCALE
    path.parent.mkdir(parents=True, exist_ok=True)
    chart.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path)


def sheet(columns: Mapping[str, NDArray[np.uint8]], rows: Sequence[str], path: Path) -> None:
    """Two models' pictures side by side, EACH of each prompt, labelled, as a JPEG.

    columns: by name, uint8 (rows * EACH, size, size, 3), a prompt's pictures after one another.
    """
    gap, head, block = 24, 34, EACH * SIDE
    width = gap + (block + gap) * len(columns)
    image = Image.new("RGB", (width, head + len(rows) * (SIDE + LABEL) + gap), "white")
    pen = ImageDraw.Draw(image)
    for column, (name, pictures) in enumerate(columns.items()):
        left = gap + column * (block + gap)
        pen.text((left, head - 8), name, fill=INK, font=ImageFont.load_default(17), anchor="ld")
        for row in range(len(rows)):
            for each in range(EACH):
                one = Image.fromarray(pictures[row * EACH + each])
                at = (left + each * SIDE, head + row * (SIDE + LABEL) + LABEL)
                image.paste(one.resize((SIDE, SIDE), Image.Resampling.BICUBIC), at)
    for row, prompt in enumerate(rows):
        words = textwrap.shorten(prompt, 150, placeholder=" ...")
        at = (gap, head + row * (SIDE + LABEL) + LABEL - 7)
        pen.text(at, words, fill=FAINT, font=ImageFont.load_default(13), anchor="ld")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=90)
