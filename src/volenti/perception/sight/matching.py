"""Whose face it is: an open-set rule that says "uncertain" rather than guess.

Photographed and rendered faces are told apart by how near a template lies to the mean of a cohort of rendered
people, because they need different rules:

- *photographed* faces are compared by the cosine of their templates;
- *rendered* faces (the virtual cast, and what models trained on it draw) all look alike to
  a network that was trained on photographs. They are compared by the log-likelihood ratio of
  "one person" against "two persons" under a two-covariance Gaussian model (probabilistic
  linear discriminant analysis, Prince and Elder 2007) of a cohort of rendered people.

A face matches a subject when its score reaches a threshold, which rises with the number of
subjects, and leads the second subject by a margin. A face is never matched across kinds.
docs/design/whose-face.md says how the thresholds were chosen; bench/accuracy.py measures what
they do.

A score is a function of one face, one subject's templates and constants: no mean or spread of the
gallery is in it, so that nothing of a subject is left in other people's scores. Whoever else is
enrolled can only make a match uncertain (by the number, and by the lead), never make one.
Nobody in the cohort exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from volenti.core.errors import UsageError
from volenti.perception.sight.faces import TEMPLATE_LENGTH
from volenti.perception.sight.ranking import Ranking

#: Cosine to the cohort's mean from which on a template counts as rendered.
RENDERED_MIN = 0.38


class Matcher(Protocol):
    """Compares faces with the enrolled subjects. Holds templates in memory only."""

    def enrol(self, subject: str, templates: NDArray[np.float32]) -> None:
        """Add a subject's (N, 128) templates to those they have. UsageError for another shape."""
        ...

    def remove(self, subject: str) -> None:
        """Remove a subject; it is no error where they aren't enrolled."""
        ...

    def subjects(self) -> list[str]:
        """Who is enrolled, sorted."""
        ...

    def rank(self, templates: NDArray[np.float32]) -> list[Ranking]:
        """A ranking of everybody enrolled for each of (N, 128) templates, in the templates' order."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """The two-covariance model of rendered people.

    `mean` (128,); `transform` (k, 128) takes a template less the mean to where what varies
    within a person has unit variance; `spread` (k,) is the variance between persons there.
    """

    mean: NDArray[np.float64]
    transform: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def constant(self) -> float:
        """The summand of `ratio` that is the same for every pair of templates."""
        return float((np.log1p(self.spread) - 0.5 * np.log1p(2 * self.spread)).sum())

    @property
    def own_weights(self) -> NDArray[np.float64]:
        """(k,) factors of the squares of either template."""
        return 0.5 * ((1 + self.spread) / (1 + 2 * self.spread) - 1 / (1 + self.spread))

    @property
    def cross_weights(self) -> NDArray[np.float64]:
        """(k,) factors of the products of the two."""
        return self.spread / (1 + 2 * self.spread)

    def transformed(self, templates: NDArray[np.float32]) -> NDArray[np.float64]:
        """The templates, (N, 128), in the model's coordinates, (N, k)."""
        return (np.asarray(templates, np.float64) - self.mean) @ self.transform.T

    def ratio(self, ones: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m, n): the log-likelihood ratio of each of transformed templates (m, k) with others (n, k)."""
        own = self.own_weights
        products = (ones * self.cross_weights) @ others.T
        return np.asarray(products - others**2 @ own - (ones**2 @ own)[:, None] + self.constant)

    def rendered(self, templates: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of (N, 128) templates look rendered."""
        direction = self.mean / np.linalg.norm(self.mean)
        return np.asarray(np.asarray(templates, np.float64) @ direction >= RENDERED_MIN)


@cache
def rendered_cohort() -> Cohort:
    """The cohort that comes with the project; bench/rendered_cohort.py made it."""
    source = files("volenti.perception.sight") / "rendered_cohort.npz"
    with source.open("rb") as file, np.load(file) as kept:
        return Cohort(*(kept[name].astype(np.float64) for name in ("mean", "transform", "spread")))


def checked(templates: NDArray[np.float32]) -> NDArray[np.float32]:
    """The templates, (N, 128), at unit length; UsageError for another shape, or one that isn't finite."""
    array = np.asarray(templates, np.float32)
    if array.ndim != 2 or array.shape[1] != TEMPLATE_LENGTH or not np.isfinite(array).all():
        raise UsageError(f"Face templates must be finite and of shape (N, {TEMPLATE_LENGTH}).")
    length = np.linalg.norm(array, axis=1, keepdims=True)
    if (length == 0).any():
        raise UsageError("A face template must not be zero.")
    return np.asarray(array / length, np.float32)
