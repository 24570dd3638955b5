"""The matcher's contract, run over every adapter, on made-up templates of both kinds."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volenti.adapters.matcher.exact import ExactMatcher
from volenti.adapters.matcher.memory import MemoryMatcher
from volenti.core.errors import UsageError
from volenti.perception.sight.faces import unit
from volenti.perception.sight.matching import Matcher, rendered_cohort
from volenti.perception.sight.ranking import CROSS_DOMAIN_MIN, THRESHOLDS, Ranking

ADAPTERS: dict[str, Callable[[], Matcher]] = {"memory": MemoryMatcher, "exact": ExactMatcher}
KINDS = ("photographed", "rendered")

Templates = NDArray[np.float32]


def people(kind: str, count: int, seed: int = 0) -> Templates:
    """(count, 128) templates of different persons of a kind, drawn from what the kind looks like."""
    random = np.random.default_rng(seed)
    if kind == "photographed":
        # Orthogonal to the cohort's mean, so that chance makes none of them look rendered.
        drawn = random.normal(size=(count, 128))
        axis = unit(rendered_cohort().mean)
        return unit(drawn - np.outer(drawn @ axis, axis))
    cohort = rendered_cohort()
    inner = random.normal(size=(count, len(cohort.spread))) * np.sqrt(cohort.spread) * 1.5
    return unit(cohort.mean + inner @ np.linalg.pinv(cohort.transform).T)


def again(templates: Templates, noise: float = 0.02, seed: int = 1) -> Templates:
    """The same persons on another photograph."""
    return unit(templates + np.random.default_rng(seed).normal(size=templates.shape) * noise)


def said(answer: Ranking) -> tuple[str, str | None]:
    """What the shipped thresholds make of a ranking, and of whom they say so."""
    verdict = answer.weighed_by(THRESHOLDS[answer.scale])
    return verdict, None if verdict == "unknown" or answer.best is None else answer.best.subject


def enrolled(matcher: Matcher, templates: Templates) -> Matcher:
    for number, template in enumerate(templates):
        matcher.enrol(f"s{number:02d}", template[None])
    return matcher


@pytest.fixture(params=ADAPTERS)
def matcher(request: pytest.FixtureRequest) -> Matcher:
    return ADAPTERS[request.param]()


@pytest.mark.parametrize("count", [1, 3, 19, 20, 29])
@pytest.mark.parametrize("kind", KINDS)
def test_everybody_enrolled_is_recognised_at_any_size_of_gallery(
    matcher: Matcher, kind: str, count: int
) -> None:
    cast = people(kind, count)
    answers = enrolled(matcher, cast).rank(again(cast)[:6])
    assert [said(answer)[0] for answer in answers] == ["match"] * min(6, count)
    assert [said(answer)[1] for answer in answers] == [f"s{n:02d}" for n in range(min(6, count))]


@pytest.mark.parametrize("count", [1, 25])
@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_is_never_a_match(matcher: Matcher, kind: str, count: int) -> None:
    enrolled(matcher, people(kind, count))
    answers = matcher.rank(people(kind, 8, seed=7))
    assert "match" not in {said(answer)[0] for answer in answers}
    assert all(said(answer)[1] is None for answer in answers if said(answer)[0] == "unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_recognised_in_an_empty_gallery(matcher: Matcher, kind: str) -> None:
    (answer,) = matcher.rank(people(kind, 1))
    assert (*said(answer), answer.candidates) == ("unknown", None, ())
    assert (answer.score, answer.lead) == (0, math.inf)


def test_no_faces_give_no_answers(matcher: Matcher) -> None:
    assert enrolled(matcher, people("rendered", 2)).rank(np.empty((0, 128), np.float32)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_removed_is_a_stranger_and_the_others_are_judged_as_if_they_had_never_been_there(
    matcher: Matcher, kind: str
) -> None:
    cast = people(kind, 23)
    enrolled(matcher, cast).remove("s01")
    fresh = type(matcher)()
    for number in (0, *range(2, len(cast))):
        fresh.enrol(f"s{number:02d}", cast[number][None])
    assert "s01" not in matcher.subjects()
    probes = again(cast)[:5]
    assert matcher.rank(probes) == fresh.rank(probes)
    assert matcher.rank(probes)[1].weighed_by(THRESHOLDS["cosine"]) != "match"


def test_removing_somebody_absent_is_fine(matcher: Matcher) -> None:
    matcher.remove("nobody")
    assert matcher.subjects() == []


@pytest.mark.parametrize("kind", KINDS)
def test_twins_are_uncertain_never_a_guess(matcher: Matcher, kind: str) -> None:
    cast = people(kind, 5)
    enrolled(matcher, cast)
    matcher.enrol("twin", again(cast[:1], noise=0.005))
    (answer,) = matcher.rank(again(cast[:1], noise=0.005, seed=3))
    assert said(answer)[0] == "uncertain"
    assert {each.subject for each in answer.candidates[:2]} == {"s00", "twin"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_subjects_best_template_counts_and_is_no_rival_of_the_others(matcher: Matcher, kind: str) -> None:
    cast = people(kind, 6)
    enrolled(matcher, cast[:4])
    matcher.enrol("s00", np.stack([cast[4], again(cast[:1])[0]]))
    first, later = matcher.rank(np.stack([again(cast[:1], seed=5)[0], again(cast[4:5], seed=5)[0]]))
    assert said(first) == ("match", "s00")
    assert said(later) == ("match", "s00")


def test_people_of_one_kind_do_not_disturb_the_other(matcher: Matcher) -> None:
    rendered, photographed = people("rendered", 8), people("photographed", 3)
    alone = enrolled(type(matcher)(), rendered).rank(again(rendered)[:3])
    enrolled(matcher, rendered)
    for number, template in enumerate(photographed):
        matcher.enrol(f"real{number}", template[None])
    beside = matcher.rank(again(rendered)[:3])
    assert {each.cross_domain for each in alone} == {None}
    assert all(
        each.cross_domain is not None and each.cross_domain.score < CROSS_DOMAIN_MIN for each in beside
    )
    assert [replace(each, cross_domain=None) for each in beside] == alone
    assert [said(answer)[1] for answer in matcher.rank(again(photographed))] == ["real0", "real1", "real2"]


def test_a_face_near_somebody_of_the_other_kind_is_uncertain(matcher: Matcher) -> None:
    cohort = rendered_cohort()
    axis = unit(cohort.mean)
    (person,) = people("photographed", 1)
    # Two templates of nearly one direction, one on either side of where rendered faces begin.
    below, above = unit(person + 0.36 * axis), unit(person + 0.46 * axis)
    matcher.enrol("one", below[None])
    (answer,) = matcher.rank(above[None])
    assert (said(answer)[0], answer.cross_domain.subject) == ("uncertain", "one")
    assert answer.cross_domain.score == pytest.approx(float(above @ below), abs=1e-5)


def test_candidates_come_best_first_with_the_margin_between_the_first_two(matcher: Matcher) -> None:
    cast = people("rendered", 9)
    (answer,) = enrolled(matcher, cast).rank(again(cast[:1]))
    scores = [candidate.score for candidate in answer.candidates]
    assert scores == sorted(scores, reverse=True)
    assert answer.score == scores[0]
    assert answer.lead == pytest.approx(scores[0] - scores[1])
    assert answer.second == answer.candidates[1]


@pytest.mark.parametrize(
    "templates",
    [
        np.zeros((1, 128), np.float32),
        np.ones((1, 64), np.float32),
        np.ones(128, np.float32),
        np.full((1, 128), np.nan, np.float32),
    ],
    ids=["zero", "wrong length", "wrong shape", "not a number"],
)
def test_what_is_no_template_is_refused(matcher: Matcher, templates: Templates) -> None:
    with pytest.raises(UsageError):
        matcher.enrol("s", templates)
    with pytest.raises(UsageError):
        matcher.rank(templates)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 6), st.integers(0, 24), st.floats(0.0, 0.12))
def test_all_adapters_give_the_same_answers(
    seed: int, rendered: int, photographed: int, noise: float
) -> None:
    gallery = np.concatenate([people("rendered", rendered, seed), people("photographed", photographed, seed)])
    strangers = [people(kind, 1, seed + 1) for kind in KINDS]
    probes = np.concatenate([again(gallery[::7], noise, seed), *strangers])
    slow, exact = (enrolled(adapter(), gallery).rank(probes) for adapter in ADAPTERS.values())
    for one, other in zip(slow, exact, strict=True):
        assert one.scale == other.scale
        assert one.score == pytest.approx(other.score, abs=1e-3)
        assert one.lead == pytest.approx(other.lead, abs=2e-3)
        assert said(one) == said(other)
        assert (one.cross_domain and one.cross_domain.subject) == (
            other.cross_domain and other.cross_domain.subject
        )
