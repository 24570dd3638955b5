"""Grants: full answers only. Uses: what is asked."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.consent.document import DocumentError, Fields
from volenti.consent.purpose import MEANINGS, PURPOSES, Grant, Grants, Use

DAY = date(2026, 11, 22)
answers = st.fixed_dictionaries({grant: st.booleans() for grant in Grant})


def test_there_are_eight_grants_and_six_of_them_are_purposes():
    assert len(Grant) == 8
    assert set(Grant) - set(PURPOSES) == {Grant.BIOMETRIC_TEMPLATES, Grant.SENSITIVE_USES}
    assert {grant for grant in Grant if grant.is_purpose} == set(PURPOSES)


def test_every_grant_is_explained_in_a_sentence():
    assert set(MEANINGS) == set(Grant)
    assert all(grant.meaning.endswith(".") for grant in Grant)


@settings(deadline=None)
@given(answers)
def test_answers_are_kept_as_given_and_survive_json(given_answers):
    grants = Grants.of(given_answers)
    assert dict(grants) == given_answers
    assert Grants.read(Fields(grants.to_json())) == grants


@pytest.mark.parametrize("silent", list(Grant))
def test_nothing_is_answered_by_silence(silent):
    given_answers = {grant: True for grant in Grant if grant is not silent}
    with pytest.raises(DocumentError, match=f"grants.{silent}: is neither yes nor no"):
        Grants.of(given_answers)
    with pytest.raises(DocumentError, match=f"{silent}: is missing"):
        Grants.read(Fields({grant.value: True for grant in given_answers}))


def test_a_grant_nobody_knows_is_refused():
    known = Grants.only().to_json()
    with pytest.raises(DocumentError, match="world-domination"):
        Grants.read(Fields(known | {"world-domination": True}))


def test_only_these_means_no_to_the_others():
    grants = Grants.only(Grant.COMMERCIAL)
    assert grants[Grant.COMMERCIAL]
    assert not any(grants[grant] for grant in Grant if grant is not Grant.COMMERCIAL)


def test_asking_for_an_answer_to_no_question_is_a_key_error():
    with pytest.raises(KeyError):
        Grants.only(*Grant)["everything"]


def test_grants_travel_between_processes():
    grants = Grants.only(Grant.COMMERCIAL, Grant.REDISTRIBUTION)
    assert pickle.loads(pickle.dumps(grants)) == grants
    assert hash(grants) == hash(Grants.only(Grant.REDISTRIBUTION, Grant.COMMERCIAL))


def test_a_use_needs_its_purpose_and_its_conditions_each_once():
    use = Use(Grant.GENERATIVE_TRAINING, "DE", DAY, (Grant.COMMERCIAL, Grant.GENERATIVE_TRAINING))
    assert use.needs == (Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL)


def test_a_purpose_given_by_name_is_the_grant():
    use = Use("generative-training", "DE", DAY, ("commercial",))
    assert use.purpose is Grant.GENERATIVE_TRAINING
    assert use.conditions == (Grant.COMMERCIAL,)


@pytest.mark.parametrize(
    ("purpose", "place"), [("fun", "DE"), ("commercial", "Germany"), ("commercial", "EU")]
)
def test_a_use_of_no_known_kind_or_place_cant_be_asked_about(purpose, place):
    with pytest.raises(DocumentError):
        Use(purpose, place, DAY)
