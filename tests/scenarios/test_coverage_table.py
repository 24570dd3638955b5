"""Does this release cover this use? The answers as a table in prose.

Each row is a story: what is on record, what is asked, and the one code that answers. What a
story doesn't mention is as in this one: an adult, born in 1990, signed on 10 June 2026 a
release for Germany and France, valid from 1 June 2026 until 31 May 2027, that grants
generative training and commercial use and says no to the rest; on 1 September 2026 somebody
asks to train a generator in Germany.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from volenti.consent.coverage import Coverage, coverage
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.release import Release, SignedRelease
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role, Signature, sign
from volenti.consent.subject import Guardian, Subject
from volenti.consent.terms import Shoot, Terms
from volenti.consent.withdrawal import Withdrawal
from volenti.core.signing import SigningKey

OWN, GUARDIANS, STRANGERS = (SigningKey(bytes([n]) * 32) for n in (1, 2, 3))
GRACE = Guardian("Grace Example", "mother", GUARDIANS.public)

CHILD = {"born": date(2015, 1, 1), "guardian": GRACE, "signers": ((Role.GUARDIAN, GUARDIANS),)}
WORLDWIDE = {"territory": ("WORLD",)}


def taken_back(
    at: datetime = datetime(2026, 8, 1, tzinfo=UTC), release: str | None = None, grant: Grant | None = None
) -> Withdrawal:
    return Withdrawal("wdr_1", "sub_1", at, release, grant)


@dataclass(frozen=True)
class Story:
    """The parts of a story that rows change."""

    born: date = date(1990, 5, 17)
    own_key: SigningKey | None = OWN
    guardian: Guardian | None = None
    signers: tuple[tuple[Role, SigningKey], ...] = ((Role.SUBJECT, OWN),)
    signed_at: datetime | None = datetime(2026, 6, 10, 12, tzinfo=UTC)
    granted: tuple[Grant, ...] = (Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL)
    territory: tuple[str, ...] = ("DE", "FR")
    valid_from: date = date(2026, 6, 1)
    valid_until: date | None = date(2027, 5, 31)
    tampered: tuple[tuple[str, Any], ...] = ()
    broken: Role | None = None
    withdrawn: tuple[Withdrawal, ...] = ()
    purpose: Grant = Grant.GENERATIVE_TRAINING
    conditions: tuple[Grant, ...] = ()
    place: str = "DE"
    day: date = date(2026, 9, 1)

    def answer(self) -> Coverage:
        own_key = self.own_key.public if self.own_key else None
        subject = Subject("Ada", self.born, guardian=self.guardian, public_key=own_key, id="sub_1")
        use = Use(self.purpose, self.place, self.day, self.conditions)
        return coverage(subject, self.signed(), use, self.withdrawn)

    def signed(self) -> SignedRelease:
        release = Release(
            id="rel_1",
            subject="sub_1",
            legal_name="Ada",
            birth_date=self.born,
            controller="Studio",
            shoot=Shoot("Pat", date(2026, 6, 9), date(2026, 6, 9)),
            grants=Grants.only(*self.granted),
            terms=Terms(self.territory, self.valid_from, "DE", self.valid_until),
            evidence=replace(evidence("electronic"), signed_at=self.signed_at),
        )
        signatures = tuple(self.signature(release, role, key) for role, key in self.signers)
        return SignedRelease(replace(release, **dict(self.tampered)), signatures)

    def signature(self, release: Release, role: Role, key: SigningKey) -> Signature:
        signature = sign(release.to_json(), key, role)
        return replace(signature, signature=bytes(64)) if role is self.broken else signature


#: (story, what differs, the code)
TABLE: list[tuple[str, dict[str, Any], str]] = [
    # What was granted
    ("they allowed training a generator and somebody trains one", {}, "covered"),
    ("they allowed commercial use and somebody sells", {"purpose": Grant.COMMERCIAL}, "covered"),
    (
        "the generator's pictures are to be sold, and they allowed both in one release",
        {"conditions": (Grant.COMMERCIAL,)},
        "covered",
    ),
    (
        "the generator is to show their likeness, which they said no to",
        {"conditions": (Grant.SYNTHETIC_LIKENESS,)},
        "purpose-not-granted",
    ),
    (
        "they said no to being passed on, and the pictures are to be passed on",
        {"purpose": Grant.REDISTRIBUTION},
        "purpose-not-granted",
    ),
    (
        "generative training was allowed, the other kind wasn't, and the other is asked for",
        {"purpose": Grant.NON_GENERATIVE_TRAINING},
        "purpose-not-granted",
    ),
    (
        "the other kind of training was allowed, and a generator is trained",
        {"granted": (Grant.NON_GENERATIVE_TRAINING,)},
        "purpose-not-granted",
    ),
    (
        "a generator is to be trained commercially, but they said no to earning money",
        {"granted": (Grant.GENERATIVE_TRAINING,), "conditions": (Grant.COMMERCIAL,)},
        "purpose-not-granted",
    ),
    (
        "their face is to be measured, to which they said no",
        {"purpose": Grant.BIOMETRIC_TEMPLATES},
        "purpose-not-granted",
    ),
    (
        "their face is to be measured, and they allowed that",
        {"purpose": Grant.BIOMETRIC_TEMPLATES, "granted": (Grant.BIOMETRIC_TEMPLATES,)},
        "covered",
    ),
    (
        "a system that names people is to be built on a no",
        {"purpose": Grant.IDENTIFICATION},
        "purpose-not-granted",
    ),
    ("a sensitive use is asked for on a no", {"conditions": (Grant.SENSITIVE_USES,)}, "purpose-not-granted"),
    ("they said no to everything", {"granted": ()}, "purpose-not-granted"),
    (
        "they said yes to everything, and everything is asked for",
        {"granted": tuple(Grant), "conditions": tuple(Grant)},
        "covered",
    ),
    (
        "a likeness is asked for that they allowed",
        {"purpose": Grant.SYNTHETIC_LIKENESS, "granted": tuple(Grant)},
        "covered",
    ),
    # Where
    ("they allowed France, and it happens in France", {"place": "FR"}, "covered"),
    ("they allowed Germany and France, and it happens in Austria", {"place": "AT"}, "territory"),
    ("they allowed two countries, and it happens everywhere", {"place": "WORLD"}, "territory"),
    ("they allowed the world, and it happens in Fiji", WORLDWIDE | {"place": "FJ"}, "covered"),
    ("they allowed the world, and it happens everywhere", WORLDWIDE | {"place": "WORLD"}, "covered"),
    ("they allowed one country, and it happens there", {"territory": ("CH",), "place": "CH"}, "covered"),
    (
        "neither the place nor the purpose was allowed: the place is told first",
        {"place": "US", "purpose": Grant.REDISTRIBUTION},
        "territory",
    ),
    # When
    ("the use is on the day of signing", {"day": date(2026, 6, 10)}, "covered"),
    (
        "the use is on the day before signing, though the term had begun",
        {"day": date(2026, 6, 9)},
        "release-not-yet-valid",
    ),
    (
        "the term begins next month",
        {"valid_from": date(2026, 10, 1)},
        "release-not-yet-valid",
    ),
    ("the term begins today", {"valid_from": date(2026, 9, 1)}, "covered"),
    ("the term began yesterday", {"valid_from": date(2026, 8, 31)}, "covered"),
    ("the term begins tomorrow", {"valid_from": date(2026, 9, 2)}, "release-not-yet-valid"),
    ("today is the last day of the term", {"day": date(2027, 5, 31)}, "covered"),
    ("yesterday was the last day of the term", {"day": date(2027, 6, 1)}, "release-expired"),
    ("the term ended long ago", {"day": date(2040, 1, 1)}, "release-expired"),
    (
        "there is no end to the term, and it's a century later",
        {"valid_until": None, "day": date(2126, 1, 1)},
        "covered",
    ),
    (
        "it was signed after its own term had ended, and the use lies between",
        {"valid_until": date(2026, 6, 5), "day": date(2026, 6, 8)},
        "release-not-yet-valid",
    ),
    (
        "it was signed after its own term had ended, and the use comes after",
        {"valid_until": date(2026, 6, 5)},
        "release-expired",
    ),
    (
        "it was signed late on the last evening of the year in UTC, and the use is on New Year's Day",
        {"signed_at": datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "day": date(2027, 1, 1)},
        "covered",
    ),
    (
        "the term is over and the place isn't allowed: the term is told first",
        {"day": date(2028, 1, 1), "place": "US"},
        "release-expired",
    ),
    # Signatures
    ("nobody has signed", {"signers": ()}, "signature"),
    ("nobody has signed, and nothing was granted either", {"signers": (), "granted": ()}, "signature"),
    ("a stranger signed in their name", {"signers": ((Role.SUBJECT, STRANGERS),)}, "signature"),
    ("the signature's bytes are damaged", {"broken": Role.SUBJECT}, "signature"),
    ("there is no key of theirs on record", {"own_key": None}, "signature"),
    ("another key of theirs is on record", {"own_key": STRANGERS}, "signature"),
    ("only a witness signed", {"signers": ((Role.WITNESS, STRANGERS),)}, "signature"),
    ("only the controller signed", {"signers": ((Role.CONTROLLER, STRANGERS),)}, "signature"),
    (
        "they signed before a witness",
        {"signers": ((Role.SUBJECT, OWN), (Role.WITNESS, STRANGERS))},
        "covered",
    ),
    (
        "they signed and the controller countersigned",
        {"signers": ((Role.SUBJECT, OWN), (Role.CONTROLLER, STRANGERS))},
        "covered",
    ),
    (
        "they signed, but the witness's signature is damaged",
        {"signers": ((Role.SUBJECT, OWN), (Role.WITNESS, STRANGERS)), "broken": Role.WITNESS},
        "signature",
    ),
    (
        "they signed, and a stranger signed in their name as well",
        {"signers": ((Role.SUBJECT, OWN), (Role.SUBJECT, STRANGERS))},
        "signature",
    ),
    (
        "somebody turned a no into a yes after the signing",
        {"tampered": (("grants", Grants.only(*Grant)),), "purpose": Grant.REDISTRIBUTION},
        "signature",
    ),
    (
        "somebody stretched the term after the signing",
        {"tampered": (("terms", Terms(("DE",), date(2026, 6, 1), "DE")),), "day": date(2028, 1, 1)},
        "signature",
    ),
    (
        "somebody put the release under another controller",
        {"tampered": (("controller", "Elsewhere"),)},
        "signature",
    ),
    ("the release is about another subject", {"tampered": (("subject", "sub_2"),)}, "signature"),
    ("the name in the document was changed", {"tampered": (("legal_name", "Eve"),)}, "signature"),
    ("it was signed but never dated", {"signed_at": None}, "signature"),
    (
        "an adult's mother signed instead of them",
        {"guardian": GRACE, "signers": ((Role.GUARDIAN, GUARDIANS),)},
        "signature",
    ),
    (
        "an adult signed, and so did the guardian on record",
        {"guardian": GRACE, "signers": ((Role.SUBJECT, OWN), (Role.GUARDIAN, GUARDIANS))},
        "covered",
    ),
    (
        "the signature is broken and the term over: the signature is told first",
        {"broken": Role.SUBJECT, "day": date(2030, 1, 1)},
        "signature",
    ),
    # Minors
    ("a child's guardian signed", CHILD, "covered"),
    (
        "a child signed, and so did its guardian",
        CHILD | {"signers": ((Role.SUBJECT, OWN), (Role.GUARDIAN, GUARDIANS))},
        "covered",
    ),
    ("a child signed alone", CHILD | {"signers": ((Role.SUBJECT, OWN),)}, "minor"),
    ("a child signed alone and has no guardian on record", {"born": date(2015, 1, 1)}, "minor"),
    (
        "a child signed before a witness",
        CHILD | {"signers": ((Role.SUBJECT, OWN), (Role.WITNESS, STRANGERS))},
        "minor",
    ),
    ("nobody signed for a child", CHILD | {"signers": ()}, "signature"),
    ("a child too young for a key, whose guardian signed", CHILD | {"own_key": None}, "covered"),
    (
        "a stranger signed as a child's guardian",
        CHILD | {"signers": ((Role.GUARDIAN, STRANGERS),)},
        "signature",
    ),
    ("a guardian signed who isn't on record", CHILD | {"guardian": None}, "signature"),
    ("a guardian's key isn't on record", CHILD | {"guardian": Guardian("Grace", "mother")}, "signature"),
    ("the guardian's signature is damaged", CHILD | {"broken": Role.GUARDIAN}, "signature"),
    ("a child signed as its own guardian", CHILD | {"signers": ((Role.GUARDIAN, OWN),)}, "signature"),
    ("they signed on their eighteenth birthday", {"born": date(2008, 6, 10)}, "covered"),
    ("they signed on the day before it", {"born": date(2008, 6, 11)}, "minor"),
    (
        "born on 29 February, they signed on 28 February eighteen years later",
        {"born": date(2008, 2, 29), "signed_at": datetime(2026, 2, 28, tzinfo=UTC)},
        "minor",
    ),
    (
        "born on 29 February, they signed on 1 March eighteen years later",
        {"born": date(2008, 2, 29), "signed_at": datetime(2026, 3, 1, tzinfo=UTC)},
        "covered",
    ),
    (
        "they signed alone at seventeen and are of age at the time of use",
        {"born": date(2008, 8, 1), "valid_until": None, "day": date(2030, 1, 1)},
        "minor",
    ),
    (
        "their guardian signed when they were seventeen, and they are of age at the time of use",
        CHILD | {"born": date(2008, 8, 1), "valid_until": None, "day": date(2030, 1, 1)},
        "covered",
    ),
    (
        "a child alone, out of the territory: the child is told first",
        CHILD | {"signers": ((Role.SUBJECT, OWN),), "place": "US"},
        "minor",
    ),
    (
        "a child alone, after the term: the term is told first",
        {"born": date(2015, 1, 1), "day": date(2030, 1, 1)},
        "release-expired",
    ),
    # Withdrawal
    ("they withdrew this release", {"withdrawn": (taken_back(release="rel_1"),)}, "release-withdrawn"),
    ("they withdrew another release", {"withdrawn": (taken_back(release="rel_2"),)}, "covered"),
    ("they withdrew everything", {"withdrawn": (taken_back(),)}, "release-withdrawn"),
    (
        "they had withdrawn everything before they signed this",
        {"withdrawn": (taken_back(datetime(2026, 6, 1, tzinfo=UTC)),)},
        "covered",
    ),
    (
        "they withdrew everything in the very second of signing",
        {"withdrawn": (taken_back(datetime(2026, 6, 10, 12, tzinfo=UTC)),)},
        "release-withdrawn",
    ),
    (
        "they withdrew the grant the use needs",
        {"withdrawn": (taken_back(grant=Grant.GENERATIVE_TRAINING),)},
        "release-withdrawn",
    ),
    (
        "they withdrew a grant the use doesn't need",
        {"withdrawn": (taken_back(grant=Grant.COMMERCIAL),)},
        "covered",
    ),
    (
        "they withdrew a grant the use needs as a condition",
        {"withdrawn": (taken_back(grant=Grant.COMMERCIAL),), "conditions": (Grant.COMMERCIAL,)},
        "release-withdrawn",
    ),
    (
        "they withdrew the grant in another release",
        {"withdrawn": (taken_back(release="rel_2", grant=Grant.GENERATIVE_TRAINING),)},
        "covered",
    ),
    (
        "they withdrew the grant in this release",
        {"withdrawn": (taken_back(release="rel_1", grant=Grant.GENERATIVE_TRAINING),)},
        "release-withdrawn",
    ),
    (
        "they withdrew a grant they had never given",
        {"withdrawn": (taken_back(grant=Grant.REDISTRIBUTION),), "purpose": Grant.REDISTRIBUTION},
        "release-withdrawn",
    ),
    (
        "they withdrew after the day the use is dated on",
        {"withdrawn": (taken_back(datetime(2026, 12, 1, tzinfo=UTC)),)},
        "release-withdrawn",
    ),
    (
        "somebody else withdrew everything of theirs",
        {"withdrawn": (replace(taken_back(), subject="sub_2"),)},
        "covered",
    ),
    (
        "they withdrew and the term is over: the withdrawal is told first",
        {"withdrawn": (taken_back(),), "day": date(2030, 1, 1)},
        "release-withdrawn",
    ),
    (
        "they withdrew what was never rightly signed: the signature is told first",
        {"withdrawn": (taken_back(),), "broken": Role.SUBJECT},
        "signature",
    ),
    (
        "a child's guardian signed, and it was withdrawn",
        CHILD | {"withdrawn": (taken_back(),)},
        "release-withdrawn",
    ),
]


@pytest.mark.parametrize(("story", "differs", "code"), TABLE, ids=[story for story, _, _ in TABLE])
def test_coverage(story: str, differs: dict[str, Any], code: str) -> None:
    answer = Story(**differs).answer()
    assert answer.code == code
    assert answer.covered is (code == "covered")
    assert answer.release == "rel_1"
    assert answer.clause
    assert answer.message.endswith(".")


def test_the_table_has_a_story_for_every_answer_and_no_story_twice() -> None:
    assert {code for _, _, code in TABLE} == {
        *("covered", "signature", "release-withdrawn", "release-not-yet-valid", "release-expired"),
        *("minor", "territory", "purpose-not-granted"),
    }
    assert len({story for story, _, _ in TABLE}) == len(TABLE) >= 60
