"""A million templates: how long one face takes, and what it takes up; bench/out/gallery.json.

    python bench/gallery.py [--subjects 1000000] [--faces 64]

The templates are random directions: nobody's. The peer is the physical limit of an exact search:
one pass of a matrix product over the same array, without ranking, thresholds or names.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np

from volenti.adapters.matcher.exact import ExactMatcher

OUT = Path(__file__).resolve().parents[1] / "bench/out"


def directions(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, 128), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--faces", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    gallery, faces = directions(args.subjects, 0), directions(args.faces, 1)
    before = peak_mb()
    matcher = ExactMatcher()
    began = time.perf_counter()
    for number in range(args.subjects):
        matcher.enrol(f"s{number:07d}", gallery[number : number + 1])
    enrolled = time.perf_counter() - began
    began = time.perf_counter()
    matcher.rank(faces[:1])
    prepared = time.perf_counter() - began

    searches, products = [], []
    for _ in range(args.rounds):
        began = time.perf_counter()
        answers = matcher.rank(faces)
        searches.append(time.perf_counter() - began)
        began = time.perf_counter()
        for start in range(0, len(faces), 16):
            (faces[start : start + 16] @ gallery.T).max()
        products.append(time.perf_counter() - began)
    nearest = [int((gallery @ face).argmax()) for face in faces[:8]]
    named = [answer.candidates[0].subject for answer in answers[:8]]
    agree = named == [f"s{number:07d}" for number in nearest]
    leaver = named[0]
    began = time.perf_counter()
    matcher.remove(leaver)
    again = matcher.rank(faces[:1])[0]
    removed = time.perf_counter() - began
    gone = all(each.subject != leaver for each in again.candidates)

    face_ms = 1000 * min(searches) / len(faces)
    ratio = min(searches) / min(products)
    rows = [
        ("subjects", f"{args.subjects:,}"),
        ("search, ms a face", f"{face_ms:.1f}"),
        ("matrix product alone, ms a face", f"{1000 * min(products) / len(faces):.1f}"),
        ("search against matrix product", f"{ratio:.2f}"),
        ("enrolling, s", f"{enrolled:.1f}"),
        ("preparing at the first face, s", f"{prepared:.1f}"),
        ("removing one and searching again, s", f"{removed:.1f}"),
        ("memory of the templates, MB", f"{gallery.nbytes / 2**20:.0f}"),
        ("peak beyond the bench's own copy, MB", f"{peak_mb() - before:.0f}"),
        ("nearest as by a plain scan", "yes" if agree else "NO"),
        ("the removed are gone", "yes" if gone else "NO"),
    ]
    for name, value in rows:
        print(f"{name:40s} {value:>12s}")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "gallery.json").write_text(json.dumps(dict(rows), indent=1) + "\n")
    print(f"\n{face_ms:.1f} ms a face among {args.subjects:,}, {ratio:.2f} times a bare matrix product")


if __name__ == "__main__":
    main()
