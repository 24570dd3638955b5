"""The receipt's page: what it says, in every language."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import pytest

from volenti.consent.purpose import Grant, Grants
from volenti.consent.receiptpage import ReceiptPage, receipt_page
from volenti.consent.releasetext import evidence, questions
from volenti.consent.signed_release import SignedRelease
from volenti.consent.withdrawal import Withdrawal
from volenti.consent.wording import LANGUAGES, words
from volenti.core.digest import sha256
from volenti.core.errors import UsageError

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def page(hands, signed: SignedRelease | None = None, *withdrawn: Withdrawal, **told) -> ReceiptPage:
    subject = told.pop("subject", hands.subject())
    given = {"language": "en"} | told
    return receipt_page(signed or hands.signed(subject), subject, withdrawn, NOW, **given)


def text_of(made: ReceiptPage) -> str:
    def texts(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for inner in value.values() for text in texts(inner)]
        if isinstance(value, list | tuple):
            return [text for inner in value for text in texts(inner)]
        return [str(value)]

    return "\n".join(texts(asdict(made))).replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_agreed_is_on_the_page(hands, language):
    terms = hands.terms(valid_until=date(2031, 3, 4), compensation="EUR 180")
    shoot = replace(hands.shoot(), name="spring")
    signed = hands.signed(terms=terms, shoot=shoot, evidence=evidence("in person", "Wil", language))
    text = text_of(page(hands, signed, language=language))
    month = words(language)["months"][2]
    for said in (
        *("Ada Example", "Example Studio, 1 Example Street", "Pat Photographer", "spring", "DE, FR"),
        *("EUR 180", "in person", "Wil", "12:00 UTC", "rel_1", "sub_ada", month, "2031"),
        *(signed.release.evidence.text_sha256, signed.release.evidence.notice_sha256),
        *(terms.withdrawal_method, terms.withdrawal_effect, sha256(signed.release.signed_bytes)),
    ):
        assert said in text, said
    assert "{" not in text.replace("{page}", "").replace("{pages}", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_grant_is_answered_in_its_own_words(hands, language):
    made = page(hands, hands.signed(grants=Grants.only(Grant.COMMERCIAL)), language=language)
    assert [each.question for each in made.answers] == list(questions(language).values())
    assert [each.kind for each in made.answers] == ["yes", *["no"] * 7]


def test_a_yes_taken_back_is_shown_as_taken_back_and_told(hands):
    withdrawal = Withdrawal("wdr_1", "sub_ada", NOW, grant=Grant.COMMERCIAL)
    made = page(hands, None, withdrawal)
    first = made.answers[0]
    assert (first.kind, first.word) == ("withdrawn", "Withdrawn")
    assert "23\u00a0November\u00a02026" in first.remark
    assert made.in_force
    assert "you took back one yes" in text_of(made)


def test_a_withdrawn_shoot_is_told_and_the_rest_stays_in_force(hands):
    made = page(hands, None, Withdrawal("wdr_1", "sub_ada", NOW, shoot="spring"))
    assert made.in_force
    assert "you withdrew the pictures of the shoot “spring”" in text_of(made)


@pytest.mark.parametrize(
    ("make", "told", "says"),
    [
        (lambda h: SignedRelease(h.release()), {}, "Not signed."),
        (lambda h: h.forged(), {}, "signatures don't hold"),
        (lambda h: h.signed(terms=h.terms(valid_until=date(2026, 11, 22))), {}, "Ended on 22 November 2026"),
        (lambda h: h.signed(terms=h.terms(valid_from=date(2026, 12, 1))), {}, "begins on 1 December 2026"),
        (lambda h: h.signed(), {}, "In force"),
    ],
)
def test_what_the_release_is_worth_stands_at_the_top(hands, make, told, says):
    made = page(hands, make(hands), **told)
    assert says in made.state.replace("\u00a0", " ")
    assert made.in_force is (says == "In force")


def test_a_withdrawn_and_a_superseded_release_say_so(hands):
    withdrawn = page(hands, None, Withdrawal("wdr_1", "sub_ada", NOW))
    assert (withdrawn.in_force, withdrawn.state.split(".")[0]) == (False, "Withdrawn")
    later = hands.signed(id="rel_2", supersedes="rel_1")
    superseded = page(hands, None, successor=later)
    assert (superseded.in_force, "rel_2" in text_of(superseded)) == (False, True)
    assert "takes the place of rel_1" in text_of(page(hands, later))


def test_measurements_are_kept_only_under_a_yes_that_stands(hands):
    signed = hands.signed(grants=Grants.only(Grant.BIOMETRIC_TEMPLATES))
    kept, not_kept = "A face template is kept", "No face template"
    assert kept in text_of(page(hands, signed))
    assert not_kept in text_of(page(hands))
    for withdrawal in (
        Withdrawal("wdr_1", "sub_ada", NOW),
        Withdrawal("wdr_1", "sub_ada", NOW, grant=Grant.BIOMETRIC_TEMPLATES),
    ):
        assert not_kept in text_of(page(hands, signed, withdrawal))


def test_who_a_guardian_signed_for_is_told_from_when_they_decide(hands):
    child = hands.child()
    text = text_of(page(hands, hands.signed(child), subject=child))
    assert "From your eighteenth birthday, 1 January 2033, you decide alone" in text
    assert "your guardian" in text


def test_there_is_no_page_in_another_language(hands):
    with pytest.raises(UsageError):
        page(hands, language="fr")
