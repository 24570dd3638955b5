"""Which unknown faces are one question: as strict as recognition itself."""

from __future__ import annotations

import numpy as np
import pytest

from volenti.clearance.question import same_face_groups
from volenti.clearance.sight.faces import unit
from volenti.clearance.sight.matching import THRESHOLDS, rendered_cohort

COHORT = rendered_cohort()


def photographed(seed: int, noise: float = 0.0, again: int = 0) -> np.ndarray:
    face = unit(np.random.default_rng([seed, 1]).normal(size=128))
    face = unit(face - COHORT.mean / np.linalg.norm(COHORT.mean) * (face @ unit(COHORT.mean)))
    return unit(face + noise * unit(np.random.default_rng([seed, again, 2]).normal(size=128)))


def rendered(seed: int, noise: float = 0.0, again: int = 0) -> np.ndarray:
    face = unit(COHORT.mean + 0.9 * np.linalg.norm(COHORT.mean) * photographed(seed))
    return unit(face + noise * unit(np.random.default_rng([seed, again, 3]).normal(size=128)))


@pytest.mark.parametrize("kind", [photographed, rendered])
def test_one_persons_pictures_are_one_group_and_other_people_are_others(kind: object) -> None:
    faces = [kind(person, 0.1, again) for again in range(4) for person in range(3)]  # type: ignore[operator]
    assert same_face_groups(faces) == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]


def test_rendered_people_who_look_alike_to_the_network_are_not_put_together() -> None:
    one, other = rendered(1), rendered(2)
    assert COHORT.rendered(np.stack([one, other])).all()
    assert one @ other > 0.45
    assert same_face_groups([one, other]) == [[0], [1]]


def test_a_score_below_a_match_begins_a_group_of_its_own() -> None:
    needed = THRESHOLDS["cosine"].match_min
    one, across = photographed(1), photographed(2)
    across = unit(across - one * (across @ one))
    near, far = (unit(c * one + np.sqrt(1 - c * c) * across) for c in (needed + 0.02, needed - 0.02))
    assert same_face_groups([one, near]) == [[0, 1]]
    assert same_face_groups([one, far]) == [[0], [1]]


def test_a_photograph_and_a_rendering_are_never_one_group() -> None:
    assert same_face_groups([photographed(1), rendered(1)]) == [[0], [1]]
