"""Exactness and export of models on pipelines of diffusers, a family a row.

    python bench/pipelines.py [--pictures 60] [--people 12] [--slices 4] [--pipeline FOLDER ...]

Without --pipeline small random pipelines of three families are made, as the tests make them: what is shown
is the way, not how good pictures are. With it, yours are used; then --device cuda is the way. The pictures
are the demo's cast, who do not exist.

EXACTNESS. Every slice is trained twice, in processes of their own. `same`: whether both gave the same bytes.
Somebody leaves: their slice is trained again without them and everything is merged (`after`); everything is
trained from scratch without them and merged (`scratch`). `exact`: these two are equal; `control`: they differ
from the model with them, and from one without somebody else too. `complaint`: seconds of the slice trained
again as a share of those of all. `loss`: on the pictures learned from, of the base and of the model.

EXPORT. The merged file is loaded by plain diffusers (`load_lora_weights`), which draws one picture; `pixels`
is the largest difference, in levels of 255, from what the trainer draws.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common.divisions import Division
from common.domains import Shown, domain
from diffusers import DiffusionPipeline
from safetensors.torch import load

from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.core.digest import sha256
from volenti.training.ports import Drawing, SliceResult, SliceTask
from volenti.training.recipe import Recipe

OUT = Path(__file__).parent / "out" / "pipelines.json"
RECIPE = Recipe(shards=1, samples_per_image=8, batch=4, rank=4, learning_rate=1e-2, min_people=1)
PROMPT, SEED, GUIDANCE, STEPS = "a photograph of a woman in a red top", 7, 2.0, 4


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one pipeline."""

    family: str
    size_px: int
    rank: int
    file_bytes: int
    seconds_a_sample: float
    same: bool
    exact: bool
    control: bool
    complaint: float
    loss_base: float
    loss_model: float
    pixels: int


def trained(trainer: PipelineTrainer, tasks: Sequence[SliceTask]) -> list[SliceResult]:
    """The slices, trained in new processes."""
    jobs = LocalJobRunner()
    try:
        found = dict(jobs.run(trainer.train, tasks))
    finally:
        jobs.close()
    return [found[each] for each in range(len(tasks))]


def merged(trainer: PipelineTrainer, tasks: Sequence[SliceTask], results: Sequence[SliceResult]) -> bytes:
    """The constituent of slices."""
    pairs = zip(tasks, results, strict=True)
    return trainer.merge([(len(task.captions), result.weights) for task, result in pairs], RECIPE.scale)


def plain(folder: Path, weights: bytes, device: str, size: int) -> np.ndarray:
    """One picture by diffusers alone, with the file."""
    index = json.loads((folder / "model_index.json").read_text())
    absent = {name: None for name, each in index.items() if isinstance(each, list) and each[0] is None}
    pipe: Any = DiffusionPipeline.from_pretrained(folder, dtype=torch.float32, **absent)  # type: ignore[no-untyped-call]
    pipe.set_progress_bar_config(disable=True)
    pipe.to(device).load_lora_weights(load(weights))
    drawn = pipe(
        PROMPT,
        height=size,
        width=size,
        guidance_scale=GUIDANCE,
        num_inference_steps=STEPS,
        generator=torch.Generator().manual_seed(SEED),
        output_type="np",
    ).images[0]
    return (np.clip(drawn, 0, 1) * 255).round().astype(np.int16)


def without(shown: Shown, *people: str) -> Shown:
    """The pictures of everybody else."""
    return shown.only(lambda who: who not in people)


