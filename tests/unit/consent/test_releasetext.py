"""The release as people read it: complete when filled in, in every language and version."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from volenti.consent.purpose import MEANINGS, Grant, Grants
from volenti.consent.release import Release
from volenti.consent.releasetext import (
    evidence,
    filled,
    problems_of_wording,
    questions,
    render,
    render_notice,
)
from volenti.consent.signed_release import SignedRelease
from volenti.consent.wording import LANGUAGES, WordingKind, wording
from volenti.core.errors import NotFoundError, UsageError

HERE = Path(__file__).parent
ANSWERS = {"en": ("YES", "NO"), "de": ("JA", "NEIN"), "es": ("SÍ", "NO")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_evidence_of_a_release_in_a_language_names_its_text_and_its_notice(language):
    shown = evidence("electronic", "Wil Witness", language)
    text, notice = wording(WordingKind.RELEASE, language), wording(WordingKind.NOTICE, language)
    assert (shown.text_sha256, shown.language) == (text.sha256, language)
    assert (shown.notice_version, shown.notice_sha256) == (notice.version, notice.sha256)
    assert shown.signed_at is None


def test_there_is_no_evidence_in_a_language_without_a_text():
    with pytest.raises(UsageError):
        evidence("electronic", language="fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_of_the_release_is_in_the_text(hands, language):
    terms = hands.terms(valid_until=date(2031, 3, 4), compensation="200 euros", withdrawal_method="Call us.")
    shoot = replace(hands.shoot(), name="spring")
    shown = replace(evidence("in person", "Wil", language), signed_at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    release = hands.release(terms=terms, shoot=shoot, supersedes="rel_0", evidence=shown)
    text = render(release)
    for said in (
        *("Ada Example", "1990-05-17", "Pat Photographer", "2026-11-01", "2026-11-02", "spring", "rel_0"),
        *("Example Studio, 1 Example Street", "DE, FR", "2026-01-01", "2031-03-04", "200 euros", "Call us."),
        *("rel_1", "sub_ada", "2026-11-22T12:00:00Z", "in person", "Wil", terms.withdrawal_effect),
    ):
        assert said in text, said
    assert not re.search(r"[{}*]", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_grant_has_its_own_line_with_its_own_answer(hands, language):
    shown = evidence("electronic", language=language)
    text = render(hands.release(grants=Grants.only(Grant.COMMERCIAL), evidence=shown))
    yes, no = ANSWERS[language]
    answers = {}
    for line in text.splitlines():
        if found := re.fullmatch(r"\[(\S+) *\] (.+)", line):
            answers[found[2]] = found[1]
    assert list(answers) == list(questions(language).values())
    assert [question for question, answer in answers.items() if answer == yes] == [
        questions(language)[Grant.COMMERCIAL]
    ]
    assert list(answers.values()).count(no) == len(Grant) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_asks_about_every_grant_in_the_same_order(language):
    assert list(questions(language)) == list(Grant)


def test_the_english_text_asks_in_the_words_used_everywhere_else():
    assert questions("en") == MEANINGS


def test_what_isnt_there_is_said_in_words(hands):
    text = render(hands.release(terms=hands.terms(territory=("WORLD",))))
    for said in (
        "Where: everywhere.",
        "until I withdraw",
        "Not signed yet.",
        "Witness: none",
        "signed: none",
    ):
        assert said in text


def test_braces_and_stars_in_a_name_stay_what_they_are(hands):
    text = render(hands.release(legal_name="{controller} *"))
    assert "I am {controller} *, born" in text


def test_a_place_without_a_value_is_a_mistake():
    with pytest.raises(KeyError):
        filled("{nobody}", {})


def test_a_release_signed_in_the_first_text_renders_as_it_was_shown(hands):
    (entry,) = json.loads((HERE / "release-1.json").read_text())
    signed = SignedRelease.from_json({name: entry[name] for name in ("release", "signatures")})
    assert render(signed.release) == (HERE / "release-1.txt").read_text()


def test_a_text_of_the_controllers_own_cant_be_rendered_and_says_so(hands):
    own = replace(evidence("paper"), text_sha256="d" * 64)
    with pytest.raises(NotFoundError):
        render(hands.release(evidence=own))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_is_the_one_the_release_names(hands, language):
    release = hands.release(evidence=evidence("electronic", language=language))
    assert render_notice(release) == wording(WordingKind.NOTICE, language).text


def test_a_release_of_version_1_doesnt_say_which_notice_was_shown(hands):
    (entry,) = json.loads((HERE / "release-1.json").read_text())
    with pytest.raises(NotFoundError):
        render_notice(Release.from_json(entry["release"]))


def test_evidence_that_contradicts_the_text_it_names_is_a_problem(hands):
    assert problems_of_wording(hands.release()) == []
    mixed = replace(evidence("electronic"), language="de", notice_version="7")
    assert [problem.field for problem in problems_of_wording(hands.release(evidence=mixed))] == [
        "evidence.language",
        "evidence.notice_version",
        "evidence.notice_sha256",
    ]
