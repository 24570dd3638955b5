"""How near two photographs of one person and of two people come: `python bench/likeness.py`.

Plain cosine of face templates over all pairs of the cast's pictures (../shared/data/cast), as
the catalogue compares works with the people behind a model. Prints percentiles and what the
catalogue's threshold lets through and catches.
"""

import json
from pathlib import Path

import numpy as np
from templates import templates

from volenti.catalogue.likeness import TOO_CLOSE_MIN

OUT = Path(__file__).parent / "out" / "likeness.json"


def main() -> None:
    cast = templates("cast")
    scores = cast.vectors @ cast.vectors.T
    same = cast.subjects[:, None] == cast.subjects[None]
    upper = np.triu(np.ones_like(same), 1)
    one, two = scores[same & upper], scores[~same & upper]
    figures = {}
    print(f"{'pairs':<14} {'count':>8} {'5%':>7} {'50%':>7} {'95%':>7} {'too close':>10}")
    for name, found in (("one person", one), ("two people", two)):
        low, middle, high = (float(value) for value in np.percentile(found, [5, 50, 95]))
        caught = float((found >= TOO_CLOSE_MIN).mean())
        figures[name] = {"pairs": len(found), "5%": low, "50%": middle, "95%": high, "too_close": caught}
        print(f"{name:<14} {len(found):>8} {low:>7.3f} {middle:>7.3f} {high:>7.3f} {caught:>10.3%}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"from {TOO_CLOSE_MIN} on: {figures['one person']['too_close']:.1%} of one person's pairs, "
          f"{figures['two people']['too_close']:.2%} of two people's")  # fmt: skip


if __name__ == "__main__":
    main()
