"""The release's text: fixed, known by its digest, and complete when filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from volenti.consent.purpose import Grant, Grants
from volenti.consent.releasetext import NOTICE_VERSION, TEXT, TEXT_SHA256, TEXT_VERSION, evidence, render
from volenti.core.digest import sha256

#: Digest of every version that was ever published. A changed text needs a new version here.
PUBLISHED = {"1": "beaa68af7edc8f85e93dcc988007bab72448aa86de9bc853f454dfde72b849ec"}


def test_the_text_is_the_published_one():
    assert sha256(TEXT.encode()) == TEXT_SHA256 == PUBLISHED[TEXT_VERSION]


def test_the_evidence_of_a_release_in_this_text_names_it():
    shown = evidence("electronic", "Wil Witness")
    assert (shown.text_sha256, shown.language, shown.notice_version) == (TEXT_SHA256, "en", NOTICE_VERSION)
    assert shown.signed_at is None


def test_every_term_of_the_release_is_in_the_text(hands):
    terms = hands.terms(valid_until=date(2031, 3, 4), compensation="200 euros", withdrawal_method="Call us.")
    text = render(hands.release(terms=terms))
    for said in (
        *("Ada Example", "1990-05-17", "Pat Photographer", "2026-11-01", "2026-11-02"),
        *("Example Studio, 1 Example Street", "DE, FR", "2026-01-01", "until 2031-03-04 inclusive"),
        *("not allowed", "200 euros", "Governing law: DE", "Call us.", "rel_1", "sub_ada", "Not signed yet"),
    ):
        assert said in text
    assert "{" not in text


def test_every_grant_has_its_own_line_with_its_own_answer(hands):
    text = render(hands.release(grants=Grants.only(Grant.COMMERCIAL)))
    for grant in Grant:
        answer = "YES" if grant is Grant.COMMERCIAL else "NO "
        assert f"[{answer}] {grant.meaning}" in text.splitlines()


def test_the_text_says_when_and_how_it_was_signed(hands):
    shown = replace(evidence("in person", "Wil"), signed_at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    text = render(hands.release(evidence=shown))
    assert "Signed at 2026-11-22T12:00:00Z. Method: in person. Witness: Wil." in text


def test_the_whole_world_and_no_end_are_said_in_words(hands):
    text = render(hands.release(terms=hands.terms(territory=("WORLD",))))
    assert "Where: everywhere." in text
    assert "until I withdraw" in text


def test_braces_in_a_name_stay_what_they_are(hands):
    assert "{controller}" in render(hands.release(legal_name="{controller}"))
