"""Frame the crowd for training: `python -m base.crowd`.

The crowd are people who do not exist, rendered by the virtual studio. Each photograph is cut to
the square around its largest face (`volenti.generation.framing`); one without a face is left out
and counted. What comes out is two files in the same order: pixels, and the records as they were.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from base.detector import Detector
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.core.files import write_atomically
from volenti.generation.framing import frame

#: The photographs are 96 px; the detector was made for larger ones.
DETECTOR_SIDE = 192

Pixels = NDArray[np.uint8]


def framed(image: Image.Image, detector: Detector, size: int) -> Pixels | None:
    """`image` framed on its largest face, uint8 (size, size, 3); None where no face is found."""
    picture = image.convert("RGB")
    box = detector.largest(picture)
    return None if box is None else frame(picture, box, size)


def data_digest(pixels: Pixels, records: Sequence[Json]) -> str:
    """SHA-256 of the training data: the pixels' bytes, then the records as canonical JSON."""
    return sha256(pixels.tobytes() + canonical(list(records)))


def load_crowd(path: Path) -> tuple[Pixels, list[Json]]:
    """Pixels, uint8 (count, size, size, 3), and their records, as `main` wrote them."""
    return np.load(path)["x"], json.loads(path.with_suffix(".json").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=Path, default=Path("../shared/data/crowd"))
    parser.add_argument("--size", type=int, default=64, help="side of what comes out, in pixels")
    parser.add_argument("--out", type=Path, help="build/crowdSIZE.npz if not given")
    args = parser.parse_args()
    args.out = args.out or Path(f"build/crowd{args.size}.npz")
    records = json.loads((args.crowd / "records.json").read_text())
    detector = Detector(DETECTOR_SIDE)
    frames, kept = [], []
    for record in records:
        with Image.open(args.crowd / "images" / record["file"]) as image:
            pixels = framed(image, detector, args.size)
        if pixels is not None:
            frames.append(pixels)
            kept.append(record)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    stacked = np.stack(frames)
    np.savez(args.out, x=stacked)
    write_atomically(args.out.with_suffix(".json"), json.dumps(kept).encode())
    people = len({record["subject"] for record in kept})
    print(f"{len(kept)} pictures of {people} people; {len(records) - len(kept)} without a face left out")
    print(f"sha256 of the data {data_digest(stacked, kept)}")


if __name__ == "__main__":
    main()
