"""Withdrawals: which releases they reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from volenti.consent.document import DocumentError
from volenti.consent.purpose import Grant
from volenti.consent.withdrawal import Withdrawal

#: When the releases of `hands` are signed.
SIGNED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALL = Withdrawal("wdr_1", "sub_ada", SIGNED + timedelta(days=1))


@pytest.mark.parametrize(
    "withdrawal",
    [
        ALL,
        replace(ALL, release="rel_1"),
        replace(ALL, grant=Grant.COMMERCIAL),
        replace(ALL, release="rel_1", grant=Grant.IDENTIFICATION),
        replace(ALL, shoot="spring"),
        replace(ALL, release="rel_1", grant=Grant.COMMERCIAL, shoot="spring"),
    ],
)
def test_a_withdrawal_survives_json(withdrawal):
    assert Withdrawal.from_json(withdrawal.to_json()) == withdrawal


def test_a_withdrawal_has_a_subject_and_a_time():
    with pytest.raises(DocumentError, match=r"subject: is missing.*at: is missing"):
        Withdrawal.from_json({"id": "wdr_1"})


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({}, True),
        ({"at": SIGNED}, True),
        ({"at": SIGNED - timedelta(seconds=1)}, False),
        ({"subject": "sub_bea"}, False),
        ({"release": "rel_1"}, True),
        ({"release": "rel_1", "at": SIGNED - timedelta(days=9)}, True),
        ({"release": "rel_2"}, False),
        ({"release": "rel_1", "subject": "sub_bea"}, False),
    ],
)
def test_a_withdrawal_reaches_the_release_it_names_or_all_signed_until_then(hands, changes, reached):
    assert replace(ALL, **changes).reaches(hands.signed().release) is reached


def test_withdrawing_everything_doesnt_reach_what_was_never_signed(hands):
    assert not ALL.reaches(hands.release())
    assert replace(ALL, release="rel_1").reaches(hands.release())


@pytest.mark.parametrize(
    ("named", "pictures", "reached"),
    [
        ("spring", None, True),
        ("spring", "spring", True),
        ("autumn", None, False),
        ("autumn", "autumn", False),
        ("autumn", "spring", False),
        ("", None, False),
        ("", "spring", True),
        ("", "autumn", False),
        ("", "", False),
    ],
)
def test_withdrawing_a_shoot_reaches_releases_for_it_and_its_pictures_under_others(
    hands, named, pictures, reached
):
    release = hands.signed(shoot=replace(hands.shoot(), name=named)).release
    assert replace(ALL, shoot="spring").reaches(release, pictures) is reached
    assert not replace(ALL, shoot="spring", at=SIGNED - timedelta(days=1)).reaches(release, pictures)
    assert not replace(ALL, shoot="spring", release="rel_2").reaches(release, pictures)


def test_a_withdrawal_from_before_shoots_could_be_withdrawn_is_read():
    body = ALL.to_json()
    del body["shoot"]
    assert Withdrawal.from_json(body) == ALL


def test_an_earlier_withdrawal_is_as_wide_only_if_it_says_and_reaches_the_same(hands):
    early, late = replace(ALL, at=SIGNED - timedelta(days=1)), replace(ALL, id="wdr_2")
    release = hands.signed().release
    assert ALL.is_as_wide_as(late, [release])
    assert not early.is_as_wide_as(late, [release])
    assert not ALL.is_as_wide_as(replace(late, grant=Grant.COMMERCIAL), [release])
    assert not ALL.is_as_wide_as(replace(late, shoot="spring"), [release])
    spring = replace(ALL, shoot="spring")
    assert spring.is_as_wide_as(replace(late, shoot="spring"), [release])
    assert not replace(early, shoot="spring").is_as_wide_as(replace(late, shoot="spring"), [release])
