"""The report: one page with the whole story, which can be read offline.

Every figure on it comes from the summary (report/summary.json); pictures are data URIs. The page
loads nothing, no script, font or style sheet, and its content security policy forbids loading any.
Charts are drawn here as SVG.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from volenti.catalogue.generation_result import GeneratedImage
from volenti.core.canonical import Json
from volenti.core.version import VERSION
from volenti.demo.contactsheet import Tile

TEMPLATE = "report.html.jinja"

#: Size of the loss chart in its own units, and the room for labels around the lines.
CHART_WIDTH, CHART_HEIGHT, CHART_LEFT, CHART_BOTTOM = 640, 230, 46, 34
QUARTERS = ("first quarter", "second", "third", "last")


def render(
    summary: Json,
    tiles: Sequence[Tile],
    drawn: Sequence[GeneratedImage],
    drawn_again: Sequence[tuple[int, GeneratedImage]] = (),
    problems: Sequence[str] = (),
) -> str:
    """The page as HTML.

    drawn: the works of `summary["chapters"]["generation"]["works"]`, in order. drawn_again: the number of a
    work there, and what was drawn from the same seed later. problems: promises that were broken, in words.
    """
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters.update(size=size, duration=duration, share=share, picture=picture, words=words)
    template = page.from_string((files("volenti.demo") / TEMPLATE).read_text(encoding="utf-8"))
    chapters = summary["chapters"]
    works = list(zip(chapters["generation"]["works"], drawn, strict=True))
    return template.render(
        summary=summary,
        c=chapters,
        tiles=tiles,
        traps=_trap_cards(summary, tiles),
        prompts=_by_prompt(works),
        again=[(drawn[number], after) for number, after in drawn_again],
        losses=loss_chart(chapters["training"]["losses"], chapters["training"]["mean_losses"]),
        problems=problems,
        version=VERSION,
    )


def loss_chart(losses: Sequence[Sequence[float]], means: Sequence[float]) -> Markup:
    """A chart as SVG: each slice's mean loss by quarter of its training, and the mean of all slices.

    losses: for each slice one loss a quarter; slices without four are left out. means: one a quarter.
    """
    lines = [line for line in losses if len(line) == len(QUARTERS)]
    values = [value for line in lines for value in line]
    if not values:
        return Markup("")
    low, high = min(values), max(values)
    margin = (high - low) * 0.06 or 0.01
    low, high = low - margin, high + margin
    right, bottom = CHART_WIDTH - 12, CHART_HEIGHT - CHART_BOTTOM

    def points(line: Sequence[float]) -> str:
        across = [CHART_LEFT + (right - CHART_LEFT) * (i + 0.5) / len(line) for i in range(len(line))]
        down = [bottom - (bottom - 8) * (value - low) / (high - low) for value in line]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))

    parts = [
        f'<svg class="chart" viewBox="0 0 {CHART_WIDTH} {CHART_HEIGHT}" role="img" '
        f'aria-label="Training loss of {len(lines)} slices, by quarter of their training">'
    ]
    for step in range(4):
        value, height = low + (high - low) * (step + 0.5) / 4, bottom - (bottom - 8) * (step + 0.5) / 4
        parts.append(
            f'<line class="grid" x1="{CHART_LEFT}" x2="{right}" y1="{height:.1f}" y2="{height:.1f}"/>'
        )
        parts.append(_label(CHART_LEFT - 8, height + 4, "end", f"{value:.3f}"))
    parts += [f'<polyline class="thin" points="{points(line)}"/>' for line in lines]
    parts.append(f'<polyline class="thick" points="{points(means)}"/>')
    for point in points(means).split():
        across, down = point.split(",")
        parts.append(f'<circle class="dot" cx="{across}" cy="{down}" r="3.5"/>')
    for index, name in enumerate(QUARTERS):
        middle = CHART_LEFT + (right - CHART_LEFT) * (index + 0.5) / len(QUARTERS)
        parts.append(_label(middle, CHART_HEIGHT - 10, "middle", name))
    return Markup("\n".join([*parts, "</svg>"]))


def _label(across: float, down: float, anchor: str, text: str) -> str:
    return f'<text class="tick" x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}">{text}</text>'


def size(count: float) -> str:
    """Bytes in the unit that fits, powers of 1000."""
    if count < 1000:
        return f"{count:.0f} bytes"
    amount, unit = next(
        ((count / scale, unit) for unit, scale in (("kB", 1e3), ("MB", 1e6)) if count < 1000 * scale),
        (count / 1e9, "GB"),
    )
    return f"{amount:.0f} {unit}" if amount >= 100 else f"{amount:.1f} {unit}"


def duration(seconds: float) -> str:
    """Seconds in the unit that fits."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "under 1 ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def share(value: float | None) -> str:
    """A share as per cent."""
    return "not measured" if value is None else f"{100 * value:.1f} %".replace(".0 %", " %")


def picture(data: bytes) -> str:
    """The data URI of a PNG or JPEG."""
    kind = "png" if data[:4] == b"\x89PNG" else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def words(code: str) -> str:
    """A code as words: trap-third-party-copy is "third party copy"."""
    return code.removeprefix("trap-").replace("-", " ")


def _trap_cards(summary: Json, tiles: Sequence[Tile]) -> list[Json]:
    """What the page shows of each trap: its row of the table, and the tile of its first file."""
    told = {each["name"]: each for each in summary["chapters"]["clearance"]["traps"]}
    cards = []
    for row in summary["traps"]:
        mine = [tile for tile in tiles if tile.trap == row["name"]]
        verdict, _, code = row["got"].partition(": ")
        cards.append(
            {**told[row["name"]], **row, "verdict": verdict, "code": code, "tile": mine[0] if mine else None}
        )
    return cards


def _by_prompt(
    works: Sequence[tuple[Json, GeneratedImage]],
) -> list[tuple[str, list[tuple[Json, GeneratedImage]]]]:
    """Works in rows of the same prompt, in order."""
    rows: dict[str, list[tuple[Json, GeneratedImage]]] = {}
    for work, drawn in works:
        rows.setdefault(work["prompt"], []).append((work, drawn))
    return list(rows.items())
