"""What a divided model learns of pictures unlike its base's, beside what a complaint costs.

    python bench/learning.py [--domains DOMAIN ...] [--pictures 384] [--grid FOLDER] [--work 3] [--write]

The base that ships has seen rendered heads alone. It is trained on more of these, on 96 people's photographs
and on 700 people's, as one model and divided into slices, and draws one picture a caption of people nobody
trained on. Looked at is the Fréchet distance between face templates of what was drawn and of those people
(mixtures.py says how it is computed); distances of two domains can't be compared. With it

    learning kept = (base - divided) / (base - one model)

where one model is the better of those trained by the recipe for pictures near to the base's and by the one
for pictures far from them (training/nearness.py), its change not made larger. All rows of a domain are
trained on as many samples, except where a row says otherwise.
A complaint is its share of training's work, start-up and merging not counted (divisions.py).

domains.py says whose photographs these are: nobody signed anything, and nothing is kept of them but the
figures. --grid writes pictures that each model drew that was trained in this call, to be looked at and
deleted. --write puts the rows of `photographs` where the planner of `volenti train --plan` reads them.
Interrupted, the same command goes on: rows that are in bench/out/learning.json aren't measured again (--anew
measures all).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from common.domains import domain
from common.measured import write_measured
from common.mixtures import Pixels
from common.trials import ONE_AT_A_TIME, SHARDS, SLICES, Row, Studio, trials
from PIL import Image

from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.canonical import Json
from volenti.generation.bases import shipped_base
from volenti.training.nearness import loss_of_base
from volenti.training.recipe import FAR

OUT = Path(__file__).parent / "out" / "learning.json"
TABLE = Path(__file__).resolve().parents[1] / "src/volenti/training/measured.csv"
#: The least distance between the base and one model for which a share of it means anything.
LEAST_GAIN = 0.01
#: A complaint is cheap up to this share of training.
CHEAP = 0.03
#: What the names of rows end with that are drawn from as a mixture is.
SERVED = f"in {SHARDS} shards, {ONE_AT_A_TIME}"


def share_learned(rows: Sequence[Row]) -> None:
    """Say of each row how much of one model's learning it kept; of none where one model learned little."""
    base = rows[0].frechet
    one = [row.frechet for row in rows if row.slices == 1 and row.scale == 1]
    gain = base - min(one, default=base)
    for row in rows:
        row.kept = (base - row.frechet) / gain if gain >= LEAST_GAIN else None


def said(row: Row) -> str:
    """A row of the table."""
    kept = "" if row.kept is None else f"{row.kept:.2f}"
    priced = f"{row.complaint:.2%}" if row.slices else ""
    return (
        f"{row.name:<48} {row.way:<4} {row.scale:>5} {row.samples:>7} {row.core_seconds:>6.0f} "
        f"{row.frechet:>7.4f} {row.found:>5.2f} {row.seconds_a_picture:>5.2f} {kept:>5} {priced:>9}"
    )


def write_grid(shown: Mapping[str, Pixels], held_out: Pixels, file: Path) -> None:
    """The first pictures that each model drew, a line each, and below them photographs nobody trained on."""
    lines = [*shown.values(), held_out[:12]]
    side = 2 * held_out.shape[1]
    sheet = Image.fromarray(np.concatenate([np.concatenate(list(each), 1) for each in lines], 0))
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet.resize((12 * side, len(lines) * side)).save(file)


def measured_rows(figures: Json) -> list[Json]:
    """The rows that the planner interpolates between: of the recipe's scale, served as works are drawn."""
    one = min(row["frechet"] for row in figures["rows"] if row["slices"] == 1 and row["scale"] == 1)
    return [
        {
            "shards": SHARDS if SERVED in row["name"] else 1,
            "pictures": f"{row['pictures_a_slice']:.2f}",
            "rank": FAR.rank,
            "batch": FAR.batch,
            "samples": FAR.samples_per_image,
            "adherence": "",
            "learned": f"{row['kept']:.4f}",
            "frechet": f"{row['frechet'] / one:.4f}",
            "base": figures["base"][:16],
        }
        for row in figures["rows"]
        if row["way"] == "far" and row["scale"] == (1 if row["slices"] == 1 else FAR.scale)
        if row["name"] in ("one model", divided := f"{row['slices']} slices", f"{divided} {SERVED}")
    ]


