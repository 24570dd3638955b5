"""Same faces: which faces of held pictures are one person's, by their templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.image import SeenFace
from volenti.perception.sight.matching import Cohort, rendered_cohort
from volenti.perception.sight.ranking import THRESHOLDS, Scale

#: Faces that are compared at once with the groups found before them.
_BLOCK = 256

#: The scores (m, n) of rows (m, k) with rows (n, k).
Scores = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]


def template_of(face: SeenFace) -> NDArray[np.float32]:
    """A face's template, read from its hexadecimal text: (128,) float32."""
    return np.frombuffer(bytes.fromhex(face.template), "<f4")


def same_face_groups(faces: Sequence[NDArray[np.float32]], cohort: Cohort | None = None) -> list[list[int]]:
    """Indices of unit templates (128,), in groups that are one person's by the thresholds of a match.

    The rule is as strict as recognition, because one answer decides a whole group. Each template joins the
    group whose first member it is nearest to, or begins one: that takes as many comparisons as templates
    times groups, and gives the same groups whenever the order is the same. Photographed and rendered faces
    are never put together.
    """
    model, templates = cohort or rendered_cohort(), np.stack(faces)
    rendered = model.rendered(templates)
    sides: tuple[tuple[Scale, NDArray[Any], Scores, NDArray[Any]], ...] = (
        ("cosine", np.flatnonzero(~rendered), lambda ones, others: ones @ others.T, templates),
        ("log-likelihood-ratio", np.flatnonzero(rendered), model.ratio, model.transformed(templates)),
    )
    found = [
        [int(places[index]) for index in group]
        for scale, places, score, rows in sides
        for group in _groups(rows[places], score, THRESHOLDS[scale].match_min)
    ]
    return sorted(found)


def _groups(rows: NDArray[Any], score: Scores, needed: float) -> list[list[int]]:
    """Indices of rows (n, k) in groups: each joins whose first member it scores best with, if well enough."""
    groups: list[list[int]] = []
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        # Compared with the first members of the groups before this block, and with each other: the first
        # members of groups that begin in this block are among these.
        known, among = score(block, rows[[group[0] for group in groups]]), score(block, block)
        firsts: list[int] = []
        for place in range(len(block)):
            scores = np.concatenate([known[place], among[place, firsts]])
            best = int(scores.argmax()) if len(scores) else -1
            if best >= 0 and scores[best] >= needed:
                groups[best].append(start + place)
            else:
                firsts.append(place)
                groups.append([start + place])
    return groups
