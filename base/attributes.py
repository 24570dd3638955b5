"""Trains the judge of attributes: `python -m base.attributes`.

The judge itself (`volenti.generation.judge`) ships with the package; here it is trained on four
fifths of the crowd's people and measured on the others.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from base.crowd import load_crowd
from volenti.core.canonical import Json
from volenti.generation.judge import (
    ABSENT,
    ATTRIBUTES,
    BACKGROUNDS,
    HAIR_COLOURS,
    SEXES,
    TOPS,
    Judge,
    Pixels,
    save_judge,
    shares,
)
from volenti.generation.pixels import to_tensor

HELD_OUT_SHARE, EPOCHS, BATCH, RATE = 0.2, 6, 64, 3e-3
OUT = Path("src/volenti/generation/judge.safetensors")


def labels(record: Json) -> dict[str, int]:
    """The class of each attribute in a crowd record; ABSENT where there is none."""
    bald = record["hair"] == "bald"
    return {
        "background": BACKGROUNDS.index(record["bg"]),
        "top": TOPS.index(record["cloth"]),
        "hair colour": ABSENT if bald else HAIR_COLOURS.index(record["hair_colour"]),
        "sex": SEXES.index(record["sex"]),
        "glasses": int(record["glasses"]),
        "smiling": int(record["expr"] in ("smiling", "laughing")),
    }


def split(records: Sequence[Json]) -> tuple[list[int], list[int]]:
    """Rows of the people trained on and of those held out; nobody is in both."""
    subjects = sorted({record["subject"] for record in records})
    random.Random("attributes").shuffle(subjects)
    held_out = set(subjects[: round(len(subjects) * HELD_OUT_SHARE)])
    inside = [row for row, record in enumerate(records) if record["subject"] not in held_out]
    outside = [row for row, record in enumerate(records) if record["subject"] in held_out]
    return inside, outside


def worn(x: Tensor, draws: torch.Generator) -> Tensor:
    """Pictures as a generator might draw them: mirrored, a little soft, a little noisy."""
    count = x.shape[0]
    flip = torch.rand(count, 1, 1, 1, generator=draws) < 0.5
    x = torch.where(flip, x.flip(3), x)
    soft = functional.avg_pool2d(functional.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    share = (torch.rand(count, 1, 1, 1, generator=draws) * 2 - 1).clamp(min=0)
    noise = torch.randn(x.shape, generator=draws) * 0.08 * torch.rand(count, 1, 1, 1, generator=draws)
    return x + share * (soft - x) + noise


def train(pixels: Pixels, records: Sequence[Json], rows: Sequence[int], epochs: int = EPOCHS) -> Judge:
    """A judge trained on `rows`; the same bits for the same rows on one thread."""
    torch.manual_seed(0)
    draws = torch.Generator().manual_seed(0)
    judge = Judge()
    judge.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=0.02)
    steps = epochs * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.2)
    targets = {name: torch.tensor([labels(record)[name] for record in records]) for name in ATTRIBUTES}
    for _ in range(epochs):
        order = torch.tensor(rows)[torch.randperm(len(rows), generator=draws)]
        for some in order[: len(rows) // BATCH * BATCH].view(-1, BATCH):
            x = worn(to_tensor(pixels[some.numpy()]), draws)
            parts = [
                functional.cross_entropy(logits, targets[name][some], ignore_index=ABSENT)
                for name, logits in judge(x).items()
            ]
            optimizer.zero_grad()
            torch.stack(parts).sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return judge.eval()


def accuracy(judge: Judge, pixels: Pixels, records: Sequence[Json]) -> dict[str, float]:
    """Share of pictures in which the judge sees what the record says, for each attribute."""
    return shares(judge, pixels, [labels(record) for record in records])


def majority(records: Sequence[Json]) -> dict[str, float]:
    """What always naming the commonest class would reach, for each attribute."""
    said = [labels(record) for record in records]
    counts = {n: np.bincount([one[n] for one in said if one[n] != ABSENT]) for n in ATTRIBUTES}
    return {name: float(count.max() / count.sum()) for name, count in counts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    pixels, records = load_crowd(args.crowd)
    inside, outside = split(records)
    began = time.process_time()
    judge = train(pixels, records, inside, args.epochs)
    spent = time.process_time() - began
    held = [records[row] for row in outside]
    right, common = accuracy(judge, pixels[outside], held), majority(held)
    save_judge(judge, right, common, args.out)
    print(f"trained on {len(inside)} pictures in {spent:.0f} s of one core; judged on {len(outside)}")
    for name in ATTRIBUTES:
        print(f"{name:<12} right {right[name]:.3f}   majority class {common[name]:.3f}")


if __name__ == "__main__":
    main()
