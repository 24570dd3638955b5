"""Export a base: weights in float16, and the card that says what they are.

    python -m base.export build/base/average-00480000.safetensors

The averaged weights are rounded to float16, which halves the file and is far below the noise of
training; the file is then read again and compared, tensor by tensor. The card is written from what
was measured: the curve's last row for this checkpoint, the judges' own accuracy, the training log.
Where a figure wasn't measured the export stops.
"""

from __future__ import annotations

import argparse
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save

from base import curve
from base.crowd import data_digest, load_crowd
from base.measure import JUDGES, samples_seen
from volenti.core.digest import sha256_file
from volenti.core.errors import IntegrityError, NotFoundError, UsageError
from volenti.core.files import write_atomically
from volenti.generation.diffusion.unet import PatchUNet
from volenti.generation.generator import open_generator
from volenti.generation.judge import ATTRIBUTES, load_judge

#: The weights travel in the package's wheel.
BYTES_MAX = 12_000_000

#: Where package readers expect them.
ROOM = Path("src/volenti/generation/diffusion")
WEIGHTS, CARD = ROOM / "base.safetensors", ROOM / "BASE.md"


def export(checkpoint: Path, out: Path) -> float:
    """Write a checkpoint's weights in float16; returns the largest change rounding made.

    Raises UsageError where the file would be too large or a weight too large for float16, and
    IntegrityError where the file can't be opened or holds others than were meant.
    """
    with safe_open(checkpoint, "pt") as kept:
        notes = kept.metadata()
        average = {name: kept.get_tensor(name) for name in sorted(kept.keys())}
    halves = {name: tensor.half().contiguous() for name, tensor in average.items()}
    if not all(bool(tensor.isfinite().all()) for tensor in halves.values()):
        raise UsageError("A weight doesn't fit float16.", "Train with a lower rate, or keep float32.")
    data = save(halves, notes)
    if len(data) > BYTES_MAX:
        raise UsageError(f"The weights are {len(data)} bytes.", f"Stay below {BYTES_MAX}.")
    write_atomically(out, data)
    open_generator.cache_clear()
    open_generator(out)
    read = load_file(out)
    if read.keys() != halves.keys() or any(
        not torch.equal(read[name], half) for name, half in halves.items()
    ):
        raise IntegrityError("The file holds other weights than were written.", "Export again.")
    return max(float((average[name] - half.float()).abs().max()) for name, half in halves.items())


@dataclass(frozen=True, slots=True)
class Training:
    """What a training log says."""

    samples: int
    seconds: float
    loss: float
    #: How often the run was started, and the samples whose lines the log has lost.
    starts: int
    missing: int

    def time(self) -> str:
        """The time in words, with what is known to be wrong with it."""
        words = f"about {self.seconds / 60:.0f} minutes by the clock"
        if self.starts > 1:
            words += f" in {self.starts} runs, what was trained twice counted twice"
        if self.missing:
            words += f" and without {self.missing:,} samples that the log has lost"
        return words


def read_log(text: str) -> Training:
    """What base/train.py printed, as figures; NotFoundError where there are none.

    A line's rate is counted from its process's start, so a process took its samples over the rate
    of its last line. A run that was killed and started again is a second process; where it began
    is only known to the nearest line, so the time of such a run is a few steps too short. Where it
    begins after the last line's samples, lines are missing, and so is their time. A process may
    print at other steps than the one before: two lines as far apart as the next two are one's own.
    """
    pattern = r"^ *(\d+) samples +loss ([\d.]+) +([\d.]+)/s"
    lines = [(int(n), float(loss), float(rate)) for n, loss, rate in re.findall(pattern, text, re.MULTILINE)]
    if len(lines) < 2:
        raise NotFoundError("The log has no progress in it.", "Give the output of base/train.py.")
    gaps = [after - before for (before, _, _), (after, _, _) in itertools.pairwise(lines)]
    every = gaps[0]
    seconds, began, starts, missing = 0.0, 0, 1, 0
    for place, gap in enumerate(gaps):
        if gap > 0 and gap in (every, *gaps[place + 1 : place + 2]):
            every = gap
            continue
        samples, _, rate = lines[place]
        seconds += (samples - began) / rate
        missing += max(0, gap - every)
        began, starts = lines[place + 1][0], starts + 1
    samples, loss, rate = lines[-1]
    return Training(samples, seconds + (samples - began) / rate, loss, starts, missing)


def measured(points: list[curve.Point], samples: int) -> curve.Point:
    """The row with the most pictures for `samples`, the latest of equals; NotFoundError without one."""
    rows = [point for point in points if point.samples == samples]
    if not rows:
        raise NotFoundError(f"{samples} samples aren't in the curve.", "Run base.measure on this checkpoint.")
    return max(reversed(rows), key=lambda point: point.pictures)


def _rows(point: curve.Point, judges: Path) -> str:
    _, held_out, common = load_judge(judges)
    lines = []
    for name in ATTRIBUTES:
        shares = (getattr(point, name.replace(" ", "_")), held_out[name], common[name])
        lines.append(f"| {name} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")
    return "\n".join(lines)


