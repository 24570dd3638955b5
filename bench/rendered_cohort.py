"""Fits the cohort of rendered people that faces are compared under, and writes it into the package.

    python bench/rendered_cohort.py

Fitted on the crowd of ../shared/data: people who don't exist. Nobody of the cast is among
them, and no photograph of a real person has any part in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from templates import ROOT, templates

from volenti.clearance.matching import Cohort

#: Added to what varies within a person, as a share of its mean variance: the crowd's pictures
#: vary less than photographs of one person do.
WITHIN_ADDED = 0.5

#: Directions kept, those that tell persons apart best. Rendered people vary in few ways: more
#: directions make look-alikes score higher, fewer lose people (45 to 80 were tried).
DIRECTIONS = 60


def fitted(vectors: NDArray[np.float32], subjects: NDArray[np.str_], added: float = WITHIN_ADDED) -> Cohort:
    """The two-covariance model of (N, 128) templates of persons with at least two pictures each."""
    _, owner, count = np.unique(subjects, return_inverse=True, return_counts=True)
    data = vectors.astype(np.float64)
    means = np.stack([np.bincount(owner, column) for column in data.T], axis=1) / count[:, None]
    inner = data - means[owner]
    within = inner.T @ inner / (len(data) - len(count))
    between = np.cov(means.T) - within * np.mean(1 / count)
    within += added * np.trace(within) / len(within) * np.eye(len(within))
    whiten = np.linalg.inv(np.linalg.cholesky(within))
    spread, turn = np.linalg.eigh(whiten @ between @ whiten.T)
    return Cohort(data.mean(axis=0), (turn.T @ whiten)[-DIRECTIONS:], spread[-DIRECTIONS:])


def main() -> None:
    crowd = templates("crowd")
    _, owner, count = np.unique(crowd.subjects, return_inverse=True, return_counts=True)
    several = count[owner] > 1
    cohort = fitted(crowd.vectors[several], crowd.subjects[several])
    path = ROOT / "src/volenti/clearance/rendered_cohort.npz"
    np.savez(
        path,
        mean=cohort.mean.astype(np.float32),
        transform=cohort.transform.astype(np.float32),
        spread=cohort.spread.astype(np.float32),
    )
    persons = int((count > 1).sum())
    print(f"{several.sum()} templates of {persons} rendered persons, {len(cohort.spread)} directions")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
