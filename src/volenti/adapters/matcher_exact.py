"""Exact face matching with numpy: every face against every template, in batches.

The templates are rows of one array and a subject's rows are simply dropped, so a removal
is complete at once; approximate indexes keep what they say they deleted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.matching import (
    CANDIDATES_MAX,
    CENTRED_FROM,
    Candidate,
    Cohort,
    Match,
    Scale,
    checked,
    rendered_cohort,
    verdict_on,
)

#: Faces compared in one go: 1024 against a million templates is four gigabytes of scores,
#: so the batch shrinks as the gallery grows.
_SCORES_MAX = 16_000_000


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The enrolled templates of one kind, prepared for comparing.

    `rows` (n, d) are sorted by subject; `starts` (m,) is where each of the `names` begins.
    `left` maps (N, 128) templates to (N, d) so that left(x) @ rows.T, plus what `own` says
    about either, is the score.
    """

    scale: Scale
    names: list[str]
    starts: NDArray[np.int64]
    plain: NDArray[np.float32]
    rows: NDArray[np.float32]
    centre: NDArray[np.float32]
    own: NDArray[np.float32]


class ExactMatcher:
    """The `Matcher` port over one numpy array."""

    def __init__(self, cohort: Cohort | None = None) -> None:
        self._cohort = cohort or rendered_cohort()
        self._gallery: dict[str, NDArray[np.float32]] = {}
        self._sides: dict[bool, _Side] | None = None

    def enrol(self, subject: str, templates: NDArray[np.float32]) -> None:
        """Add a subject's (N, 128) templates to those they have."""
        new = checked(templates)
        known = self._gallery.get(subject)
        self._gallery[subject] = new if known is None else np.concatenate([known, new])
        self._sides = None

    def remove(self, subject: str) -> None:
        """Forget a subject; absent is fine."""
        self._gallery.pop(subject, None)
        self._sides = None

    def subjects(self) -> list[str]:
        """Who is enrolled, sorted."""
        return sorted(self._gallery)

    def match(self, templates: NDArray[np.float32]) -> list[Match]:
        """One answer for each of (N, 128) templates, in their order."""
        faces = checked(templates)
        if self._sides is None:
            self._sides = {kind: self._side(kind) for kind in (False, True)}
        batch = max(1, _SCORES_MAX // max(1, sum(len(side.rows) for side in self._sides.values())))
        answers: list[Match] = []
        for start in range(0, len(faces), batch):
            answers += self._answers(faces[start : start + batch])
        return answers

    def _answers(self, faces: NDArray[np.float32]) -> list[Match]:
        assert self._sides is not None
        answers: list[Match | None] = [None] * len(faces)
        rendered = self._cohort.rendered(faces)
        for kind, side in self._sides.items():
            chosen = np.flatnonzero(rendered == kind)
            across = _nearest(self._sides[not kind], faces[chosen])
            scores = self._scores(side, faces[chosen])
            for row, index in enumerate(chosen):
                ranked = _ranked(side.names, scores[row])
                answers[index] = verdict_on(ranked, side.scale, len(side.names), float(across[row]))
        return [answer for answer in answers if answer is not None]

    def _side(self, rendered: bool) -> _Side:
        """Prepare the enrolled templates that look rendered, or those that don't."""
        names: list[str] = []
        parts: list[NDArray[np.float32]] = []
        for subject in sorted(self._gallery):
            mine = self._gallery[subject]
            mine = mine[self._cohort.rendered(mine) == rendered]
            if len(mine):
                names.append(subject)
                parts.append(mine)
        plain = np.concatenate(parts) if parts else np.empty((0, 128), np.float32)
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])]) if parts else np.empty(0, np.int64)
        own = np.zeros(len(plain), np.float32)
        if rendered:
            rows = self._cohort.transformed(plain)
            own = (rows**2 @ self._cohort.own_weights).astype(np.float32)
            centre = self._cohort.mean.astype(np.float32)
            return _Side("log-likelihood-ratio", names, starts, plain, rows.astype(np.float32), centre, own)
        if len(names) < CENTRED_FROM:
            return _Side("cosine", names, starts, plain, plain, np.zeros(128, np.float32), own)
        # Each subject counts once, however many templates they have.
        means = np.stack([part.mean(axis=0) for part in parts])
        centre = np.asarray(means.mean(axis=0, dtype=np.float64), np.float32)
        return _Side("centred-cosine", names, starts, plain, _directions(plain - centre), centre, own)

    def _scores(self, side: _Side, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, subjects): the score of each face with each subject's best template."""
        if side.scale == "log-likelihood-ratio":
            left = self._cohort.transformed(faces)
            mine = left**2 @ self._cohort.own_weights
            cross = (left * self._cohort.cross_weights).astype(np.float32) @ side.rows.T
            scores = cross - mine[:, None].astype(np.float32) - side.own + np.float32(self._cohort.constant)
        else:
            scores = _directions(faces - side.centre) @ side.rows.T
        return _best(scores, side.starts)


def _nearest(side: _Side, faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,): the best plain cosine of each face to anybody of `side`, -1 where it is empty."""
    if not len(side.plain):
        return np.full(len(faces), -1, np.float32)
    return np.asarray((faces @ side.plain.T).max(axis=1), np.float32)


def _best(scores: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.maximum.reduceat(scores, starts, axis=1) if len(starts) else scores[:, :0]


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


def _ranked(names: list[str], scores: NDArray[np.float32]) -> list[Candidate]:
    """The best candidates, best first; equal scores in the order of names."""
    count = min(CANDIDATES_MAX, len(names))
    if count == 0:
        return []
    top = np.argpartition(-scores, count - 1)[:count]
    top = top[np.lexsort((top, -scores[top]))]
    return [Candidate(names[index], float(scores[index])) for index in top]
