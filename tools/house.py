"""Draws the house: which package stands on which, from the imports and the layers of `.importlinter`.

    python tools/house.py [--check]

Writes docs/images/house.svg; with --check it only compares, and ends with status 1 where the picture differs.
Packages stand from the top of the house to its ground, along both sides in the same order. A dot says that
the package of that row imports the one of that column; it is larger where three or more of its files do, and
again from ten on. Imports go downward: so no dot lies left of the diagonal.
"""

from __future__ import annotations

import ast
import configparser
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "volenti"
PICTURE = ROOT / "docs" / "images" / "house.svg"
CELL, LEFT, TOP, EDGE = 26, 176, 118, 20
INK, SOFT, GRID, DOT = "#222222", "#6a6a6a", "#e4e0d8", "#33658a"


def floors() -> list[list[str]]:
    """The packages of each layer, from the top down."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:house"]["layers"].split("\n")
    return [[name.strip() for name in layer.split("|")] for layer in layers if layer.strip()]


def files_of(package: str) -> list[Path]:
    """The modules of a package, or the one of that name."""
    folder = SOURCE / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [SOURCE / f"{package}.py"]


def imports() -> dict[str, Counter[str]]:
    """Of each package, how many of its files import each other one."""
    known = {name for floor in floors() for name in floor}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for package in known:
        for path in files_of(package):
            names: set[str] = set()
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    names.add(node.module or "")
                elif isinstance(node, ast.Import):
                    names |= {each.name for each in node.names}
            parts = {name.split(".")[1] for name in names if name.startswith("volenti.")}
            found[package].update((parts & known) - {package})
    return found


def shares() -> dict[str, int]:
    """Hundredths of all lines of code, by package."""
    lines = {
        name: sum(len(path.read_text().splitlines()) for path in files_of(name))
        for floor in floors()
        for name in floor
    }
    return {name: round(100 * count / sum(lines.values())) for name, count in lines.items()}


def svg() -> str:
    """The picture."""
    order = [name for floor in floors() for name in floor]
    uses, share = imports(), shares()
    side = CELL * len(order)
    width, height = LEFT + side + EDGE, TOP + side + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="13">',
        "<title>Packages of Volenti, each above those that it imports</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, name in enumerate(order):
        middle = TOP + number * CELL + CELL / 2
        across = LEFT + number * CELL + CELL / 2
        parts += [
            f'<line x1="{LEFT}" y1="{middle}" x2="{LEFT + side}" y2="{middle}" stroke="{GRID}"/>',
            f'<line x1="{across}" y1="{TOP}" x2="{across}" y2="{TOP + side}" stroke="{GRID}"/>',
            f'<rect x="{across - 6}" y="{middle - 6}" width="12" height="12" fill="{GRID}"/>',
            f'<text x="{LEFT - 48}" y="{middle + 4}" text-anchor="end" fill="{INK}">{name}</text>',
            f'<text x="{LEFT - 10}" y="{middle + 4}" text-anchor="end" font-size="11" fill="{SOFT}">'
            f"{share[name] or '<1'.replace('<', '&lt;')} %</text>",
            f'<text transform="translate({across + 4} {TOP - 8}) rotate(-55)" fill="{INK}">{name}</text>',
        ]
    for row, name in enumerate(order):
        for column, other in enumerate(order):
            if count := uses[name][other]:
                radius = 4 if count < 3 else 6 if count < 10 else 9
                parts.append(
                    f'<circle cx="{LEFT + column * CELL + CELL / 2}" cy="{TOP + row * CELL + CELL / 2}" '
                    f'r="{radius}" fill="{DOT}"><title>{name} imports {other}</title></circle>'
                )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    drawn = svg()
    differs = not PICTURE.exists() or PICTURE.read_text() != drawn
    if "--check" in sys.argv[1:]:
        print(f"{PICTURE.relative_to(ROOT)} {'differs from' if differs else 'is as'} the imports")
        sys.exit(int(differs))
    PICTURE.write_text(drawn)
    print(f"{PICTURE.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
