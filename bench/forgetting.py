"""What one complaint costs: `request run` end to end, against training all constituents.

    python bench/forgetting.py [--people-of 12]

Everybody of the demo's cast signs a sound release, everything is cleared, cut and trained
with the default recipe. Then one person of each slice leaves (in a copy of the workspace, so
that everybody leaves the same model), and both are timed as whole commands, from the
shell's point of view: start-up, erasure, replay, verification and certificate included.
The mean is over people: a slice with three people counts three times.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from volenti.bootstrap import init_workspace, open_workspace
from volenti.demo.cast import read_cast
from volenti.demo.releases import entry

OUT = Path(__file__).parent / "out" / "forgetting.json"
PURPOSE = "generative-training"


def timed(workspace: Path, *words: str) -> float:
    """Seconds that a command took, as a whole process."""
    began = time.perf_counter()
    call = [sys.executable, "-m", "volenti.cli.main", "-C", str(workspace), *words]
    subprocess.run(call, check=True, capture_output=True)
    return time.perf_counter() - began


def prepared(folder: Path) -> Path:
    """A workspace in which everybody of the cast is covered, cleared and cut."""
    inbox, papers = folder / "inbox", folder / "papers"
    inbox.mkdir()
    (papers / "references").mkdir(parents=True)
    people = read_cast(0)
    entries = [entry(person) for person in people]
    lines = []
    for person, each in zip(people, entries, strict=True):
        (papers / str(each["reference"])).write_bytes(person.reference.data)
        for number, photo in enumerate(person.photos[1:], 1):
            name = f"{person.handle}-{number}.jpg"
            (inbox / name).write_bytes(photo.data)
            lines.append(json.dumps({"file_name": name, "text": photo.caption}))
    (inbox / "metadata.jsonl").write_text("\n".join(lines))
    (papers / "releases.json").write_text(json.dumps(entries))
    workspace = init_workspace(folder / "workspace", seed=0)
    with open_workspace(workspace, watermarks=False) as ws:
        ws.import_releases(papers / "releases.json")
        ws.add([inbox])
        print("cleared:", ws.clear(PURPOSE).totals)
        ws.cut("humans", PURPOSE)
    return workspace


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--people-of", type=int, default=12, help="slices from which one person leaves; 0: all"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = prepared(folder)
        full = timed(workspace, "train", "humans")
        with open_workspace(workspace) as ws:
            run = ws.training.run()
            trained = {str(each.place): each for each in ws.training.slices(run.id)}
            people = {row.id.partition("/")[2]: row.owners for row in ws.records.rows("slice", parent=run.id)}
        core = sum(each.seconds for each in trained.values())
        step = max(1, len(people) // args.people_of) if args.people_of else 1
        rows = []
        for place in sorted(people)[::step]:
            copy = folder / "copy"
            shutil.copytree(workspace, copy)
            timed(copy, "request", "open", "--kind", "erasure", "--subject", people[place][0])
            took = timed(copy, "request", "run")
            core_seconds = trained[place].seconds
            rows.append({"slice": place, "people": len(people[place]), "images": trained[place].images,
                         "core_seconds": core_seconds, "seconds": took, "ratio": took / full})  # fmt: skip
            shutil.rmtree(copy)
    weight = sum(row["people"] for row in rows)
    mean = sum(row["ratio"] * row["people"] for row in rows) / weight
    core_mean = sum(row["core_seconds"] * row["people"] for row in rows) / weight / core
    print(f"{'slice':>8} {'people':>6} {'images':>6} {'replay':>8} {'whole':>8} {'share':>7}")
    for row in rows:
        print(f"{row['slice']:>8} {row['people']:>6} {row['images']:>6} {row['core_seconds']:>7.1f}s"
              f" {row['seconds']:>7.1f}s {row['ratio']:>6.1%}")  # fmt: skip
    figures = {"train_seconds": full, "train_core_seconds": core, "slices": len(trained),
               "measured": len(rows), "mean_ratio": mean, "mean_core_ratio": core_mean,
               "rows": rows}  # fmt: skip
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"training all {len(trained)} slices: {full:.1f} s ({core:.1f} core seconds)")
    print(
        f"one complaint costs {mean:.1%} of training all constituents, end to end"
        f" ({core_mean:.1%} of the work)"
    )


if __name__ == "__main__":
    main()
