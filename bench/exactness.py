"""Exact forgetting, tried on one person of each slice of each of three shards.

    python bench/exactness.py [--slices 4] [--samples-per-image 4]

The demo's cast is trained in three shards by the real trainer. Then one person of each slice is
erased, each in a copy of the workspace of its own, and `prove-forgetting` compares three hashes of
the constituent they were in: what is served after the erasure, the same trained from scratch in
new processes on who remains, and what was served while they were in it. The first two must be
equal, the third must differ; so must a training without one person more.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from enrolled import DATASET, enrol

from volenti.bootstrap import open_workspace
from volenti.demo.cast import read_cast
from volenti.training.recipe import Recipe

OUT = Path(__file__).parent / "out" / "exactness.json"
SHARDS = 3


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--slices", type=int, default=4, help="slices of each shard")
    parser.add_argument("--samples-per-image", type=int, default=4, help="fewer than a recipe's, to be quick")
    args = parser.parse_args()
    recipe = Recipe(shards=SHARDS, slices=args.slices, samples_per_image=args.samples_per_image)
    rows = []
    print(f"{'slice':>8} {'people':>6}  {'served after':<16} {'from scratch':<16} {'with them':<16} "
          f"{'one less':<16} {'equal':>6} {'differ':>7}")  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = enrol(folder, read_cast(0))
        with open_workspace(workspace) as ws:
            run = ws.train(DATASET, recipe).run
            people = {row.id.rpartition("/")[2]: row.owners for row in ws.records.rows("slice", parent=run)}
        for place, owners in sorted(people.items()):
            row = _tried(shutil.copytree(workspace, folder / "copy"), place, owners)
            shutil.rmtree(folder / "copy")
            rows.append(row)
            hashes = (row[each] for each in ("after", "scratch", "control", "one_less"))
            print(f"{place:>8} {len(owners):>6}  " + " ".join(f"{str(each)[:16]:<16}" for each in hashes)
                  + f" {row['equal']!s:>6} {row['differ']!s:>7}", flush=True)  # fmt: skip
    equal, differ = (sum(bool(row[each]) for row in rows) for each in ("equal", "differ"))
    figures = {"shards": SHARDS, "recipe": recipe.to_json(), "equal": equal, "differ": differ,
               "tried": len(rows), "rows": rows}  # fmt: skip
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"{equal} of {len(rows)} equal, {differ} of {len(rows)} controls differ")


def _tried(workspace: Path, place: str, owners: tuple[str, ...]) -> dict[str, object]:
    """Erase one person of a slice and prove it, in this copy of the workspace."""
    with open_workspace(workspace) as ws:
        done = ws.run(ws.request("erasure", owners[0]).id).request
    # Opened anew: what is trained now is trained in processes that have seen nothing.
    with open_workspace(workspace) as ws:
        proofs = ws.prove_forgetting(done.id)
    (proof,) = [each for each in proofs if each.constituent.endswith(f"/{place.partition('-')[0]}")]
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


if __name__ == "__main__":
    main()
