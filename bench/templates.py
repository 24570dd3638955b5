"""Templates of the test pictures' largest faces, made once and kept in bench/out for the other benches.

The pictures lie in ../shared/data beside the checkout; without it there is nothing to measure.
The cache holds biometric templates of real people: it stays on this machine and out of version control.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volenti.adapters.faces_opencv import OpencvFaces
from volenti.adapters.weights_fetch import default_folder
from volenti.clearance.picture import Picture, open_picture

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT / "../shared/data"
OUT = ROOT / "bench/out"


@dataclass(frozen=True, slots=True)
class Templates:
    """One row a picture: its template (128,), whose it is, its file, and how many faces were found."""

    vectors: NDArray[np.float32]
    subjects: NDArray[np.str_]
    files: NDArray[np.str_]
    faces: NDArray[np.int64]


def templates(name: str) -> Templates:
    """Those of data set `name` (cast, crowd, portraits, same-person), made once.

    Pictures without a face are left out.
    """
    cache = OUT / f"templates-{name}.npz"
    if not cache.exists():
        OUT.mkdir(parents=True, exist_ok=True)
        np.savez(cache, **_made(SHARED / name))
    with np.load(cache) as kept:
        return Templates(kept["vectors"], kept["subjects"], kept["files"], kept["faces"])


def templates_of(folder: Path) -> Templates:
    """Those of any folder with an index.csv (file, person_id); nothing is kept of them."""
    made = _made(folder)
    return Templates(made["vectors"], made["subjects"], made["files"], made["faces"])


def _made(folder: Path) -> dict[str, NDArray]:
    detector = OpencvFaces(default_folder())
    rows = []
    for file, subject in _index(folder):
        path = folder / file
        if not path.exists():
            path = folder / "images" / file
        picture = open_picture(path.read_bytes())
        if not isinstance(picture, Picture):
            raise SystemExit(f"{path}: {picture.message}")
        faces = detector.faces(picture.rgb)
        if faces:
            rows.append((faces[0].template, subject, file, len(faces)))
    vectors, subjects, files, counts = zip(*rows, strict=True)
    return {
        "vectors": np.array(vectors),
        "subjects": np.array(subjects),
        "files": np.array(files),
        "faces": np.array(counts),
    }


def _index(folder: Path) -> list[tuple[str, str]]:
    records = folder / "records.json"
    if records.exists():
        rows = json.loads(records.read_text())
        # All 19,200 pictures would take half an hour of one core. A quarter of the people, with all
        # their pictures, fit the cohort as well; another quarter, with one, serve as strangers.
        if folder.name == "crowd":
            rows = [row for row in rows if _kept(row["file"])]
        return [(row["file"], row["subject"]) for row in rows]
    with (folder / "index.csv").open() as file:
        return [(row["file"], row["person_id"]) for row in csv.DictReader(file)]


def _kept(file: str) -> bool:
    """Whether a crowd picture (s0123-2.jpg) is looked at: all of every fourth person, one of another's."""
    number, _, picture = Path(file).stem.lstrip("s").partition("-")
    return int(number) % 4 == 0 or (int(number) % 4 == 2 and picture == "0")
