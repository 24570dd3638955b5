"""The mixture beside one model at equal compute, and full copies beside adapters.

The default recipe cuts the cast into constituents of slices; one model is the same recipe in one
slice of one shard: as many samples, as many steps. mixtures.py says what is looked at. A base that
nobody trained further stands beside them, so that it can be seen what either of them learned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

import volenti
from common.charts import EACH, sheet
from common.enrolled import DATASET
from common.mixtures import Part, Pixels, drawn, judged, mixed, prompts, specs, trained
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.canonical import Json
from volenti.demo.humans import PROMPTS
from volenti.generation.bases import shipped_base
from volenti.training.ports import SliceTask
from volenti.training.recipe import Recipe


@dataclass(frozen=True)
class Atelier:
    """Where mixtures are made: the trainer, its workers, and a workspace's specs."""

    workspace: Path
    trainer: TorchTrainer
    jobs: LocalJobRunner

    @classmethod
    def over(cls, workspace: Path) -> Atelier:
        return cls(workspace, TorchTrainer(shipped_base()), LocalJobRunner())

    def cut(self, recipe: Recipe) -> list[SliceTask]:
        recipe = replace(recipe, base_sha256=self.trainer.base_sha256, size_px=self.trainer.size_px)
        with volenti.open(self.workspace) as ws:
            return specs(ws, DATASET, recipe)

    def mixture(self, tasks: Sequence[SliceTask], parts: Sequence[Part]) -> list[tuple[int, bytes]]:
        """Constituents of slices, by the shards they lie in."""
        shards: dict[int, list[Part]] = defaultdict(list)
        for task, part in zip(tasks, parts, strict=True):
            shards[task.place.shard].append(part)
        return mixed(self.jobs, self.trainer, [parts for _, parts in sorted(shards.items())])

    def draw(self, mixture: Sequence[tuple[int, bytes]], asked: Sequence[str]) -> Pixels:
        return drawn(self.jobs, self.trainer, mixture, asked)


def _steps(tasks: Sequence[SliceTask]) -> int:
    return sum(task.recipe.steps(len(task.captions)) for task in tasks)


def quality(workspace: Path, recipe: Recipe, pictures: int, grid: Path) -> Json:
    """The mixture against one model; prints a table, writes a sheet of both."""
    place, asked = Atelier.over(workspace), prompts(pictures)
    shown = [prompt for prompt in PROMPTS for _ in range(EACH)]
    rows: list[Json] = []
    sheets: dict[str, Pixels] = {}
    print(f"{'model':<24} {'steps':>7} {'adherence':>9} {'Frechet':>8} {'faces':>6}")
    for name, cut in (("one model", replace(recipe, shards=1, slices=1)), ("the mixture", recipe)):
        tasks = place.cut(cut)
        mixture = place.mixture(tasks, trained(place.jobs, place.trainer, tasks))
        rows.append(_judged(place, name, mixture, asked, _steps(tasks)))
        sheets[name] = place.draw(mixture, shown)
    rows.append(_judged(place, "the base, untrained", [(1, b"")], asked, 0))
    place.jobs.close()
    sheet(dict(reversed(sheets.items())), PROMPTS, grid)
    one, mixture_row = rows[0], rows[1]
    ratio = mixture_row["frechet"] / one["frechet"]
    lower = 100 * (one["adherence"] - mixture_row["adherence"])
    print(
        f"the mixture's Frechet distance is {ratio:.2f} times one model's, its adherence "
        f"{lower:+.1f} points lower"
    )
    return {"pictures": pictures, "rows": rows, "frechet_ratio": ratio, "points_lower": lower}


def _judged(
    place: Atelier, name: str, mixture: Sequence[tuple[int, bytes]], asked: Sequence[str], steps: int
) -> Json:
    found = judged(place.draw(mixture, asked), asked)
    print(
        f"{name:<24} {steps:>7} {found.adherence:>9.3f} {found.frechet:>8.4f} {found.found:>6.2f}", flush=True
    )
    return {"model": name, "steps": steps, **asdict(found)}


def copies(workspace: Path, recipe: Recipe, pictures: int, rate: float) -> Json:
    """Slices that are full copies of the network (rank 0) beside slices that are adapters."""
    place, asked = Atelier.over(workspace), prompts(pictures)
    rows: list[Json] = []
    print(
        f"{'slices are':<24} {'core s':>8} {'a slice':>10} {'together':>10} {'adherence':>9} {'Frechet':>8}"
    )
    for name, way in (
        (f"adapters of rank {recipe.rank}", recipe),
        ("full copies", replace(recipe, rank=0, learning_rate=rate)),
    ):
        tasks = place.cut(way)
        parts = trained(place.jobs, place.trainer, tasks)
        found = judged(place.draw(place.mixture(tasks, parts), asked), asked)
        core = sum(part.result.seconds for part in parts)
        sizes = [len(part.result.weights) for part in parts]
        rows.append(
            {
                "slices": name,
                "count": len(parts),
                "core_seconds": core,
                "bytes": int(np.median(sizes)),
                "all_bytes": sum(sizes),
                "learning_rate": way.learning_rate,
                **asdict(found),
            }
        )
        print(
            f"{name:<24} {core:>8.1f} {rows[-1]['bytes'] / 1e6:>7.2f} MB {sum(sizes) / 1e6:>7.1f} MB "
            f"{found.adherence:>9.3f} {found.frechet:>8.4f}",
            flush=True,
        )
    place.jobs.close()
    first, second = rows
    print(
        f"full copies take {second['core_seconds'] / first['core_seconds']:.2f} times the work and "
        f"{second['bytes'] / first['bytes']:.0f} times the room"
    )
    return {"pictures": pictures, "shards": recipe.shards, "slices": recipe.slices, "rows": rows}
