"""Diffusion against autoregression at a quarter of the parameters, on the same pictures.

    python bench/architectures.py BASE [BASE ...] [--pictures 192]

Each BASE is a file of `base.train` (or one that ships): its architecture and shape are read from it.
To be compared fairly, bases are trained on the same crowd for the same time on the same machine:

    python -m base.codebook
    python -m base.train --architecture autoregression --out build/autoregression ...
    python -m base.train --widths 32 64 96 --depths 1 1 2 --out build/quarter ...

All draw the same prompts (captions of photographs nobody trained on) from the same seeds. Looked at:
adherence, Fréchet distance on face templates and the share with a face (mixtures.py says how), and
seconds a picture. What training took is read from the bases' files. Then each is taught a slice of
the demo's cast and made to forget one person of it: bytes of the adapter, seconds, and whether the
bits equal a training without them.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from common.mixtures import GUIDANCE, Pixels, held_out, judged, prompts
from PIL import Image, ImageDraw, ImageFont
from safetensors import safe_open

from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.digest import sha256
from volenti.core.errors import FailedCheckError
from volenti.generation.bases import shipped_base
from volenti.generation.generator import open_generator
from volenti.training.partition import Place
from volenti.training.ports import Drawing, SliceTask
from volenti.training.recipe import Recipe

OUT = Path(__file__).parent / "out" / "architectures.json"
SHEET = Path(__file__).resolve().parents[1] / "docs/images/architectures.png"
SHOWN, SCALE, DRAW_BATCH = 8, 2, 16


def training(base: Path) -> dict[str, int]:
    """Samples and core seconds, as `base.train` wrote them into the file; 0 where it didn't."""
    with safe_open(base, "pt") as kept:
        notes = kept.metadata() or {}
    return {name: int(notes.get(name, 0)) for name in ("samples", "core_seconds")}


def drawn(trainer: TorchTrainer, asked: list[str], steps: int) -> tuple[Pixels, float]:
    """A picture a prompt, seeds from 0, and seconds a picture."""
    trainer.draw(b"", [Drawing(asked[0], 0)], guidance=GUIDANCE, steps=1)  # opens the base
    began, parts = time.perf_counter(), []
    for start in range(0, len(asked), DRAW_BATCH):
        some = [Drawing(text, start + n) for n, text in enumerate(asked[start : start + DRAW_BATCH])]
        parts.append(trainer.draw(b"", some, guidance=GUIDANCE, steps=steps))
    return np.concatenate(parts), (time.perf_counter() - began) / len(asked)


def forgets(trainer: TorchTrainer) -> dict[str, float | str | bool]:
    """A slice of six pictures, then without the last: what it costs, and that the bits say so."""
    frames, captions = held_out(trainer.size_px)
    recipe = replace(Recipe(), samples_per_image=8)

    def taught(count: int) -> SliceTask:
        return SliceTask(Place(0, 0), frames[:count], captions[:count], recipe, seed=1)

    whole = trainer.train(taught(6))
    without, scratch = trainer.train(taught(5)), trainer.train(taught(5))
    taught_on = ((6, whole), (5, without), (5, scratch))
    hashes = [sha256(trainer.merge([(count, each.weights)])) for count, each in taught_on]
    if hashes[1] != hashes[2] or hashes[0] == hashes[1]:
        raise FailedCheckError("Two trainings without the person differ, or one with them doesn't.", "")
    return {
        "adapter_bytes": len(whole.weights),
        "replay_seconds": without.seconds,
        "sha256_after": hashes[1],
        "sha256_scratch": hashes[2],
        "sha256_control": hashes[0],
    }


def sheet(rows: list[tuple[str, Pixels]], asked: list[str]) -> Image.Image:
    """The first pictures of each base, a row each, under the prompts they were drawn for."""
    side, label = rows[0][1].shape[1] * SCALE, 26
    font = ImageFont.load_default(14)
    image = Image.new("RGB", (SHOWN * side, len(rows) * (side + label)), "white")
    pen = ImageDraw.Draw(image)
    for number, (name, pictures) in enumerate(rows):
        top = number * (side + label)
        pen.text((6, top + 5), name, fill="black", font=font)
        for column, picture in enumerate(pictures[:SHOWN]):
            large = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
            image.paste(large, (column * side, top + label))
    return image


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("bases", nargs="*", type=Path, default=[shipped_base()])
    parser.add_argument("--pictures", type=int, default=192)
    parser.add_argument("--steps", type=int, default=16, help="of diffusion")
    parser.add_argument("--sheet", type=Path, default=SHEET)
    args = parser.parse_args()
    asked, rows, shown = prompts(args.pictures), [], []
    for base in args.bases:
        trainer, generator = TorchTrainer(base.resolve()), open_generator(base.resolve())
        parameters = sum(p.numel() for p in generator.network.parameters())
        pictures, seconds = drawn(trainer, asked, args.steps)
        architecture = type(generator).__name__.lower()
        rows.append(
            {
                "base": base.parent.name,
                "architecture": architecture,
                "parameters": parameters,
                **training(base.resolve()),
                "seconds_a_picture": seconds,
                **asdict(judged(pictures, asked)),
                **forgets(trainer),
            }
        )
        shown.append((f"{architecture}, {parameters / 1e6:.1f} million parameters", pictures))
        print(rows[-1], flush=True)
    photographs = held_out()[0]
    shown.append(("photographs nobody trained on", photographs[: args.pictures]))
    print(
        f"{'architecture':<15} {'parameters':>10} {'samples':>9} {'core h':>6} {'adherence':>9} "
        f"{'Frechet':>8} {'faces':>6} "
        f"{'s/picture':>9} {'adapter':>9} {'replay':>7}"
    )
    for row in rows:
        # A base exported by an earlier version doesn't say what it took; its card does.
        samples, hours = (
            (f"{row['samples']:,}", f"{row['core_seconds'] / 3600:.1f}") if row["samples"] else "--"
        )
        print(
            f"{row['architecture']:<15} {row['parameters']:>10,} {samples:>9} {hours:>6} "
            f"{row['adherence']:>9.3f} "
            f"{row['frechet']:>8.4f} {row['found']:>6.2f} {row['seconds_a_picture']:>9.2f} "
            f"{row['adapter_bytes'] / 1e3:>6.0f} kB {row['replay_seconds']:>6.1f}s"
        )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(
        json.dumps({"pictures": args.pictures, "steps": args.steps, "rows": rows}, indent=1) + "\n"
    )
    image = sheet(shown, asked)
    args.sheet.parent.mkdir(parents=True, exist_ok=True)
    image.save(args.sheet)
    best = {
        kind: min((r for r in rows if r["architecture"] == kind), key=lambda r: r["frechet"])
        for kind in {row["architecture"] for row in rows}
    }
    told = "; ".join(
        f"{kind} {row['frechet']:.4f} with {row['parameters'] / 1e6:.1f} M parameters"
        for kind, row in sorted(best.items())
    )
    print(f"Frechet distance: {told}")


if __name__ == "__main__":
    main()
