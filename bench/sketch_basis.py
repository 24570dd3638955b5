"""Fits the directions that sketches of frames are made of, and writes them into the package.

    python bench/sketch_basis.py            # says what they are; writes nothing
    python bench/sketch_basis.py --fit      # fits them anew

Fitted on the frames of people who don't exist that the base is trained on (build/crowd64.npz,
made by `python -m base.crowd`): kept are the directions in which different frames differ most
against what a spoilt copy (bench/common/degradations.py) differs from its own frame. The cast has no part in
it, nor has any photograph of a real person. bench/likeness.py prints how well they tell copies.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from common.degradations import Frames, blurred, noisy, recoloured, shifted
from numpy.typing import NDArray

from volenti.perception.copies.descriptor import LENGTH, features, greys

ROOT = Path(__file__).resolve().parents[1]
PATH = ROOT / "src/volenti/perception/copies/sketch_basis.npz"

#: Every so many-th frame of the crowd is fitted on.
STEP = 3

#: Added to what varies within copies, as a share of its mean variance: copies in life vary in more
#: ways than were thought of.
WITHIN_ADDED = 0.01

Matrix = NDArray[np.float64]


def seen(frames: Frames) -> Matrix:
    return features(greys(frames)).astype(np.float64)


def within_copies(frames: Frames) -> Matrix:
    """The covariance of what a copy differs by, over ways of spoiling."""
    chance, plain = np.random.default_rng(0), seen(frames)
    total = np.zeros((plain.shape[1],) * 2)
    for copied in (
        blurred(frames, chance),
        noisy(frames, chance),
        # Larger shifts are tried one by one when two sketches are compared.
        shifted(frames, chance, 1),
        recoloured(frames, chance),
    ):
        difference = seen(copied) - plain
        total += difference.T @ difference / len(frames) / 4
    return total


def fitted(frames: Frames) -> tuple[Matrix, Matrix]:
    """The mean (features,) and the directions (LENGTH, features)."""
    plain, within = seen(frames), within_copies(frames)
    within += WITHIN_ADDED * np.trace(within) / len(within) * np.eye(len(within))
    whiten = np.linalg.inv(np.linalg.cholesky(within))
    spread, turn = np.linalg.eigh(whiten @ np.cov(plain.T) @ whiten.T)
    kept = slice(-LENGTH, None)
    # Each direction counts by what it varies between frames and within a copy together.
    return plain.mean(axis=0), (turn.T @ whiten)[kept] / np.sqrt(1 + spread[kept])[:, None]


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--fit", action="store_true", help="fit them anew and write them")
    parser.add_argument("--crowd", type=Path, default=ROOT / "build/crowd64.npz")
    args = parser.parse_args()
    if args.fit:
        frames = np.load(args.crowd)["x"][::STEP]
        mean, transform = fitted(frames)
        # The length of a direction's weights says nothing; only their proportions do.
        transform /= np.abs(transform).max()
        np.savez(PATH, mean=mean.astype(np.float32), transform=transform.astype(np.float16))
        print(f"fitted on {len(frames)} frames")
    with np.load(PATH) as file:
        directions, numbers = file["transform"].shape
    print(f"{PATH.name}: {PATH.stat().st_size} bytes, {directions} directions of {numbers} numbers")


if __name__ == "__main__":
    main()
