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
from volenti.consent.coverage import Coverage

#: Cosine from which two unknown faces are put into one question. Only asks a person, who sees them all.
SAME_FACE_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a face may be: how near, and what their release says about the use."""

    subject: str
    score: float
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Question:
    """One thing for a person to decide, and the pictures that one answer settles.

    `id` is that of the first picture, with the face's number where it is about a face.
    """

    id: str
    purpose: str
    images: tuple[Image, ...]
    findings: tuple[str, ...]
    face: SeenFace | None = None
    candidates: tuple[Candidate, ...] = ()


def template_of(face: SeenFace) -> NDArray[np.float32]:
    return np.frombuffer(bytes.fromhex(face.template), "<f4")


def same_face_groups(faces: Sequence[NDArray[np.float32]]) -> list[list[int]]:
    """Indices of unit templates (128,) that look like one person's, each in one group.

    Each joins the group whose first member it is nearest to, or begins one: N times the number
    of groups comparisons, and the same groups whenever the order is the same.
    """
    templates = np.stack(faces)
    leaders: list[int] = []
    groups: list[list[int]] = []
    for index, template in enumerate(templates):
        nearest = int(np.argmax(templates[leaders] @ template)) if leaders else -1
        if leaders and float(templates[leaders[nearest]] @ template) >= SAME_FACE_MIN:
            groups[nearest].append(index)
        else:
            leaders.append(index)
            groups.append([index])
    return groups
