"""Fits the cohort of rendered people that faces are compared under, and writes it into the package.

    python bench/rendered_cohort.py               # says what the cohort is; writes nothing
    python bench/rendered_cohort.py --also DIR    # fits it anew, with the rendered people of DIR

Fitted on people who don't exist: the crowd of ../shared/data, at 96 pixels, and the people of
DIR, whose pictures should be as large as those that are cleared. The cohort that is shipped
was fitted with 200 people made by ../shared/tools/virtual_studio (with --people 200, where
DIR holds more of them):

    render.py DIR --subjects 200 --photos 3 --size 256 --seed 424242

Nobody of the cast is among them, and no photograph of a real person has any part in it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common.templates import ROOT, Templates, templates, templates_of
from numpy.typing import NDArray

from volenti.perception.sight.matching import Cohort, rendered_cohort

#: Added to what varies within a person, as a share of its mean variance: rendered pictures vary
#: less than photographs of one person do.
WITHIN_ADDED = 0.5

#: Directions kept, those that tell persons apart best. Rendered people vary in few ways: more
#: directions make look-alikes score higher, fewer lose people (30 to 80 were tried).
DIRECTIONS = 60

#: Weight of the further people, the crowd having the rest. Their pictures are those that are
#: cleared, at the same size; the crowd is many more people (0.3 to 0.7 were tried).
FURTHER_WEIGHT = 0.4

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """The covariances (128, 128) within and between the persons of one set of pictures."""

    within: Matrix
    between: Matrix


def spread_of(vectors: NDArray[np.float32], subjects: NDArray[np.str_]) -> Spread:
    """(N, 128) templates of persons with at least two each."""
    _, owner, count = np.unique(subjects, return_inverse=True, return_counts=True)
    data = vectors.astype(np.float64)
    means = np.stack([np.bincount(owner, column) for column in data.T], axis=1) / count[:, None]
    inner = data - means[owner]
    within = inner.T @ inner / (len(data) - len(count))
    return Spread(within, np.cov(means.T) - within * np.mean(1 / count))


def fitted(mean: Matrix, crowd: Spread, further: Spread) -> Cohort:
    """The two-covariance model of both sets around one mean (128,)."""
    within, between = (
        (1 - FURTHER_WEIGHT) * one + FURTHER_WEIGHT * other
        for one, other in ((crowd.within, further.within), (crowd.between, further.between))
    )
    within = within + WITHIN_ADDED * np.trace(within) / len(within) * np.eye(len(within))
    whiten = np.linalg.inv(np.linalg.cholesky(within))
    spread, turn = np.linalg.eigh(whiten @ between @ whiten.T)
    return Cohort(mean, (turn.T @ whiten)[-DIRECTIONS:], spread[-DIRECTIONS:])


def both_sides(of: Templates, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Each picture as it is enrolled and as it is presented, and whose they are."""
    vectors = np.concatenate([of.enrolled[rows], of.vectors[rows]])
    return vectors, np.concatenate([of.subjects[rows]] * 2)


def several(of: Templates, people: int | None = None) -> NDArray[np.int64]:
    """The pictures of those with two or more, of the first so many people."""
    names, owner, count = np.unique(of.subjects, return_inverse=True, return_counts=True)
    return np.flatnonzero((count[owner] > 1) & (owner < (people or len(names))))


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--also", type=Path, help="a folder of rendered people beside the crowd")
    parser.add_argument("--people", type=int, help="only the first so many of them")
    args = parser.parse_args()
    path = ROOT / "src/volenti/perception/sight/rendered_cohort.npz"
    if args.also is not None:
        crowd, further = templates("crowd"), templates_of(args.also)
        pictures, owners = both_sides(crowd, several(crowd))
        vectors, subjects = both_sides(further, several(further, args.people))
        mean = pictures.mean(axis=0, dtype=np.float64)
        cohort = fitted(mean, spread_of(pictures, owners), spread_of(vectors, subjects))
        np.savez(
            path,
            mean=cohort.mean.astype(np.float32),
            transform=cohort.transform.astype(np.float32),
            spread=cohort.spread.astype(np.float32),
        )
        print(f"fitted on {len(np.unique(owners))} people of the crowd and {len(np.unique(subjects))} more")
    shipped = rendered_cohort()
    spread = f"{shipped.spread.min():.2f} to {shipped.spread.max():.2f}"
    print(f"{path.name}: {path.stat().st_size} bytes, {len(shipped.spread)} directions, spread {spread}")


if __name__ == "__main__":
    main()
