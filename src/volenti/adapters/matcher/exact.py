"""Exact face matching with numpy: every face against every template, in batches.

The templates are rows of one array. Removing a subject copies the other rows, so nothing of the
subject is left at once; approximate indexes keep data of entries that they report as deleted.
A million templates take half a gigabyte; bench/gallery.py measures what a face costs then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volenti.perception.sight.matching import Cohort, checked, rendered_cohort
from volenti.perception.sight.ranking import CANDIDATES_MAX, Candidate, Ranking, Scale

#: Scores computed in one go: 16 faces against a million templates are 64 megabytes of them.
_SCORES_MAX = 16_000_000

#: Templates worked on in one go where a temporary copy is needed.
_ROWS = 65_536

#: Scores in one block: the blocks with the highest maxima are searched for the best candidates.
_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The enrolled templates of one kind, prepared for comparing.

    `plain` (n, 128) are sorted by subject; `starts` (m,) is where each of the `names` begins.
    The score of a face x with row i is (left(x) @ rows.T)[i] + shift(x) - own[i].
    """

    scale: Scale
    names: list[str]
    starts: NDArray[np.int64]
    plain: NDArray[np.float32]
    rows: NDArray[np.float32]
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
        if self._gallery.pop(subject, None) is not None:
            # The others' templates may be views into an array that still holds the removed rows: copy them.
            self._sides = None
            self._compact()

    def subjects(self) -> list[str]:
        """Who is enrolled, sorted."""
        return sorted(self._gallery)

    def rank(self, templates: NDArray[np.float32]) -> list[Ranking]:
        """For each of (N, 128) templates, in their order, a ranking of everybody enrolled."""
        faces = checked(templates)
        sides = self._prepared()
        batch = max(1, _SCORES_MAX // max(1, sum(len(side.rows) for side in sides.values())))
        answers: list[Ranking] = []
        for start in range(0, len(faces), batch):
            answers += self._answers(sides, faces[start : start + batch])
        return answers

    def _answers(self, sides: dict[bool, _Side], faces: NDArray[np.float32]) -> list[Ranking]:
        answers: list[Ranking | None] = [None] * len(faces)
        rendered = self._cohort.rendered(faces)
        for kind, side in sides.items():
            chosen = np.flatnonzero(rendered == kind)
            across = _nearest(sides[not kind], faces[chosen])
            scores = self._scores(side, faces[chosen])
            for row, index in enumerate(chosen):
                ranked = _ranked(side.names, scores[row])
                answers[index] = Ranking(side.scale, tuple(ranked), len(side.names), across[row])
        return [answer for answer in answers if answer is not None]

    def _prepared(self) -> dict[bool, _Side]:
        if self._sides is None:
            names, counts, plain = self._compact()
            owner = np.repeat(np.arange(len(names)), counts)
            rendered = _by_rows(self._cohort.rendered, plain, np.bool_)
            self._sides = {}
            for kind in (False, True):
                # Where all are of one kind, which is usual, no copy is needed.
                mine = rendered == kind
                self._sides[kind] = self._side(
                    names, plain if mine.all() else plain[mine], owner[mine], rendered=kind
                )
        return self._sides

    def _compact(self) -> tuple[list[str], list[int], NDArray[np.float32]]:
        """Copy every template into one array sorted by subject, and make the gallery views into it."""
        names = sorted(self._gallery)
        counts = [len(self._gallery[name]) for name in names]
        plain = np.empty((sum(counts), 128), np.float32)
        start = 0
        for name, count in zip(names, counts, strict=True):
            plain[start : start + count] = self._gallery[name]
            self._gallery[name] = plain[start : start + count]
            start += count
        return names, counts, plain

    def _side(
        self, names: list[str], plain: NDArray[np.float32], owner: NDArray[np.int64], *, rendered: bool
    ) -> _Side:
        """Prepare the enrolled templates of one kind; owner: (n,) indices into `names`, ascending."""
        present, starts = np.unique(owner, return_index=True)
        mine = [names[index] for index in present]
        if not rendered:
            return _Side("cosine", mine, starts, plain, plain, np.zeros(len(plain), np.float32))
        rows = self._cohort.transformed(plain)
        own = (rows**2 @ self._cohort.own_weights).astype(np.float32)
        return _Side("log-likelihood-ratio", mine, starts, plain, rows.astype(np.float32), own)

    def _scores(self, side: _Side, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, subjects): the score of each face with each subject's best template."""
        if side.scale == "log-likelihood-ratio":
            left = self._cohort.transformed(faces)
            mine = left**2 @ self._cohort.own_weights
            shift = np.float32(self._cohort.constant) - mine.astype(np.float32)
            scores = (left * self._cohort.cross_weights).astype(np.float32) @ side.rows.T
            scores += shift[:, None]
            scores -= side.own
        else:
            scores = faces @ side.rows.T
        return _best(scores, side.starts)


def _by_rows(
    function: Callable[[NDArray[np.float32]], NDArray[Any]], rows: NDArray[np.float32], kind: Any
) -> NDArray[Any]:
    """`function` of (n, 128) rows as (n,), without a second copy of all of them in between."""
    found = np.empty(len(rows), kind)
    for start in range(0, len(rows), _ROWS):
        found[start : start + _ROWS] = function(rows[start : start + _ROWS])
    return found


def _nearest(side: _Side, faces: NDArray[np.float32]) -> list[Candidate | None]:
    """For each of (N, 128) faces, who of `side` has the best plain cosine; None where `side` is empty."""
    if not len(side.plain):
        return [None] * len(faces)
    cosines = faces @ side.plain.T
    best = cosines.argmax(axis=1)
    owners = np.searchsorted(side.starts, best, side="right") - 1
    return [
        Candidate(side.names[owner], float(row[column]))
        for owner, column, row in zip(owners, best, cosines, strict=True)
    ]


def _best(scores: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    if scores.shape[1] == len(starts):
        return scores
    return np.maximum.reduceat(scores, starts, axis=1) if len(starts) else scores[:, :0]


def _ranked(names: list[str], scores: NDArray[np.float32]) -> list[Candidate]:
    """The best candidates, best first; equal scores in the order of names."""
    count = min(CANDIDATES_MAX, len(names))
    if count == 0:
        return []
    # The best five scores lie in the five blocks with the highest maxima; among blocks with equal
    # maxima, the first ones are taken.
    edges = np.arange(0, len(scores), _BLOCK)
    maxima = np.maximum.reduceat(scores, edges)
    blocks = np.lexsort((edges, -maxima))[:count]
    places = np.concatenate(
        [np.arange(edges[b], min(edges[b] + _BLOCK, len(scores))) for b in sorted(blocks)]
    )
    top = places[np.lexsort((places, -scores[places]))[:count]]
    return [Candidate(names[index], float(scores[index])) for index in top]
