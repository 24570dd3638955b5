"""Judges of attributes: does a picture show what its caption says? `python -m base.attributes`.

A small network with two pairs of eyes: one sees the whole frame at half size (background, top,
hair), the other the middle of it at full size, where the face lies, because the rim of a pair of
glasses is one pixel wide and disappears in the whole. Trained on four fifths of the crowd's
people and judged on the others. These are measuring instruments and nothing else: no weight of
theirs enters a model, and their own accuracy is printed beside everything they say.

What they don't judge: exact expression (serious, sad and neutral renders can't be told apart),
age, facing, hair style.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from base.crowd import load_crowd
from volenti.core.canonical import Json

Pixels = NDArray[np.uint8]

BACKGROUNDS = ("green screen", "white", "grey", "blue", "beige", "dark grey", "teal", "pink")
TOPS = ("purple", "blue", "green", "navy", "white", "red", "black", "brown", "grey", "mustard")
HAIR_COLOURS = ("black", "dark brown", "brown", "grey", "white", "blond", "light brown", "red")
SEXES = ("woman", "man")
ATTRIBUTES: dict[str, int] = {
    "background": len(BACKGROUNDS), "top": len(TOPS), "hair colour": len(HAIR_COLOURS),
    "sex": len(SEXES), "glasses": 2, "smiling": 2,
}  # fmt: skip

HELD_OUT_SHARE, EPOCHS, BATCH, RATE = 0.2, 6, 64, 3e-3
#: Label of an attribute that a record doesn't have (the hair colour of a shaved head).
ABSENT = -1
#: Rows and columns of the frame that the eye for faces sees.
FACE = slice(12, 52)


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


def _eye(*widths: int) -> nn.Sequential:
    """3x3 convolutions with batch normalisation; each after the first halves the side."""
    layers: list[nn.Module] = []
    for index, (inner, outer) in enumerate(zip((3, *widths[:-1]), widths, strict=True)):
        layers += [nn.Conv2d(inner, outer, 3, stride=2 if index else 1, padding=1, bias=False),
                   nn.BatchNorm2d(outer), nn.ReLU()]  # fmt: skip
    return nn.Sequential(*layers)


class Judge(nn.Module):
    """(batch, 3, 64, 64) pixels in [-1, 1] -> logits (batch, classes) of each attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = _eye(24, 48, 80, 96)
        self.face = _eye(24, 40, 72, 96)
        features = 96 * 4 * 4 + 96 * 5 * 5
        self.heads = nn.ModuleDict(
            {name: nn.Sequential(nn.Dropout(0.2), nn.Linear(features, n)) for name, n in ATTRIBUTES.items()}
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        whole = self.whole(functional.avg_pool2d(x, 2)).flatten(1)
        face = self.face(x[:, :, FACE, FACE]).flatten(1)
        seen = torch.cat([whole, face], dim=1)
        return {name: head(seen) for name, head in self.heads.items()}


def tensor(pixels: Pixels) -> Tensor:
    """uint8 (count, side, side, 3) -> float32 (count, 3, side, side) in [-1, 1]."""
    return (torch.from_numpy(pixels).float() / 127.5 - 1).permute(0, 3, 1, 2)


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
            x = worn(tensor(pixels[some.numpy()]), draws)
            parts = [
                functional.cross_entropy(logits, targets[name][some], ignore_index=ABSENT)
                for name, logits in judge(x).items()
            ]
            optimizer.zero_grad()
            torch.stack(parts).sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return judge.eval()


@torch.no_grad()
def verdicts(judge: Judge, pixels: Pixels) -> dict[str, NDArray[np.int64]]:
    """The class the judge sees in each picture, for each attribute; (count,) each."""
    parts = [judge(tensor(pixels[start : start + 256])) for start in range(0, len(pixels), 256)]
    return {name: torch.cat([part[name].argmax(1) for part in parts]).numpy() for name in ATTRIBUTES}


def accuracy(judge: Judge, pixels: Pixels, records: Sequence[Json]) -> dict[str, float]:
    """Share of pictures in which the judge sees what the record says, for each attribute."""
    said = [labels(record) for record in records]
    shares = {}
    for name, seen in verdicts(judge, pixels).items():
        truth = np.array([one[name] for one in said])
        shares[name] = float((seen == truth)[truth != ABSENT].mean())
    return shares


def majority(records: Sequence[Json]) -> dict[str, float]:
    """What always naming the commonest class would reach, for each attribute."""
    said = [labels(record) for record in records]
    counts = {n: np.bincount([one[n] for one in said if one[n] != ABSENT]) for n in ATTRIBUTES}
    return {name: float(count.max() / count.sum()) for name, count in counts.items()}


def save(judge: Judge, held_out: Mapping[str, float], common: Mapping[str, float], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"judge": judge.state_dict(), "held_out": dict(held_out), "majority": dict(common)}, path)


def load(path: Path = Path("build/attributes.pt")) -> tuple[Judge, dict[str, float], dict[str, float]]:
    """The judge, its accuracy on held-out renders, and the majority class's there."""
    kept = torch.load(path)
    judge = Judge()
    judge.load_state_dict(kept["judge"])
    return judge.eval(), kept["held_out"], kept["majority"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--out", type=Path, default=Path("build/attributes.pt"))
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
    save(judge, right, common, args.out)
    print(f"trained on {len(inside)} pictures in {spent:.0f} s of one core; judged on {len(outside)}")
    for name in ATTRIBUTES:
        print(f"{name:<12} right {right[name]:.3f}   majority class {common[name]:.3f}")


if __name__ == "__main__":
    main()
