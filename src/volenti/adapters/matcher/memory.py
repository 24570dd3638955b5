"""The matching rule written out in plain Python, one face and one template at a time.

It is too slow for real use and easy to read: the contract tests run it beside the exact matcher,
so that each is checked against the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import numpy as np
from numpy.typing import NDArray

from volenti.perception.sight.matching import RENDERED_MIN, Cohort, checked, rendered_cohort
from volenti.perception.sight.ranking import CANDIDATES_MAX, Candidate, Ranking, Scale

_Vector = list[float]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A template, as it is and along the cohort's directions."""

    template: _Vector
    directions: _Vector


class MemoryMatcher:
    """The `Matcher` port over lists."""

    def __init__(self, cohort: Cohort | None = None) -> None:
        cohort = cohort or rendered_cohort()
        self._mean: _Vector = cohort.mean.tolist()
        self._transform: list[_Vector] = cohort.transform.tolist()
        self._spread: _Vector = cohort.spread.tolist()
        self._gallery: dict[str, list[_Seen]] = {}

    def enrol(self, subject: str, templates: NDArray[np.float32]) -> None:
        """Add a subject's (N, 128) templates to those they have."""
        new = checked(templates).tolist()
        self._gallery.setdefault(subject, []).extend(self._seen(template) for template in new)

    def remove(self, subject: str) -> None:
        """Forget a subject; absent is fine."""
        self._gallery.pop(subject, None)

    def subjects(self) -> list[str]:
        """Who is enrolled, sorted."""
        return sorted(self._gallery)

    def rank(self, templates: NDArray[np.float32]) -> list[Ranking]:
        """For each of (N, 128) templates, in their order, a ranking of everybody enrolled."""
        return [self._answer(self._seen(face)) for face in checked(templates).tolist()]

    def _seen(self, template: _Vector) -> _Seen:
        offset = _minus(template, self._mean)
        return _Seen(template, [_dot(direction, offset) for direction in self._transform])

    def _answer(self, face: _Seen) -> Ranking:
        kind = self._rendered(face)
        same: dict[str, list[_Seen]] = {}
        across: Candidate | None = None
        for subject in self.subjects():
            for known in self._gallery[subject]:
                if self._rendered(known) == kind:
                    same.setdefault(subject, []).append(known)
                else:
                    other = Candidate(subject, _dot(face.template, known.template))
                    across = other if across is None or other.score > across.score else across
        scale: Scale = "log-likelihood-ratio" if kind else "cosine"
        candidates = [
            Candidate(subject, max(self._score(scale, face, known) for known in several))
            for subject, several in same.items()
        ]
        ranked = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.subject))
        return Ranking(scale, tuple(ranked[:CANDIDATES_MAX]), len(same), across)

    def _rendered(self, face: _Seen) -> bool:
        return _dot(face.template, self._mean) / math.sqrt(_dot(self._mean, self._mean)) >= RENDERED_MIN

    def _score(self, scale: Scale, one: _Seen, other: _Seen) -> float:
        if scale == "log-likelihood-ratio":
            return self._likelihood_ratio(one.directions, other.directions)
        return _dot(one.template, other.template)

    def _likelihood_ratio(self, one: _Vector, other: _Vector) -> float:
        """log p(both | one person) - log p(both | two persons), direction by direction."""
        return math.fsum(
            _log_density(x, y, spread) - _log_density_apart(x, y, spread)
            for x, y, spread in zip(one, other, self._spread, strict=True)
        )


def _log_density(x: float, y: float, spread: float) -> float:
    """Log density where both are of one person: covariance [[1 + s, s], [s, 1 + s]].

    It leaves out the factor that cancels.
    """
    determinant = (1 + spread) ** 2 - spread**2
    square = ((1 + spread) * (x * x + y * y) - 2 * spread * x * y) / determinant
    return -0.5 * (math.log(determinant) + square)


def _log_density_apart(x: float, y: float, spread: float) -> float:
    """Log density where they are of two persons: independent, with variance 1 + s each."""
    return -math.log(1 + spread) - 0.5 * (x * x + y * y) / (1 + spread)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    assert len(one) == len(other)
    return math.fsum(map(mul, one, other))


def _minus(one: _Vector, other: _Vector) -> _Vector:
    return [x - y for x, y in zip(one, other, strict=True)]
