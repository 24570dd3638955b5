"""Which of several releases answers. Single releases are in tests/scenarios/test_coverage_table.py."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from volenti.consent.coverage import COVERED, Refusal, best_coverage, coverage
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.withdrawal import Withdrawal
from volenti.perception.finding import TABLE

SIGNED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NONE = Grants.only()


def test_no_release_is_a_refusal_of_its_own(hands):
    answer = best_coverage(hands.subject(), [], hands.use())
    assert (answer.covered, answer.code, answer.release) == (False, "no-release", "")


def test_one_that_covers_is_enough(hands):
    releases = [hands.forged(id="rel_a"), hands.signed(id="rel_b"), hands.signed(id="rel_c", grants=NONE)]
    answer = best_coverage(hands.subject(), releases, hands.use())
    assert (answer.code, answer.release) == (COVERED, "rel_b")


def test_of_several_that_cover_the_one_signed_last_answers(hands):
    later = SIGNED + timedelta(hours=1)
    last = SignedRelease(hands.release(id="rel_a")).signed_by(hands.key, Role.SUBJECT, later)
    releases = [hands.signed(id="rel_b"), last, hands.signed(id="rel_c")]
    assert best_coverage(hands.subject(), releases, hands.use()).release == "rel_a"


def test_two_releases_never_add_up_to_one_permission(hands):
    releases = [
        hands.signed(id="rel_a", grants=Grants.only(Grant.GENERATIVE_TRAINING)),
        hands.signed(id="rel_b", grants=Grants.only(Grant.COMMERCIAL)),
    ]
    use = Use(Grant.GENERATIVE_TRAINING, "DE", hands.day, (Grant.COMMERCIAL,))
    assert best_coverage(hands.subject(), releases, use).code == "purpose-not-granted"


def test_the_release_nearest_to_covering_answers(hands):
    expired = hands.terms(valid_until=date(2026, 11, 21))
    near = hands.signed(id="rel_a", terms=expired)
    far = hands.signed(id="rel_b", terms=expired, grants=NONE)
    answer = best_coverage(hands.subject(), [far, near], hands.use())
    assert (answer.code, answer.release) == ("release-expired", "rel_a")


@pytest.mark.parametrize("other", ["forged", "purpose", "territory"])
def test_what_the_subject_withdrew_is_told_before_what_another_paper_lacks(hands, other):
    others = {
        "forged": hands.forged(id="rel_x"),
        "purpose": hands.signed(id="rel_x", grants=NONE),
        "territory": hands.signed(id="rel_x", terms=hands.terms(territory=("US",))),
    }
    withdrawal = Withdrawal("wdr_1", "sub_ada", SIGNED, release="rel_a")
    releases = [others[other], hands.signed(id="rel_a")]
    answer = best_coverage(hands.subject(), releases, hands.use(), [withdrawal])
    assert (answer.code, answer.release) == ("release-withdrawn", "rel_a")


def test_a_no_is_told_before_a_broken_signature(hands):
    releases = [hands.forged(id="rel_a"), hands.signed(id="rel_b", grants=NONE)]
    assert best_coverage(hands.subject(), releases, hands.use()).code == "purpose-not-granted"


def test_of_a_chain_of_releases_the_last_one_answers(hands):
    first = hands.signed(id="rel_a", grants=Grants.only(*Grant))
    second = hands.signed(id="rel_b", supersedes="rel_a", grants=NONE)
    third = hands.signed(id="rel_c", supersedes="rel_b")
    chain = [first, second, third]
    for order in (chain, chain[::-1]):
        answer = best_coverage(hands.subject(), order, hands.use())
        assert (answer.code, answer.release) == (COVERED, "rel_c")
        refused = best_coverage(hands.subject(), order, hands.use(Grant.IDENTIFICATION))
        assert (refused.code, refused.release) == ("purpose-not-granted", "rel_c")
        assert best_coverage(hands.subject(), [first, second], hands.use()).release == "rel_b"


def test_what_the_successor_lacks_is_told_before_that_the_other_is_superseded(hands):
    wide = hands.signed(id="rel_a", grants=Grants.only(*Grant))
    elsewhere = hands.terms(territory=("US",), valid_until=date(2026, 11, 21))
    narrow = hands.signed(id="rel_b", supersedes="rel_a", grants=NONE, terms=elsewhere)
    answer = best_coverage(hands.subject(), [wide, narrow], hands.use())
    assert (answer.code, answer.release) == ("release-expired", "rel_b")


def test_every_finding_of_clearance_has_the_words_of_a_refusal():
    assert {refusal.value for refusal in Refusal} <= TABLE.keys()


def test_the_order_of_the_releases_doesnt_matter(hands):
    releases = [hands.forged(id="rel_a"), hands.signed(id="rel_b", grants=NONE), hands.signed(id="rel_c")]
    for purpose in (Grant.GENERATIVE_TRAINING, Grant.IDENTIFICATION):
        use = hands.use(purpose)
        answers = {best_coverage(hands.subject(), order, use) for order in (releases, releases[::-1])}
        assert len(answers) == 1


def test_unsigned_drafts_among_signed_releases_are_no_trouble(hands):
    draft = SignedRelease(hands.release(id="rel_a"))
    answer = best_coverage(hands.subject(), [draft, hands.signed(id="rel_b")], hands.use())
    assert answer.covered
    assert best_coverage(hands.subject(), [draft, draft], hands.use()).code == "signature"


def test_a_message_names_nobody(hands):
    subject = hands.subject()
    releases = [hands.forged(), hands.signed(grants=NONE), hands.signed(hands.child()), hands.signed()]
    for signed in releases:
        answer = coverage(subject, signed, hands.use())
        assert answer.message
        assert "Ada" not in answer.message
        assert "1990" not in answer.message


def test_every_refusal_but_no_release_is_about_one_release(hands):
    assert [refusal.value for refusal in Refusal] == [
        *("signature", "release-withdrawn", "release-superseded", "release-not-yet-valid"),
        *(
            "release-expired",
            "minor",
            "shoot",
            "territory",
            "purpose-not-granted",
            "method",
            "restricted",
            "no-release",
        ),
    ]
