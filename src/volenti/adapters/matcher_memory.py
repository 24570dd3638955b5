"""The matching rule written out in plain Python, one face and one template at a time.

Too slow for work and easy to read: the contract suite runs it beside the exact matcher,
so that each is checked by the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.matching import (
    CANDIDATES_MAX,
    CENTRED_FROM,
    RENDERED_MIN,
    Candidate,
    Cohort,
    Match,
    Scale,
    checked,
    rendered_cohort,
    verdict_on,
)

_Vector = list[float]


class MemoryMatcher:
    """The `Matcher` port over lists."""

    def __init__(self, cohort: Cohort | None = None) -> None:
        cohort = cohort or rendered_cohort()
        self._mean: _Vector = cohort.mean.tolist()
        self._transform: list[_Vector] = cohort.transform.tolist()
        self._spread: _Vector = cohort.spread.tolist()
        self._gallery: dict[str, list[_Vector]] = {}

    def enrol(self, subject: str, templates: NDArray[np.float32]) -> None:
        """Add a subject's (N, 128) templates to those they have."""
        new = checked(templates).tolist()
        self._gallery.setdefault(subject, []).extend(new)

    def remove(self, subject: str) -> None:
        """Forget a subject; absent is fine."""
        self._gallery.pop(subject, None)

    def subjects(self) -> list[str]:
        """Who is enrolled, sorted."""
        return sorted(self._gallery)

    def match(self, templates: NDArray[np.float32]) -> list[Match]:
        """One answer for each of (N, 128) templates, in their order."""
        return [self._answer(face) for face in checked(templates).tolist()]

    def _answer(self, face: _Vector) -> Match:
        kind = self._rendered(face)
        same: dict[str, list[_Vector]] = {}
        across = -1.0
        for subject in self.subjects():
            for template in self._gallery[subject]:
                if self._rendered(template) == kind:
                    same.setdefault(subject, []).append(template)
                else:
                    across = max(across, _dot(face, template))
        scale = self._scale(kind, len(same))
        centre = _mean([_mean(templates) for templates in same.values()]) if scale == "centred-cosine" else None
        candidates = [
            Candidate(subject, max(self._score(scale, face, template, centre) for template in templates))
            for subject, templates in same.items()
        ]
        ranked = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.subject))
        return verdict_on(ranked[:CANDIDATES_MAX], scale, len(same), across)

    def _rendered(self, template: _Vector) -> bool:
        return _dot(template, self._mean) / math.sqrt(_dot(self._mean, self._mean)) >= RENDERED_MIN

    @staticmethod
    def _scale(rendered: bool, subjects: int) -> Scale:
        if rendered:
            return "log-likelihood-ratio"
        return "centred-cosine" if subjects >= CENTRED_FROM else "cosine"

    def _score(self, scale: Scale, one: _Vector, other: _Vector, centre: _Vector | None) -> float:
        if scale == "log-likelihood-ratio":
            return self._likelihood_ratio(one, other)
        if centre is not None:
            one, other = _minus(one, centre), _minus(other, centre)
        return _dot(one, other) / math.sqrt(_dot(one, one) * _dot(other, other))

    def _likelihood_ratio(self, one: _Vector, other: _Vector) -> float:
        """log p(both | one person) - log p(both | two persons), dimension by dimension."""
        total = 0.0
        left, right = _minus(one, self._mean), _minus(other, self._mean)
        for direction, spread in zip(self._transform, self._spread, strict=True):
            x, y = _dot(direction, left), _dot(direction, right)
            total += _log_density(x, y, spread) - _log_density_apart(x, y, spread)
        return total


def _log_density(x: float, y: float, spread: float) -> float:
    """Both of one person: covariance [[1 + s, s], [s, 1 + s]], without the factor that cancels."""
    determinant = (1 + spread) ** 2 - spread**2
    square = ((1 + spread) * (x * x + y * y) - 2 * spread * x * y) / determinant
    return -0.5 * (math.log(determinant) + square)


def _log_density_apart(x: float, y: float, spread: float) -> float:
    """Of two persons: independent, variance 1 + s each."""
    return -math.log(1 + spread) - 0.5 * (x * x + y * y) / (1 + spread)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(one, other, strict=True))


def _minus(one: _Vector, other: _Vector) -> _Vector:
    return [x - y for x, y in zip(one, other, strict=True)]


def _mean(vectors: Sequence[_Vector]) -> _Vector:
    return [math.fsum(column) / len(vectors) for column in zip(*vectors, strict=True)]
