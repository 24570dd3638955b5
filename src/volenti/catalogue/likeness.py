"""Likeness: whom a work resembles most, of everybody the model learned from.

Plain cosine of face templates, whoever the two are: a drawn face is soft and fits no
calibrated comparison, and what is asked here isn't "is it them?" but "how near does it
come, and to whom?". bench/likeness.py prints how near two photographs of one person and
of two come.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from volenti.catalogue.work import Likeness
from volenti.clearance.sight.faces import Face, Template

#: Cosine from which on a work is too close to somebody: it lies between what photographs of
#: two people and of one person of the cast reach.
TOO_CLOSE_MIN = 0.65


class Resemblance:
    """The templates of everybody behind a model, in memory while works are checked."""

    def __init__(self, people: Iterable[tuple[str, list[Template]]]) -> None:
        self._names: list[str] = []
        rows: list[Template] = []
        for name, templates in people:
            self._names += [name] * len(templates)
            rows += templates
        self._rows = np.stack(rows) if rows else np.empty((0, 128), np.float32)

    def of(self, faces: list[Face]) -> Likeness:
        """The likeness of a work with these faces, the largest first."""
        if not faces:
            return Likeness(None, None, False)
        if not self._names:
            return Likeness(None, 0.0, False)
        scores = self._rows @ faces[0].template
        nearest = int(np.argmax(scores))
        score = round(float(scores[nearest]), 4)
        return Likeness(self._names[nearest], score, score >= TOO_CLOSE_MIN)
