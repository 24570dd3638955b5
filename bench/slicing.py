"""How quality falls with shards and slices, against one model at equal compute.

    python bench/slicing.py [--pictures 192] [--write]

The demo's cast (96 people, 4 photographs each) is cut into 1, 4, 16 and 64 slices, each way trained
by the default recipe's rank and samples: as many samples in all each time. Slices are then merged
into 1, 4 or 8 constituents; a slice doesn't know its shard, so any of them may be merged. The
mixtures draw the same prompts from the same seeds (mixtures.py says what is looked at).

--write puts the table where the planner of `volenti train --plan` reads it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from common.enrolled import DATASET, enrol
from common.measured import write_measured
from common.mixtures import drawn, judged, mixed, prompts, specs, trained

import volenti
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.demo.cast import read_cast
from volenti.generation.bases import shipped_base
from volenti.training.recipe import Recipe

OUT = Path(__file__).parent / "out" / "slicing.json"
TABLE = Path(__file__).resolve().parents[1] / "src/volenti/training/measured.csv"
SLICES, SHARDS = (1, 4, 16, 64), (1, 4, 8)


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--pictures", type=int, default=192, help="drawn from each mixture")
    parser.add_argument("--steps", type=int, default=12, help="of drawing")
    parser.add_argument("--samples-per-image", type=int, default=Recipe().samples_per_image)
    parser.add_argument("--write", action="store_true", help="let the planner use these figures")
    args = parser.parse_args()
    recipe = Recipe(samples_per_image=args.samples_per_image)
    trainer, jobs = TorchTrainer(shipped_base()), LocalJobRunner()
    asked, rows = prompts(args.pictures), []
    people = read_cast(0)
    with tempfile.TemporaryDirectory() as name, volenti.open(enrol(Path(name), people)) as ws:
        cuts = {count: specs(ws, DATASET, replace(recipe, shards=1, slices=count)) for count in SLICES}
    for count, tasks in cuts.items():
        began = time.perf_counter()
        parts = trained(jobs, trainer, tasks)
        took = time.perf_counter() - began
        for shards in (each for each in SHARDS if each <= count):
            mixture = mixed(jobs, trainer, [parts[shard::shards] for shard in range(shards)])
            quality = judged(drawn(jobs, trainer, mixture, asked, args.steps), asked)
            images = sum(part.images for part in parts)
            rows.append(
                {
                    "shards": shards,
                    "slices": count / shards,
                    "people": len(people) / len(parts),
                    "pictures": images / len(parts),
                    "train_seconds": took,
                    **asdict(quality),
                }
            )
            print(rows[-1], flush=True)
    jobs.close()
    one = rows[0]
    print(
        f"{'shards':>6} {'slices':>6} {'people/slice':>12} {'adherence':>9} {'of one':>7} "
        f"{'Frechet':>8} {'of one':>7} {'faces':>6}"
    )
    for row in rows:
        row["adherence_share"] = row["adherence"] / one["adherence"]
        row["frechet_share"] = row["frechet"] / one["frechet"]
        print(
            f"{row['shards']:>6} {row['slices']:>6.0f} {row['people']:>12.1f} {row['adherence']:>9.3f} "
            f"{row['adherence_share']:>7.3f} {row['frechet']:>8.4f} {row['frechet_share']:>7.2f} "
            f"{row['found']:>6.2f}"
        )
    base = trainer.base_sha256
    figures = {
        "base": base,
        "pictures": args.pictures,
        "steps": args.steps,
        "recipe": encoded(recipe),
        "rows": rows,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    if args.write:
        write_measured(TABLE, "near", _measured(rows, recipe, base))
    worst = min(rows, key=lambda row: row["adherence_share"])
    print(
        f"at worst ({worst['shards']} shards of {worst['slices']:.0f} slices) a mixture follows prompts "
        f"{worst['adherence_share']:.3f} as well as one model"
    )


def _measured(rows: list[dict[str, float]], recipe: Recipe, base: str) -> list[Json]:
    return [
        {
            "shards": row["shards"],
            "pictures": f"{row['pictures']:.2f}",
            "rank": recipe.rank,
            "batch": recipe.batch,
            "samples": recipe.samples_per_image,
            "adherence": f"{row['adherence_share']:.4f}",
            "learned": "",
            "frechet": f"{row['frechet_share']:.4f}",
            "base": base[:16],
        }
        for row in rows
    ]


if __name__ == "__main__":
    main()
