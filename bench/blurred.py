"""How often people are recognised by blurred faces, by how sharp these are; bench/out/blurred.json.

    python bench/blurred.py [--people 120]

One photograph of each person is the reference; another is blurred, more and more (a Gaussian of so many
per cent of the face's side), and compared with everybody's reference. *Matched*: the score is what a match
needs, as clearing asks. *Nearest*: of all these people the right one is the nearest, which somebody who
knows that it must be one of them could say.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common.templates import OUT, SHARED
from PIL import Image, ImageFilter

from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.weights.folder import default_folder
from volenti.clearance.reviewing import TOO_BLURRED_BELOW
from volenti.perception.sight.blur import sharpness
from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.ranking import THRESHOLDS

#: Blurs in per cent of a face's side, and the sharpness at which the groups of faces end.
BLURS = (0.0, 1.5, 3.0, 4.0, 5.0, 6.0, 8.0)
ENDS = (0.01, 0.02, TOO_BLURRED_BELOW, 0.05, 0.1, 0.2, 0.5, 10.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """A blurred face: how sharp it is, and whether it was matched, or the right person the nearest."""

    sharpness: float
    matched: bool
    nearest: bool


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=120, metavar="N", help="How many people.")
    args = parser.parse_args()
    seen = measured(pairs(args.people))
    print(f"{'sharpness below':>16}{'faces':>8}{'matched':>10}{'nearest':>10}")
    rows, start = [], 0.0
    for end in ENDS:
        some = [each for each in seen if start <= each.sharpness < end]
        start = end
        if some:
            matched, nearest = (sum(each.matched for each in some), sum(each.nearest for each in some))
            rows.append({"below": end, "faces": len(some), "matched": matched, "nearest": nearest})
            shares = f"{matched / len(some):>10.1%}{nearest / len(some):>10.1%}"
            print(f"{end:>16g}{len(some):>8}{shares}")
    below = [each for each in seen if each.sharpness < TOO_BLURRED_BELOW]
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "blurred.json").write_text(json.dumps({"people": args.people, "rows": rows}, indent=1) + "\n")
    matched, nearest = (sum(each.matched for each in below), sum(each.nearest for each in below))
    print(
        f"\nOf {len(below)} faces less sharp than {TOO_BLURRED_BELOW:g}, {matched} are matched, and "
        f"{nearest} are nearest to the right one of {args.people} people"
    )


def pairs(people: int) -> list[tuple[Path, Path]]:
    """Two photographs of each of so many people."""
    folder, found = SHARED / "same-person", dict[str, list[Path]]()
    with (folder / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["person_id"], []).append(folder / "images" / row["file"])
    some = [(each[0], each[1]) for each in found.values() if len(each) > 1]
    return random.Random(1).sample(some, min(people, len(some)))


def measured(photographs: list[tuple[Path, Path]]) -> list[Seen]:
    """Every second photograph at every blur at which a face is found, compared with every first one."""
    detector, needed = OpencvFaces(default_folder()), THRESHOLDS["cosine"].match_min

    def face_in(picture: Image.Image) -> Face | None:
        faces = detector.faces(np.asarray(picture))
        return max(faces, key=lambda face: face.box[2] * face.box[3], default=None)

    known: list[tuple[np.ndarray, Image.Image, Face]] = []
    for first, second in photographs:
        photo = Image.open(second).convert("RGB")
        one, other = face_in(Image.open(first).convert("RGB")), face_in(photo)
        if one is not None and other is not None:
            known.append((unit(one.template), photo, other))
    references = np.stack([template for template, _, _ in known])
    seen = []
    for number, (_, photo, sharp) in enumerate(known):
        for share in BLURS:
            radius = share * max(sharp.box[2:]) / 100
            blurred = photo.filter(ImageFilter.GaussianBlur(radius)) if share else photo
            face = face_in(blurred)
            if face is not None:
                scores = references @ unit(face.template)
                how = sharpness(np.asarray(blurred), face.box)
                seen.append(Seen(how, bool(scores[number] >= needed), int(scores.argmax()) == number))
    return seen


if __name__ == "__main__":
    main()
