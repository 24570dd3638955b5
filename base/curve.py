"""The curve: how a base's pictures improve with the samples it has seen.

One row for each measured checkpoint, in a CSV file that people and spreadsheets read; drawn with
Pillow, so that no plotting library is needed.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN_LEFT, MARGIN = 900, 520, 60, 40
#: Names are written beside the lines' ends; their room on the right, and between two of them.
NAMES_WIDTH, NAME_HEIGHT = 130, 16
COLOURS = ("#111111", "#d1495b", "#00798c", "#edae49", "#66a182", "#8d6a9f", "#2e4057", "#b5651d")


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured on one checkpoint; shares are 0 to 1, adherence relative to renders."""

    samples: int
    adherence: float
    background: float
    top: float
    hair_colour: float
    sex: float
    glasses: float
    smiling: float
    detection: float
    pictures: int
    steps: int
    guidance: float


def read(path: Path) -> list[Point]:
    """The points of a curve file, by samples; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        points = [_point(row) for row in csv.DictReader(file)]
    return sorted(points, key=lambda point: point.samples)


def _point(row: Mapping[str, str]) -> Point:
    # The module's annotations are strings, so a field's type is its name.
    kinds: dict[Any, Callable[[str], float]] = {"int": int, "float": float}
    values: dict[str, Any] = {f.name: kinds[f.type](row[f.name]) for f in fields(Point)}
    return Point(**values)


def add(path: Path, point: Point) -> None:
    """Append one row; the first also writes the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Point)])
        if new:
            writer.writeheader()
        writer.writerow({k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(point).items()})


def plot(points: Sequence[Point], path: Path) -> None:
    """Draw adherence, each attribute's and detection over samples seen, as a PNG."""
    names = ("adherence", "detection", "background", "top", "hair_colour", "sex", "glasses", "smiling")
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    most = max(point.samples for point in points)
    right, bottom = WIDTH - NAMES_WIDTH, HEIGHT - MARGIN

    def place(samples: int, share: float) -> tuple[float, float]:
        x = MARGIN_LEFT + samples / most * (right - MARGIN_LEFT)
        return x, bottom - share * (bottom - MARGIN)

    for tenth in range(0, 11, 2):
        _, y = place(0, tenth / 10)
        draw.line([(MARGIN_LEFT, y), (right, y)], fill="#dddddd")
        draw.text((MARGIN_LEFT - 34, y - 8), f"{tenth / 10:.1f}", fill="#555555", font=font)
    for quarter in range(5):
        x, _ = place(most * quarter // 4, 0)
        draw.text((x, bottom + 8), f"{most * quarter / 4000:.0f}k", fill="#555555", font=font, anchor="ma")
    draw.text((MARGIN_LEFT, 12), "share right (1 = as on renders), by samples seen", fill="black", font=font)
    ends = []
    for name, colour in zip(names, COLOURS, strict=True):
        line = [place(point.samples, getattr(point, name)) for point in points]
        draw.line(line, fill=colour, width=3 if name == "adherence" else 2)
        for x, y in line:
            draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=colour)
        ends.append((line[-1][1], name, colour))
    lowest = 0.0
    for y, name, colour in sorted(ends):
        lowest = max(y, lowest + NAME_HEIGHT)
        draw.text((right + 10, lowest - 8), name.replace("_", " "), fill=colour, font=font)
    image.save(path)
