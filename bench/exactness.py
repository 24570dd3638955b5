"""Exact forgetting, tried on one person of each slice of each of three shards, and as stories.

    python bench/exactness.py [--only slices] [--only stories]

slices   The demo's cast is trained in three shards by the real trainer. Then one person of each slice
         is erased, each in a copy of the workspace of its own, and `prove-forgetting` compares hashes of
         the constituent they were in: what is served after the erasure, the same trained from scratch in
         new processes on who remains, what was served while they were in it, and a training without
         one person more. The first two must be equal, the others must differ.
stories  Two dozen people, one of them in a picture with another, and what can happen when somebody
         leaves (stories.py). At the end every constituent that is served is trained from scratch on
         who remains, and every request's proof is asked.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

from common.complaints import command, copied
from common.enrolled import DATASET, enrol
from common.stories import OPTIONS, STORIES, photographed_together

import volenti
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.demo.cast import read_cast
from volenti.training.recipe import Recipe

OUT = Path(__file__).parent / "out" / "exactness.json"
PARTS = ("slices", "stories")
SHARDS, FEW = 3, 24


def slices(folder: Path, args: argparse.Namespace) -> Json:
    """One person of each slice of each shard."""
    recipe = Recipe(shards=SHARDS, slices=args.slices, samples_per_image=args.samples_per_image)
    rows = []
    print(
        f"{'slice':>8} {'people':>6}  {'served after':<16} {'from scratch':<16} {'with them':<16} "
        f"{'one less':<16} {'equal':>6} {'differ':>7}"
    )
    workspace = enrol(folder, read_cast(0))
    with volenti.open(workspace) as ws:
        run = ws.train(DATASET, recipe).run
        people = {row.id.rpartition("/")[2]: row.owners for row in ws.parts.records.rows("slice", parent=run)}
    for place, owners in sorted(people.items()):
        row = _tried(copied(workspace), place, owners)
        rows.append(row)
        hashes = (row[each] for each in ("after", "scratch", "control", "one_less"))
        print(
            f"{place:>8} {len(owners):>6}  "
            + " ".join(f"{str(each)[:16]:<16}" for each in hashes)
            + f" {row['equal']!s:>6} {row['differ']!s:>7}",
            flush=True,
        )
    equal, differ = (sum(bool(row[each]) for row in rows) for each in ("equal", "differ"))
    print(f"{equal} of {len(rows)} equal, {differ} of {len(rows)} controls differ")
    return {
        "shards": SHARDS,
        "recipe": encoded(recipe),
        "equal": equal,
        "differ": differ,
        "tried": len(rows),
        "rows": rows,
    }


def _tried(workspace: Path, place: str, owners: tuple[str, ...]) -> Json:
    """Erase one person of a slice and prove it, in this copy of the workspace."""
    with volenti.open(workspace) as ws:
        done = ws.requests.run(ws.requests.open("erasure", owners[0], identity="in-person").id)
    # Opened anew: what is trained now is trained in processes that have seen nothing.
    with volenti.open(workspace) as ws:
        run, shard = ws.parts.training.run(), int(place.partition("-")[0])
        before = (done.opening or {}).get("constituents_before", {})
        proof = ws.parts.prover.prove(run, shard, control=before.get(f"{run.id}/{shard:02d}", ""))
    return {
        "slice": place,
        "people": len(owners),
        "after": proof.sha256_after,
        "scratch": proof.sha256_scratch,
        "control": proof.sha256_control,
        "one_less": proof.sha256_one_less,
        "equal": proof.comparable and proof.sha256_after == proof.sha256_scratch,
        "differ": proof.sha256_after not in (proof.sha256_control, proof.sha256_one_less),
    }


def stories(folder: Path, args: argparse.Namespace) -> Json:
    """What can happen when somebody leaves, each told in a copy of a workspace."""
    cast = read_cast(0)[:FEW]
    workspace = enrol(folder, cast)
    photographed_together(workspace, folder / "together", cast[:2])
    cut = shutil.copytree(workspace, folder / "cut")
    command(workspace, "train", DATASET, *OPTIONS)
    rows = []
    print(
        f"{'who leaves':<30} {'people':>6} {'served':>7} {'equal':>6} {'proofs':>7} {'hold':>5} "
        f"{'in nothing':>11} {'seconds':>8}"
    )
    for name, (story, trained) in STORIES.items():
        began = time.perf_counter()
        copy = copied(workspace if trained else cut)
        requests = story(copy)
        row = {"story": name, **_proved(copy, requests), "seconds": time.perf_counter() - began}
        rows.append(row)
        line = (
            "{story:<30} {people:>6} {served:>7} {equal:>6} {proofs:>7} {hold:>5} {in_nothing!s:>11} "
            "{seconds:>8.1f}"
        )
        print(line.format(**row), flush=True)
    sound = sum(
        row["equal"] == row["served"] and row["hold"] == row["proofs"] and row["in_nothing"] for row in rows
    )
    print(f"{sound} of {len(rows)} stories end with the weights of a world without them")
    return {"sound": sound, "told": len(rows), "rows": rows}


def _proved(workspace: Path, requests: list[str]) -> Json:
    """Every constituent beside itself from scratch, and every request's own proof."""
    with volenti.open(workspace) as ws:
        run = ws.parts.training.run()
        served = ws.parts.training.model_store.constituents(run.id)
        proofs = [each for each in ws.prove_forgetting() if each.sha256_after]
        scratch = {each.constituent: each.sha256_scratch for each in proofs}
        equal = sum(scratch.get(f"{run.id}/{each.shard:02d}") == each.sha256 for each in served)
        known = {
            owner
            for kind in ("slice", "constituent")
            for row in ws.parts.records.rows(kind)
            for owner in row.owners
        }
        gone = [request for request in requests if ws.parts.requests.find(request).state == "done"]
        here = {owner for row in ws.parts.records.rows("subject") for owner in row.owners}
        nothing = len(gone) == len(requests) and known <= here and ws.audit().ok
    return {
        "people": len(requests),
        "served": len(served),
        "equal": equal,
        "proofs": len(proofs),
        "hold": sum(each.ok for each in proofs),
        "in_nothing": nothing,
    }


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--slices", type=int, default=4, help="slices of each shard")
    parser.add_argument("--samples-per-image", type=int, default=4, help="fewer than a recipe's, to be quick")
    args = parser.parse_args()
    figures = json.loads(OUT.read_text()) if OUT.exists() else {}
    figures = {name: each for name, each in figures.items() if name in PARTS}
    for part in PARTS:
        if not args.only or part in args.only:
            print(f"-- {part}", flush=True)
            with tempfile.TemporaryDirectory() as name:
                figures[part] = globals()[part](Path(name), args)
            OUT.parent.mkdir(exist_ok=True)
            OUT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