def measure(studio: Studio, work: int, keep: Path, figures: Json, grid: Path | None) -> None:
    """Measure every row of a domain into the figures, which are kept after each, and print the table."""
    name, shown, others = studio.domain.name, studio.domain.trained, studio.domain.held_out
    mine: Json = {
        "people": len(set(shown.people)),
        "pictures_trained_on": len(shown.captions),
        "loss_of_base": loss_of_base(studio.trainer, shown.frames, shown.captions),
        "halves": studio.halves(),
        "pictures": studio.pictures,
        "steps": studio.steps,
        "base": studio.trainer.base_sha256,
    }
    rows = [studio.base()]
    for trial in trials(name, work):
        for row in studio.rows(trial):
            rows.append(row)
            share_learned(rows)
            figures[name] = {**mine, "rows": [each.to_json() for each in rows]}
            keep.parent.mkdir(exist_ok=True)
            keep.write_text(json.dumps(figures, indent=1) + "\n")
            if grid and studio.shown:
                write_grid(studio.shown, others.frames, grid / f"{name}.png")
    print(
        f"\n{name}: {mine['pictures_trained_on']} pictures of {mine['people']} people; the base's loss on "
        f"them: {mine['loss_of_base']:.3f}; two halves of {len(others.people)} others: {mine['halves']:.4f}"
    )
    print(
        f"{'':<48} {'way':<4} {'scale':>5} {'samples':>7} {'core s':>6} {'Frechet':>7} {'faces':>5} "
        f"{'s/pic':>5} {'kept':>5} {'complaint':>9}"
    )
    print(*map(said, rows), sep="\n", flush=True)


def headline(name: str, figures: Json) -> str:
    """What the best division with a cheap complaint keeps."""
    cheap = [row for row in figures["rows"] if row["slices"] > 1 and row["complaint"] <= CHEAP]
    if not cheap or cheap[0]["kept"] is None:
        return f"{name}: one model learns less than {LEAST_GAIN} from these: the base knows such pictures"
    best = max(cheap, key=lambda row: row["kept"])
    return (
        f"{name}: {best['kept']:.2f} of the learning is kept at {best['complaint']:.2%} a complaint "
        f"({best['name']}, scale {best['scale']:g})"
    )


def _known(figures: Json, name: str, base: str, pictures: int, steps: int) -> dict:  # type: ignore[type-arg]
    """The rows that were measured before in the same way."""
    mine = figures.get(name, {})
    if (mine.get("base"), mine.get("pictures"), mine.get("steps")) != (base, pictures, steps):
        return {}
    return {row.key: row for row in (Row(**each) for each in mine["rows"])}


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--domains", nargs="+", choices=list(SLICES), default=list(SLICES))
    parser.add_argument("--pictures", type=int, default=384, help="drawn by each model")
    parser.add_argument("--steps", type=int, default=10, help="of drawing")
    parser.add_argument(
        "--work", type=int, default=1, help="also with twice the work, and so on, up to so many times"
    )
    parser.add_argument("--grid", type=Path, help="folder for a sheet of each domain's drawn pictures")
    parser.add_argument("--anew", action="store_true", help="measure also what was measured before")
    parser.add_argument("--write", action="store_true", help="let the planner use these figures")
    args = parser.parse_args()
    trainer, jobs = TorchTrainer(shipped_base()), LocalJobRunner()
    figures: Json = json.loads(OUT.read_text()) if OUT.exists() else {}
    for name in args.domains:
        known = {} if args.anew else _known(figures, name, trainer.base_sha256, args.pictures, args.steps)
        studio = Studio(domain(name, trainer.size_px), trainer, jobs, args.pictures, args.steps, known)
        measure(studio, args.work, OUT, figures, args.grid)
    jobs.close()
    if args.write and "photographs" in figures:
        write_measured(TABLE, "far", measured_rows(figures["photographs"]))
    print(*(headline(name, figures[name]) for name in args.domains), sep="\n")


if __name__ == "__main__":
    main()
