"""Measure a base: does it draw what it is asked for, and does it draw faces?

    python -m base.measure CHECKPOINT --plot build/curve.png --grid build/grid.png

Prompts are captions of crowd people whom the attribute judges never saw, with the top, the
background and the smile drawn anew, so that the combinations are not those of the photographs.
(The base itself has seen the crowd; what it is asked here is to follow words, not to recall.)
Adherence of an attribute is the share of pictures in which the judge sees what was asked,
divided by the share of held-out renders in which it sees what is there, at most 1: a judge that
errs on renders can't ask for more from a generator. It says nothing about likeness, variety or
beauty; look at the grid for those.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from base import attributes, curve
from base.crowd import load_crowd
from base.detector import detection_rate
from base.grid import write_grid
from volenti.core.canonical import Json
from volenti.generation.generator import Generator, open_generator
from volenti.generation.judge import ATTRIBUTES, BACKGROUNDS, TOPS, load_judge
from volenti.generation.text import tokenize

JUDGES = Path("src/volenti/generation/judge.safetensors")
DRAW_BATCH = 32

#: Figures of each attribute by name, as `adherence` explains them; and `mean`.
Adherence = dict[str, dict[str, float]]


def asked(records: Sequence[Json], count: int, seed: int = 0) -> list[Json]:
    """`count` records to be drawn, their captions saying exactly what they hold.

    Each begins as a random one of `records`; its top, background and smile are drawn anew.
    """
    rng = random.Random(f"asked/{seed}")
    return [_varied(rng.choice(list(records)), rng) for _ in range(count)]


def _varied(record: Json, rng: random.Random) -> Json:
    top, background = rng.choice(TOPS), rng.choice(BACKGROUNDS)
    expression = rng.choice(("smiling", "laughing", "neutral", "neutral"))
    body = re.sub(r"^an? (smiling |laughing |serious |sad |surprised |open-mouthed )?", "", record["caption"])
    body = re.sub(r" in a [a-z]+( striped)? top", rf" in a {top}\1 top", body)
    body = body[: body.index("studio photograph")] + "studio photograph, " + background
    body = body if background == "green screen" else f"{body} background"
    said = body if expression == "neutral" else f"{expression} {body}"
    article = "an" if said[0] in "aeiou" else "a"
    return record | {"cloth": top, "bg": background, "expr": expression, "caption": f"{article} {said}"}


def draw(
    generator: Generator, captions: Sequence[str], *, steps: int = 16, guidance: float = 2.5, seed: int = 0
) -> NDArray[np.uint8]:
    """One picture for each caption, uint8 (count, size, size, 3); picture i has seed `seed` + i."""
    parts = []
    for start in range(0, len(captions), DRAW_BATCH):
        some = list(captions[start : start + DRAW_BATCH])
        seeds = range(seed + start, seed + start + len(some))
        with torch.no_grad():
            parts.append(
                generator.draw(generator.network, tokenize(some), seeds, guidance=guidance, steps=steps)
            )
    return np.concatenate(parts)


def adherence(pictures: NDArray[np.uint8], records: Sequence[Json], judges: Path = JUDGES) -> Adherence:
    """How far `pictures`, uint8 (count, 64, 64, 3), show what `records` (`asked`) say.

    For each attribute: `right` (the judge's share on the pictures), `judge` (its share on
    held-out renders), `majority` (what the commonest class would reach there) and `adherence`
    = right / judge, at most 1. The entry `mean` has the mean adherence.
    """
    judge, held_out, common = load_judge(judges)
    right = attributes.accuracy(judge, pictures, records)
    found = {
        name: {
            "right": right[name],
            "judge": held_out[name],
            "majority": common[name],
            "adherence": min(1.0, right[name] / held_out[name]),
        }
        for name in ATTRIBUTES
    }
    found["mean"] = {"adherence": float(np.mean([one["adherence"] for one in found.values()]))}
    return found


def samples_seen(path: Path) -> int:
    """The number in a checkpoint's name: average-00048000.safetensors has seen 48,000 samples."""
    digits = re.search(r"(\d+)$", path.stem)
    return int(digits.group(1)) if digits else 0


def report(found: Adherence) -> str:
    """The table of `adherence` as text."""
    columns = {"adherence": 9, "right": 7, "judge": 7, "majority": 9}
    lines = [f"{'attribute':<12}" + "".join(f"{name:>{width + 2}}" for name, width in columns.items())]
    for name in ATTRIBUTES:
        cells = (f"{found[name][column]:>{width + 2}.3f}" for column, width in columns.items())
        lines.append(f"{name:<12}" + "".join(cells))
    return "\n".join([*lines, f"{'mean':<12}{found['mean']['adherence']:>11.3f}"])


def _point(samples: int, found: Adherence, detection: float, args: argparse.Namespace) -> curve.Point:
    each = {name.replace(" ", "_"): found[name]["adherence"] for name in ATTRIBUTES}
    return curve.Point(
        samples=samples,
        adherence=found["mean"]["adherence"],
        detection=detection,
        pictures=args.pictures,
        steps=args.steps,
        guidance=args.guidance,
        **each,
    )


def _arguments() -> argparse.Namespace:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--samples", type=int, help="samples seen, where the file's name doesn't say")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--judges", type=Path, default=JUDGES)
    parser.add_argument("--curve", type=Path, default=Path("build/curve.csv"))
    parser.add_argument("--plot", type=Path, help="draw the curve into this PNG")
    parser.add_argument("--grid", type=Path, help="draw eight prompts into this PNG")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    args = _arguments()
    torch.set_num_threads(args.threads)
    generator = open_generator(args.checkpoint.resolve())
    _, records = load_crowd(args.crowd)
    held_out = [records[row] for row in attributes.split(records)[1]]
    wanted = asked(held_out, args.pictures)
    began = time.perf_counter()
    captions = [record["caption"] for record in wanted]
    pictures = draw(generator, captions, steps=args.steps, guidance=args.guidance)
    spent = time.perf_counter() - began
    found = adherence(pictures, wanted, args.judges)
    detection = detection_rate(pictures)
    seen = samples_seen(args.checkpoint) if args.samples is None else args.samples
    curve.add(args.curve, _point(seen, found, detection, args))
    print(f"{args.checkpoint.name}: {seen} samples; steps {args.steps}, guidance {args.guidance}")
    print(report(found))
    print(f"a face is found in {detection:.3f} of {args.pictures} pictures, drawn in {spent:.0f} s")
    if args.plot:
        curve.plot(curve.read(args.curve), args.plot)
    if args.grid:
        write_grid(lambda some: draw(generator, some, steps=args.steps, guidance=args.guidance), args.grid)


if __name__ == "__main__":
    main()
