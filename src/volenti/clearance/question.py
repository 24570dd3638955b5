"""Question: one thing for a person to decide, and every picture that one answer settles.

One unknown face in forty pictures is one question, not forty. To find such faces, their
templates lie in the quarantine with the picture, under the same key and for the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.clearance.image import Image, SeenFace
from volenti.clearance.sight.matching import THRESHOLDS, Cohort, Scale, rendered_cohort
from volenti.consent.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a face may be: how near, and what their release says about the use."""

    subject: str
    score: float
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Question:
    """One thing for a person to decide, and the pictures that one answer settles.

    `id` is that of the first picture, with the face's number where it is about a face. `faces`
    are then the face in question in each of the pictures, in their order.
    """

    id: str
    purpose: str
    images: tuple[Image, ...]
    findings: tuple[str, ...]
    faces: tuple[SeenFace, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def face(self) -> SeenFace | None:
        """The face in question in the first picture, where it is about a face."""
        return self.faces[0] if self.faces else None


def template_of(face: SeenFace) -> NDArray[np.float32]:
    return np.frombuffer(bytes.fromhex(face.template), "<f4")


def same_face_groups(faces: Sequence[NDArray[np.float32]], cohort: Cohort | None = None) -> list[list[int]]:
    """Indices of unit templates (128,) that are one person's by the thresholds of a match, in groups.

    As strict as recognition, because one answer settles all of a group. Each joins the group
    whose first member it is nearest to, or begins one: as many comparisons as templates times
    groups, and the same groups whenever the order is the same. Photographed and rendered faces
    are never put together.
    """
    model, templates = cohort or rendered_cohort(), np.stack(faces)
    rendered, transformed = model.rendered(templates), model.transformed(templates)
    leaders: list[int] = []
    groups: list[list[int]] = []
    for index, template in enumerate(templates):
        alike = [place for place, leader in enumerate(leaders) if rendered[leader] == rendered[index]]
        mine = [leaders[place] for place in alike]
        if rendered[index]:
            scale: Scale = "log-likelihood-ratio"
            scores = model.ratio(transformed[index], transformed[mine])
        else:
            scale, scores = "cosine", templates[mine] @ template
        if mine and float(scores.max()) >= THRESHOLDS[scale].match_min:
            groups[alike[int(scores.argmax())]].append(index)
        else:
            leaders.append(index)
            groups.append([index])
    return groups
