"""Whom a work comes near to, and from where on that is too near."""

from dataclasses import replace

import numpy as np
import pytest

from tests.studio import likeness as template_of
from volenti.adapters.matcher.memory import MemoryMatcher
from volenti.catalogue.likeness import COPY_LIMIT, FACE_LIMITS, Limit, Resemblance, nearness
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Likeness, Nearness, Work
from volenti.core.codec import encoded
from volenti.perception.copies.descriptor import copy_descriptors
from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.ranking import CROSS_DOMAIN_MIN, THRESHOLDS, Candidate, Ranking
from volenti.training.copy_index import CopyIndex


def face(template: np.ndarray) -> Face:
    return Face((0, 0, 10, 10), 0.9, np.zeros((5, 2), np.float32), unit(template))


def grainy(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (64, 64, 3), dtype=np.uint8)


def resemblance(*names: str, indexes: tuple[CopyIndex, ...] = ()) -> Resemblance:
    return Resemblance(MemoryMatcher(), [(name, [template_of(name)]) for name in names], indexes)


def test_a_likeness_is_looked_for_far_below_a_match() -> None:
    assert all(FACE_LIMITS[scale].least < THRESHOLDS[scale].match_min for scale in THRESHOLDS)
    assert set(FACE_LIMITS) == set(THRESHOLDS)


def test_a_limit_rises_with_what_is_compared_and_never_falls_below_its_least() -> None:
    limit = Limit(2.0, 6.0, 100)
    assert limit.among(1) == limit.among(100) == 2.0
    assert limit.among(1000) == pytest.approx(8.0)


def test_the_nearest_person_is_named_and_judged() -> None:
    found = resemblance("ann", "bob").of(Portrait.of([face(template_of("bob"))], grainy(0)))
    assert found.face is not None
    assert (found.face.subjects, found.face.too_near) == (("bob",), True)
    assert found.refused == ("face",)


def test_a_face_like_nobodys_is_compared_and_passes() -> None:
    found = resemblance("ann", "bob").of(Portrait.of([face(template_of("a stranger"))], grainy(0)))
    assert found.face is not None
    assert not found.refused


def test_of_several_faces_the_nearest_counts() -> None:
    faces = [face(template_of("a stranger")), face(template_of("ann"))]
    assert resemblance("ann").of(Portrait.of(faces, grainy(0))).refused == ("face",)


def test_without_a_face_or_anybody_to_compare_with_there_is_nothing_to_refuse() -> None:
    assert resemblance("ann").of(Portrait.of([], grainy(0))) == Likeness(0)
    assert resemblance().of(Portrait.of([face(template_of("ann"))], grainy(0))) == Likeness(1)


def test_somebody_enrolled_by_the_other_kind_of_picture_is_named_as_well() -> None:
    far = Candidate("bob", -9.0)
    near = Ranking("log-likelihood-ratio", (far,), 1, Candidate("ann", 0.5))
    assert nearness(near) == Nearness(0.5, CROSS_DOMAIN_MIN, ("ann",), ("ann",))
    assert nearness(replace(near, cross_domain=Candidate("ann", 0.1))) == Nearness(-9.0, 2.0, ("bob",))
    # With nobody of its own kind it has a score all the same.
    alone = replace(near, cross_domain=Candidate("ann", 0.1), candidates=())
    assert nearness(alone) == Nearness(0.1, CROSS_DOMAIN_MIN, ("ann",))


def test_a_copy_names_everybody_in_the_picture() -> None:
    rows = copy_descriptors(np.stack([grainy(1), grainy(2)]))
    index = CopyIndex.of_pictures(rows, [("ann",), ("bob", "cid")])
    empty = CopyIndex.of_pictures(rows[:0], [])
    found = resemblance(indexes=(empty, index)).of(Portrait.of([], np.ascontiguousarray(grainy(2)[:, ::-1])))
    assert found.copy is not None
    assert (found.copy.subjects, found.refused) == (("bob", "cid"), ("copy",))
    assert found.copy.limit == COPY_LIMIT.least
    assert resemblance(indexes=(index,)).of(Portrait.of([], grainy(3))).refused == ()


def test_a_work_is_kept_without_whom_it_is_like_and_read_as_it_was() -> None:
    work = Work(
        "wrk_1",
        "run_1",
        0,
        "a man",
        3,
        2.5,
        16,
        "0" * 64,
        "2026-11-22T00:00:00Z",
        1,
        drawn_by="ver_1",
        refused=("face",),
    )
    assert not {"likeness", "score", "limit"} & set(encoded(work))
    assert Work.read("wrk_1", encoded(work)) == work


def test_works_of_earlier_versions_are_read() -> None:
    body = {
        "run": "run_1",
        "constituent": 0,
        "prompt": "a man",
        "seed": 3,
        "guidance": 2.5,
        "sha256": "0" * 64,
        "created": "2026-11-22T00:00:00Z",
    }
    oldest = Work.read("wrk_1", {**body, "likeness_score": 0.7, "too_close": True})
    assert (oldest.refused, oldest.faces, oldest.drawn_by) == (("face",), 1, "")
    faceless = Work.read("wrk_1", {**body, "likeness_score": None, "too_close": False})
    assert (faceless.refused, faceless.faces) == ((), 0)
    scored = {"faces": 1, "face": {"score": 3.0, "limit": 2.0}, "copy": {"score": 0.4, "limit": 0.8}}
    old = {**body, "steps": 8, "size_px": None, "refused": ["face"], "likeness": scored}
    assert Work.read("wrk_1", old) == replace(oldest, steps=8)


def test_a_portrait_is_compared_as_the_work_was() -> None:
    seen = Portrait.of([face(template_of("bob")), face(template_of("a stranger"))], grainy(1))
    kept = Portrait.from_json(seen.to_json())
    index = CopyIndex.of_pictures(copy_descriptors(np.stack([grainy(1)])), [("cid",)])
    compared = resemblance("ann", "bob", indexes=(index,))
    assert compared.of(kept) == compared.of(seen)
    assert compared.of(kept).too_near_to == ("bob", "cid")


def test_everybody_whom_it_is_too_near_to_is_known_not_the_nearest_alone() -> None:
    twin = unit(template_of("bob") + 0.3 * template_of("ann"))
    faces = Resemblance(MemoryMatcher(), [("bob", [template_of("bob")]), ("twin", [twin])], [])
    assert faces.of(Portrait.of([face(template_of("bob"))], grainy(0))).too_near_to == ("bob", "twin")
    rows = copy_descriptors(np.stack([grainy(1), grainy(1), grainy(2)]))
    index = CopyIndex.of_pictures(rows, [("ann",), ("bob", "cid"), ("dee",)])
    assert resemblance(indexes=(index,)).of(Portrait.of([], grainy(1))).too_near_to == ("ann", "bob", "cid")
