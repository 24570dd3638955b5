"""Which unknown faces are one question: as strict as recognition itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.clearance.same_faces import same_face_groups
from volenti.perception.sight.faces import unit
from volenti.perception.sight.matching import rendered_cohort
from volenti.perception.sight.ranking import THRESHOLDS

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


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), people=st.integers(1, 300), faces=st.integers(1, 700))
def test_many_are_put_together_as_one_after_the_other_would_be(seed: int, people: int, faces: int) -> None:
    chance = np.random.default_rng(seed)
    known = [(rendered if chance.random() < 0.5 else photographed)(number) for number in range(people)]
    shown = [unit(known[chance.integers(people)] + 0.07 * chance.normal(size=128)) for _ in range(faces)]
    looks_rendered = COHORT.rendered(np.stack(shown))
    groups: list[list[int]] = []
    for index, face in enumerate(shown):
        scores = [
            (_score(face, shown[group[0]], looks_rendered[index]), -place)
            for place, group in enumerate(groups)
            if looks_rendered[group[0]] == looks_rendered[index]
        ]
        scale = "log-likelihood-ratio" if looks_rendered[index] else "cosine"
        if scores and max(scores)[0] >= THRESHOLDS[scale].match_min:  # type: ignore[index]
            groups[-max(scores)[1]].append(index)
        else:
            groups.append([index])
    assert same_face_groups(shown) == groups


def _score(one: np.ndarray, other: np.ndarray, both_rendered: bool) -> float:
    if not both_rendered:
        return float(one @ other)
    return float(COHORT.ratio(COHORT.transformed(one[None]), COHORT.transformed(other[None]))[0, 0])


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