def _curve_rows(points: list[curve.Point]) -> str:
    best = {point.samples: measured(points, point.samples) for point in points}
    lines = [
        f"| {p.samples:,} | {p.adherence:.2f} | {p.detection:.2f} | {p.pictures} |" for p in best.values()
    ]
    return "\n".join(lines)


def card(
    weights: Path, point: curve.Point, points: list[curve.Point], training: Training, args: argparse.Namespace
) -> str:
    """The model card as Markdown; every figure in it was measured or computed from files."""
    pixels, records = load_crowd(args.crowd)
    network = cast(PatchUNet, open_generator(weights).network)
    config, parameters = network.config, sum(p.numel() for p in network.parameters())
    return CARD_TEXT.format(
        file=weights.name,
        sha256=sha256_file(weights),
        size=weights.stat().st_size,
        parameters=parameters,
        config=config,
        widths=", ".join(map(str, config.widths)),
        pictures=len(records),
        people=len({r["subject"] for r in records}),
        digest=data_digest(pixels, records),
        samples=point.samples,
        passes=point.samples / len(records),
        time=training.time(),
        history=f"\n{args.history}\n" if args.history else "",
        point=point,
        rows=_rows(point, args.judges),
        curve=_curve_rows([p for p in points if p.samples <= point.samples]),
        # Where the export found them is the exporter's business; the card names the usual places.
        checkpoint=f"build/base/{args.checkpoint.name}",
    )


CARD_TEXT = """# The base
The weights every constituent starts from. They were made by the commands at the end; this page is
written by `base/export.py` from the files those commands leave.

| | |
|---|---|
| file | `{file}`, float16, {size:,} bytes |
| SHA-256 | `{sha256}` |
| network | {parameters:,} parameters, {config.size} px, patch {config.patch}, widths {widths} \
(src/volenti/generation/diffusion/unet.py) |
| trained on | {pictures:,} pictures of {people:,} people who do not exist, \
rendered by the virtual studio |
| SHA-256 of that data | `{digest}` |
| training | {samples:,} samples ({passes:.1f} passes), {time}; \
flow matching, Muon and AdamW (base/train.py) |
| licence | Apache-2.0, as the project |

## Who is in it
Nobody, by the studio's account: it renders parametric heads and CC0 geometry, and shows no real
person. A face detector trained elsewhere (YuNet) chose where the pictures are cut; no weight of it,
no face matcher and no ready-made text encoder is in this file. So the base has no release, no shard
and no withdrawal: it is what stays when everybody has left.

## What was measured
{point.pictures} prompts, {point.steps} steps, guidance {point.guidance:g}. Adherence is how often a \
small classifier
sees in a drawn picture what the prompt asked, as a share of how often it sees in held-out renders
what is there; at most 1. `judge` is the classifier's own accuracy on those renders, `majority` what
always naming the commonest class would reach there.

| attribute | adherence | judge | majority |
|---|---|---|---|
{rows}

Mean adherence {point.adherence:.2f}. A face detector (YuNet at score 0.5, pictures enlarged to 256 px)
finds a face in {point.detection:.2f} of them.

| samples seen | mean adherence | detection | pictures measured |
|---|---|---|---|
{curve}

## What it can't do
- It draws at {config.size} px, soft, and like a render: it has never seen a photograph of a person.
- One person, head and shoulders, in a studio. No hands, no scenes, no crowd, no text.
- It knows the words of `src/volenti/generation/vocabulary.py` and no others; it says which it doesn't.
- Age, hair style, facing and expressions finer than smiling or not were taught and aren't measured here.
- The judges and the base learned from the same renders, so adherence says nothing about real photographs.
- The renders' mixture of skin tones, ages and hair is the studio's, not any population's.

## The same again
    python -m base.crowd
    python -m base.train --out build/base --samples {samples} | tee build/base.log
    python -m base.attributes
    python -m base.measure {checkpoint}
    python -m base.export {checkpoint}

The same commands give the same bits only with the same torch build, thread count and CPU class.
{history}"""


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--card", type=Path, default=CARD)
    parser.add_argument("--log", type=Path, default=Path("build/base.log"))
    parser.add_argument("--history", default="", help="what in this run differed from the commands above")
    parser.add_argument("--curve", type=Path, default=Path("build/curve.csv"))
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--judges", type=Path, default=JUDGES)
    args = parser.parse_args()
    torch.set_num_threads(1)
    points = curve.read(args.curve)
    point = measured(points, samples_seen(args.checkpoint))
    training = read_log(args.log.read_text())
    rounding = export(args.checkpoint, args.out)
    text = card(args.out, point, points, training, args)
    write_atomically(args.card, text.encode())
    print(f"{args.out}: {args.out.stat().st_size:,} bytes, sha256 {sha256_file(args.out)}")
    print(f"float16 moved no weight by more than {rounding:.1e}")
    print(f"{args.card} written")


if __name__ == "__main__":
    main()