def measured(name: str, folder: Path, device: str, pictures: int, people: int, slices: int) -> Row:
    """Train, forget, draw: everything that a row says."""
    trainer = PipelineTrainer(folder, device)
    everybody = domain("renders", trainer.size_px).trained
    some = set(sorted(set(everybody.people))[:people])
    shown = everybody.only(some.__contains__)
    shown = Shown(shown.frames[:pictures], shown.captions[:pictures], shown.people[:pictures])
    division = Division(
        name, replace(RECIPE, base_sha256=trainer.base_sha256, size_px=trainer.size_px), slices
    )
    tasks = division.tasks(shown)
    first, second = trained(trainer, tasks), trained(trainer, tasks)
    model = merged(trainer, tasks, first)
    leaves, other = sorted(set(shown.people))[:2]
    # The deal of people into slices doesn't change with who leaves: it is made once, of everybody.
    fewer = [replace(task, **kept(task, shown, {leaves})) for task in tasks]
    due = [n for n, (a, b) in enumerate(zip(tasks, fewer, strict=True)) if len(a.captions) != len(b.captions)]
    again = trained(trainer, [fewer[n] for n in due])
    after = [again[due.index(n)] if n in due else each for n, each in enumerate(first)]
    scratch = trained(trainer, fewer)
    two_less = [replace(task, **kept(task, shown, {leaves, other})) for task in tasks]
    forgot, anew = merged(trainer, fewer, after), merged(trainer, fewer, scratch)
    control = {sha256(model), sha256(merged(trainer, two_less, trained(trainer, two_less)))}
    seconds = sum(each.seconds for each in first)
    samples = sum(RECIPE.steps(len(task.captions)) * RECIPE.batch for task in tasks)
    (drawn,) = trainer.draw(model, [Drawing(PROMPT, SEED)], guidance=GUIDANCE, steps=STEPS)
    difference = np.abs(drawn.astype(np.int16) - plain(folder, model, device, trainer.size_px))
    rows = slice(0, 24)
    losses = [
        float(trainer.losses(each, shown.frames[rows], shown.captions[rows], seed=1, draws=4).mean())
        for each in (b"", model)
    ]
    return Row(
        name,
        trainer.size_px,
        RECIPE.rank * slices,
        len(model),
        seconds / samples,
        [each.weights for each in first] == [each.weights for each in second],
        sha256(forgot) == sha256(anew),
        sha256(forgot) not in control,
        sum(each.seconds for each in again) / seconds,
        *losses,
        int(difference.max()),
    )


def kept(task: SliceTask, shown: Shown, gone: set[str]) -> dict[str, Any]:
    """A slice's pictures without some people's."""
    frames = {picture.tobytes(): who for picture, who in zip(shown.frames, shown.people, strict=True)}
    rows = [row for row, picture in enumerate(task.frames) if frames[picture.tobytes()] not in gone]
    return {"frames": task.frames[rows], "captions": tuple(task.captions[row] for row in rows)}


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--slices", type=int, default=4)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--pipeline", type=Path, nargs="+", help="folders that diffusers saved")
    args = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.unit.adapters.pipelines import FAMILIES, write_pipeline

    with tempfile.TemporaryDirectory() as made:
        folders = {each.name: each for each in args.pipeline or ()}
        if not folders:
            folders = {family: write_pipeline(Path(made) / family, family) for family in FAMILIES}
        counts = (args.pictures, args.people, args.slices)
        rows = [measured(name, folder, args.device, *counts) for name, folder in folders.items()]
    print(
        f"{'EXACTNESS':<12} {'px':>5} {'s/sample':>8} {'same':>5} {'exact':>5} {'control':>7} "
        f"{'complaint':>9} {'loss: base':>10} {'model':>6}"
    )
    for row in rows:
        print(
            f"{row.family:<12} {row.size_px:>5} {row.seconds_a_sample:>8.3f} {_word(row.same):>5} "
            f"{_word(row.exact):>5} {_word(row.control):>7} {row.complaint:>9.1%} {row.loss_base:>10.3f} "
            f"{row.loss_model:>6.3f}"
        )
    print(f"\n{'EXPORT':<12} {'rank':>5} {'bytes':>10} {'pixels':>6}")
    for row in rows:
        print(f"{row.family:<12} {row.rank:>5} {row.file_bytes:>10,} {row.pixels:>6}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(
        json.dumps({"device": args.device, "rows": [asdict(row) for row in rows]}, indent=1) + "\n"
    )
    good = sum(row.same and row.exact and row.control and row.pixels <= 1 for row in rows)
    print(f"{good} of {len(rows)} pipelines forget bit for bit, and draw the same in plain diffusers")


def _word(yes: bool) -> str:
    return "yes" if yes else "NO"


if __name__ == "__main__":
    main()
