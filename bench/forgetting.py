"""What one complaint costs, how fast the model lets go, and what cutting it costs in quality.

    python bench/forgetting.py [--only cost] [--only serve] [--only quality] [--only curve] [--only copies]

Everybody of the demo's cast signs a sound release, is cleared, cut into a dataset and trained on.

cost     One person of some slices of every size leaves, each from a copy of the workspace, by a whole
         command, `request run` (complaints.py), and what opening the request took beside it; the mean
         over everybody, beside training all constituents and beside training one model on everything
         (one slice of one shard: as many samples).
serve    Seconds from the beginning of an erasure until nothing that learned from the person is served.
quality  The mixture against one model at equal compute (one_model.py), on photographs nobody trained on.
curve    The same cost with 48 and 96 people of the cast, and 600 and 2,400 of the crowd, slices and
         shards as small each time; with few samples a picture, so that it can be waited for.
copies   Slices that are full copies of the network beside slices that are adapters.

A part that is run alone leaves the others' figures in bench/out/forgetting.json as they were.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

from common import one_model
from common.charts import Point, curve
from common.complaints import Spent, complain, copied, looked_up, sample, seconds_to_drop, train
from common.enrolled import crowd, enrol

from volenti.core.canonical import Json
from volenti.demo.cast import read_cast
from volenti.training.recipe import Recipe

OUT = Path(__file__).parent / "out" / "forgetting.json"
IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
PARTS = ("cost", "serve", "quality", "curve", "copies")
#: Shards and slices by people: as many shards more as people, so two dozen a shard each time.
CUTS = {48: (2, 16), 96: (4, 16), 600: (24, 16), 2400: (96, 16)}
CAST = 96


class Bench:
    """One run: a folder, and the cast's workspace in it, made and trained when it is first needed."""

    def __init__(self, folder: Path, args: argparse.Namespace) -> None:
        self.folder = folder
        self.args = args
        self.recipe = Recipe(samples_per_image=args.samples_per_image)

    @cached_property
    def cast(self) -> Path:
        return enrol(self.folder / "cast", read_cast(0))

    @cached_property
    def training(self) -> Spent:
        """Training all constituents of the cast, which leaves them in the workspace."""
        return train(self.cast, samples_per_image=self.recipe.samples_per_image)

    def cost(self) -> Json:
        whole = self.training
        one = train(copied(self.cast), samples_per_image=self.recipe.samples_per_image, shards=1, slices=1)
        known, rows = looked_up(self.cast), []
        print(f"{'slice':>8} {'people':>6} {'images':>6} {'seconds':>8} {'core s':>7} {'share':>7}")
        for place, weight in sample(known.people, self.args.each):
            took, opened = complain(copied(self.cast), known.people[place][0])
            rows.append(
                {
                    "slice": place,
                    "people": len(known.people[place]),
                    "images": known.images[place],
                    "weight": weight,
                    "opening_core_seconds": opened.core_seconds,
                    **asdict(took),
                }
            )
            share = took.core_seconds / whole.core_seconds
            print(
                f"{place:>8} {rows[-1]['people']:>6} {rows[-1]['images']:>6} {took.seconds:>8.1f} "
                f"{took.core_seconds:>7.1f} {share:>7.2%}",
                flush=True,
            )
        core, waited, opening = (
            sum(row[name] * row["weight"] for row in rows)
            for name in ("core_seconds", "seconds", "opening_core_seconds")
        )
        # What is trained is a slice without the person: the share of a full training that can't be saved.
        replay = sum(
            row["weight"] * known.core_seconds[row["slice"]] * (row["people"] - 1) / row["people"]
            for row in rows
        ) / sum(known.core_seconds.values())
        print(f"{'training':<24} {'seconds':>9} {'core s':>9} {'complaint':>10} {'of waiting':>11}")
        for name, each in (("all constituents", whole), ("one model on everything", one)):
            print(
                f"{name:<24} {each.seconds:>9.1f} {each.core_seconds:>9.1f} "
                f"{core / each.core_seconds:>10.2%} {waited / each.seconds:>11.2%}"
            )
        print(
            f"one complaint costs {core / whole.core_seconds:.2%} of training all "
            f"{len(known.people)} slices, end to end, of which the replay is {replay:.2%}; "
            f"the wait is {waited / whole.seconds:.2%} of its wait. Opening the request before it costs "
            f"{opening / whole.core_seconds:.2%}"
        )
        return {
            "samples_per_image": self.recipe.samples_per_image,
            "slices": len(known.people),
            "all_constituents": asdict(whole),
            "one_model": asdict(one),
            "complaint": {"core_seconds": core, "seconds": waited},
            "opening": {"core_seconds": opening},
            "share": core / whole.core_seconds,
            "share_of_one_model": core / one.core_seconds,
            "share_of_waiting": waited / whole.seconds,
            "replay_share": replay,
            "rows": rows,
        }

    def serve(self) -> Json:
        assert self.training
        people = looked_up(self.cast).people
        rows = []
        for place, _ in sample(people, self.args.each):
            erasure, request = seconds_to_drop(self.cast, people[place][0])
            rows.append({"slice": place, "erasure_seconds": erasure, "request_seconds": request})
        worst, whole = (max(row[name] for row in rows) for name in ("erasure_seconds", "request_seconds"))
        print(
            f"no longer served {worst:.3f} s after the erasure begins, {whole:.3f} s after the "
            f"request does, at most, of {len(rows)}"
        )
        return {"most_erasure_seconds": worst, "most_request_seconds": whole, "rows": rows}

    def quality(self) -> Json:
        grid = IMAGES / "mixture-grid.jpg"
        return one_model.quality(self.cast, self.recipe, self.args.pictures, grid)

    def copies(self) -> Json:
        # Few slices: each full copy is as large as the network.
        few = replace(self.recipe, shards=4, slices=4)
        return one_model.copies(self.cast, few, self.args.pictures, self.args.copies_rate)

    def curve(self) -> Json:
        rows = []
        print(f"{self.args.curve_samples} samples a picture")
        print(
            f"{'people':>6} {'shards':>6} {'slices':>6} {'model':>7} {'training':>9} {'core s':>8} "
            f"{'complaint':>10} {'core s':>7} {'share':>7}"
        )
        for count in self.args.people:
            rows.append(self._point(count))
            line = (
                "{people:>6} {shards:>6} {slices:>6} {model:>5.0f}MB {train_seconds:>8.1f}s "
                "{train_core_seconds:>8.1f} {seconds:>9.1f}s {core_seconds:>7.1f} "
                "{share:>7.2%}"
            )
            print(line.format(**rows[-1], model=rows[-1]["model_bytes"] / 1e6), flush=True)
        lines: dict[str, list[Point]] = {
            "training everything anew": [
                (row["people"], row["train_core_seconds"], f"{row['train_core_seconds']:,.0f} s")
                for row in rows
            ],
            "one complaint, start-up to certificate": [
                (row["people"], row["core_seconds"], f"{row['core_seconds']:.1f} s: {row['share']:.1%}")
                for row in rows
            ],
        }
        curve(
            lines,
            IMAGES / "forgetting-curve.png",
            title="What forgetting one person costs",
            across="people in the dataset, four pictures each",
            up="seconds of one core",
        )
        first, last = rows[0], rows[-1]
        print(
            f"from {first['people']} to {last['people']} people a full training costs "
            f"{last['train_core_seconds'] / first['train_core_seconds']:.1f} times as much, one complaint "
            f"{last['core_seconds'] / first['core_seconds']:.1f} times"
        )
        return {"samples_per_image": self.args.curve_samples, "rows": rows}

    def _point(self, count: int) -> Json:
        folder = self.folder / f"people-{count}"
        people = list(read_cast(0)[:count]) if count <= CAST else crowd(count)
        workspace = enrol(folder, people, apart=count > CAST)
        shards, slices = CUTS.get(count, (max(1, count // 24), 16))
        whole = train(workspace, samples_per_image=self.args.curve_samples, shards=shards, slices=slices)
        known = looked_up(workspace)
        # They leave one after the other, from the same workspace: a few of many change little.
        everybody = sorted({owner for owners in known.people.values() for owner in owners})
        leaving = random.Random(f"bench/{count}").sample(everybody, self.args.complaints)
        took = [complain(workspace, each)[0] for each in leaving]
        shutil.rmtree(folder)
        core = sum(each.core_seconds for each in took) / len(took)
        return {
            "people": len(everybody),
            "slices": len(known.people),
            "shards": shards,
            "model_bytes": known.model_bytes,
            "train_seconds": whole.seconds,
            "train_core_seconds": whole.core_seconds,
            "seconds": sum(each.seconds for each in took) / len(took),
            "core_seconds": core,
            "share": core / whole.core_seconds,
            "complaints": [asdict(each) for each in took],
        }


def _arguments() -> argparse.Namespace:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--each", type=int, default=3, help="slices of each size to try; 0: all")
    parser.add_argument("--samples-per-image", type=int, default=Recipe().samples_per_image)
    parser.add_argument("--pictures", type=int, default=256, help="drawn from each model")
    parser.add_argument("--copies-rate", type=float, default=2e-4, help="learning rate of full copies")
    parser.add_argument("--people", type=int, nargs="+", default=list(CUTS), help="of the curve")
    parser.add_argument("--curve-samples", type=int, default=4, help="a picture, in the curve")
    parser.add_argument("--complaints", type=int, default=6, help="of each point of the curve")
    return parser.parse_args()


def main() -> None:
    args = _arguments()
    figures = json.loads(OUT.read_text()) if OUT.exists() else {}
    figures = {name: each for name, each in figures.items() if name in PARTS}
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), args)
        for part in PARTS:
            if not args.only or part in args.only:
                print(f"-- {part}", flush=True)
                figures[part] = getattr(bench, part)()
                OUT.parent.mkdir(exist_ok=True)
                OUT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
