"""The matching rule itself, and the cohort it stands on."""

import math
from pathlib import Path

import numpy as np
import pytest

from volenti.adapters.matcher.exact import ExactMatcher
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.sight.faces import unit
from volenti.perception.sight.matching import RENDERED_MIN, rendered_cohort
from volenti.perception.sight.ranking import CROSS_DOMAIN_MIN, THRESHOLDS, Candidate, Ranking, Scale

SCALES: tuple[Scale, ...] = ("cosine", "centred-cosine", "log-likelihood-ratio")


def said(answer: Ranking) -> tuple[str, str | None]:
    """What the shipped thresholds make of a ranking, and of whom they say so."""
    verdict = answer.weighed_by(THRESHOLDS[answer.scale])
    return verdict, None if verdict == "unknown" or answer.best is None else answer.best.subject


def ranked(*scores: float) -> list[Candidate]:
    return [Candidate(f"s{number}", score) for number, score in enumerate(scores)]


def ruled(scale: Scale, *scores: float, subjects: int = 30, cross_domain: float | None = None) -> Ranking:
    other = None if cross_domain is None else Candidate("cross_domain", cross_domain)
    return Ranking(scale, tuple(ranked(*scores)), subjects, other)


@pytest.mark.parametrize("scale", SCALES)
def test_a_score_at_the_threshold_with_the_margin_is_a_match_and_anything_less_is_not(scale: Scale) -> None:
    rule = THRESHOLDS[scale]
    low = rule.match_min - rule.margin_min - 0.01
    assert said(ruled(scale, rule.match_min, low))[0] == "match"
    assert said(ruled(scale, rule.match_min - 1e-6, low))[0] == "uncertain"
    assert said(ruled(scale, rule.match_min, low + 0.02))[0] == "uncertain"


@pytest.mark.parametrize("scale", SCALES)
def test_below_the_lower_threshold_a_face_is_unknown_and_names_nobody(scale: Scale) -> None:
    rule = THRESHOLDS[scale]
    answer = ruled(scale, rule.uncertain_min - 1e-6, subjects=rule.measured_at)
    assert said(answer) == ("unknown", None)
    assert said(ruled(scale, rule.uncertain_min, subjects=rule.measured_at))[1] == "s0"


def test_the_lower_threshold_rises_with_the_gallery_and_falls_to_its_least() -> None:
    rule = THRESHOLDS["cosine"]
    at = [rule.uncertain_min_for(subjects) for subjects in (1, 30, rule.measured_at, 10_000)]
    assert at == sorted(at)
    assert at[0] == rule.uncertain_least
    assert at[2] == rule.uncertain_min
    assert all(rule.uncertain_min_for(n) < rule.match_min_for(n) for n in (1, 345, 10**6, 10**9))


def test_a_match_needs_less_among_the_few_who_are_expected() -> None:
    rule = THRESHOLDS["cosine"]
    assert rule.match_min_among(1) == rule.match_least < rule.match_min_among(100) < rule.match_min
    assert rule.match_min_among(10_000) == rule.match_min_for(10_000)


def test_somebody_enrolled_by_both_kinds_is_no_doubt_of_themselves() -> None:
    twice = Ranking("cosine", tuple(ranked(0.9)), 30, Candidate("s0", 0.9))
    assert said(twice) == ("match", "s0")


@pytest.mark.parametrize("scale", SCALES)
def test_the_threshold_rises_with_the_gallery_and_never_falls(scale: Scale) -> None:
    rule = THRESHOLDS[scale]
    at = [rule.match_min_for(subjects) for subjects in (1, 10, rule.measured_at, 10_000, 1_000_000)]
    assert at[0] == at[1] == at[2] == rule.match_min
    assert at[2] < at[3] < at[4]
    assert rule.match_min_for(10 * rule.measured_at) == pytest.approx(rule.match_min + rule.per_tenfold)
    borderline = rule.match_min + rule.per_tenfold / 2
    assert said(ruled(scale, borderline))[0] == "match"
    assert said(ruled(scale, borderline, subjects=10 * rule.measured_at))[0] == "uncertain"


def test_coming_near_somebody_of_the_other_kind_overrules_a_match() -> None:
    assert said(ruled("cosine", 0.9))[0] == "match"
    near = ruled("cosine", 0.9, cross_domain=CROSS_DOMAIN_MIN)
    assert said(near) == ("uncertain", "s0")
    assert said(ruled("cosine", 0.0, cross_domain=CROSS_DOMAIN_MIN - 0.01))[0] == "unknown"


def test_nobody_to_compare_with_is_unknown() -> None:
    answer = ruled("cosine")
    assert said(answer) == ("unknown", None)
    assert (answer.best, answer.second, answer.score, answer.lead) == (None, None, 0.0, math.inf)


def test_a_far_lead_without_a_score_is_no_match() -> None:
    assert said(ruled("cosine", 0.4, -0.9))[0] == "uncertain"


def test_the_cohort_is_small_finite_and_white_within_persons() -> None:
    cohort = rendered_cohort()
    assert cohort.mean.shape == (128,)
    assert cohort.transform.shape == (len(cohort.spread), 128)
    assert (cohort.spread > 0).all()
    assert all(np.isfinite(part).all() for part in (cohort.mean, cohort.transform, cohort.spread))


def test_the_likelihood_ratio_of_the_cohort_is_the_one_of_gaussian_densities() -> None:
    cohort = rendered_cohort()
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, len(cohort.spread))) * np.sqrt(1 + cohort.spread)
    quick = (
        cohort.constant - x**2 @ cohort.own_weights - y**2 @ cohort.own_weights + x * cohort.cross_weights @ y
    )
    exact = 0.0
    for a, b, spread in zip(x, y, cohort.spread, strict=True):
        together = np.array([[1 + spread, spread], [spread, 1 + spread]])
        apart = np.diag([1 + spread, 1 + spread])
        pair = np.array([a, b])
        for matrix, sign in ((together, 1), (apart, -1)):
            exact += sign * -0.5 * (math.log(np.linalg.det(matrix)) + pair @ np.linalg.inv(matrix) @ pair)
    assert quick == pytest.approx(exact, abs=1e-6)


def test_rendered_and_photographed_faces_are_told_apart() -> None:
    cohort = rendered_cohort()
    axis = unit(cohort.mean)
    cross_domain = np.zeros(128)
    cross_domain[int(np.argmin(np.abs(axis)))] = 1
    cross_domain = unit(cross_domain - (cross_domain @ axis) * axis)
    made = [
        unit(share * axis + math.sqrt(1 - share**2) * cross_domain)
        for share in (RENDERED_MIN - 0.01, RENDERED_MIN + 0.01)
    ]
    assert cohort.rendered(np.stack(made)).tolist() == [False, True]


def test_the_cast_is_recognised_and_a_stranger_among_them_is_not(shared: Path, models: Path) -> None:
    detector, matcher = OpencvFaces(models), ExactMatcher()

    def template(name: str) -> np.ndarray:
        picture = open_picture((shared / f"cast/images/{name}.jpg").read_bytes())
        assert isinstance(picture, Picture)
        return detector.faces(picture.rgb)[0].template[None]

    for number in range(12):
        matcher.enrol(f"s{number:03d}", template(f"s{number:03d}-0"))
    for number in (0, 5, 11):
        (answer,) = matcher.rank(template(f"s{number:03d}-1"))
        assert answer.scale == "log-likelihood-ratio"
        assert said(answer) == ("match", f"s{number:03d}")
    for stranger in ("s050-0", "s060-0", "s070-0"):
        (answer,) = matcher.rank(template(stranger))
        assert said(answer)[0] != "match"
