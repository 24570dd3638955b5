"""What is said of photographs that are given as references: bench/out/references.json and two tables.

    python bench/references.py             # everything; some eight minutes of one core

The first table is of photographs as they come (../shared/data): how many have which flaw. The second is of
pairs: how near two photographs of one person are to each other, and two of different people, by the templates
that people are enrolled by; from ALIKE_MIN on (of rendered faces RENDERED_ALIKE_MIN) they agree.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import combinations

import numpy as np
from common.templates import OUT, SHARED

from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.weights.folder import default_folder
from volenti.perception.sight.reference import Reference, look_at
from volenti.perception.sight.references import odd_ones

#: Folders of ../shared/data with an index of who is in which file.
FOLDERS = ("wild", "portraits", "same-person")

#: A photograph's bytes and who it shows; "" where that isn't known.
Photo = tuple[bytes, str]


def photographs(folder: str) -> Iterator[Photo]:
    """The photographs of a folder, or of the demo's cast."""
    if folder == "cast":
        pack = zipfile.ZipFile(str(files("volenti.demo") / "cast.zip"))
        for each in json.loads(pack.read("records.json")):
            yield pack.read(f"images/{each['file']}"), each["subject"]
        return
    with (SHARED / folder / "index.csv").open() as listing:
        for row in csv.DictReader(listing):
            yield (SHARED / folder / "images" / row["file"]).read_bytes(), row["person_id"]


def agreeing(pairs: Sequence[tuple[Reference, Reference]]) -> float:
    """The share of pairs of photographs that agree."""
    return float(np.mean([not odd_ones(pair) for pair in pairs])) if pairs else float("nan")


def main() -> None:
    detector, report = OpencvFaces(default_folder()), {}
    for folder in (*FOLDERS, "cast"):
        seen = [(look_at(detector, data), who) for data, who in photographs(folder)]
        flaws = Counter(flaw.value for found, _ in seen for flaw in found.flaws or ())
        people: dict[str, list[Reference]] = {}
        for found, who in seen:
            if who and not found.flaws:
                people.setdefault(who, []).append(found)
        same = [pair for theirs in people.values() for pair in combinations(theirs, 2)]
        first = [theirs[0] for theirs in people.values()][:120]
        report[folder] = {
            "photographs": len(seen),
            "sound": sum(not found.flaws for found, _ in seen),
            "flaws": dict(flaws),
            "pairs of one person": len(same),
            "of these agree": agreeing(same),
            "of pairs of two people agree": agreeing(list(combinations(first, 2))),
        }
        print(folder, json.dumps(report[folder]), flush=True)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "references.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
