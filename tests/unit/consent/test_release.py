"""Releases: the signed bytes, the JSON form, the signatures under them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.consent.document import DocumentError
from volenti.consent.purpose import Grant, Grants
from volenti.consent.release import Release
from volenti.consent.signature import Role, sign
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.consent.territory import COUNTRIES
from volenti.core.canonical import canonical, parse
from volenti.core.errors import ConflictError, IntegrityError, UsageError
from volenti.core.signing import PublicKey, SigningKey

texts = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20)
filled = texts.filter(str.strip)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
spans = st.tuples(days, days).map(sorted)
moments = st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
territories = st.just(("WORLD",)) | st.lists(
    st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=5, unique=True
).map(tuple)
names = st.just("") | filled.map(str.strip)
terms = st.builds(
    lambda places, span, law, ends, *rest: Terms(places, span[0], law, span[1] if ends else None, *rest),
    *(territories, spans, filled, st.booleans(), st.booleans(), filled, filled, filled),
)
languages = st.sampled_from(["en", "de-CH"])
granted = st.builds(Grants, st.frozensets(st.sampled_from(Grant)))


@st.composite
def releases(draw):
    """Documents of every version."""
    which = draw(st.sampled_from([1, 2]))
    name, notice = (draw(names), draw(digests)) if which > 1 else ("", "")
    shoot = Shoot(draw(filled), *draw(spans), draw(st.just("") | digests), name)
    given = (digests, languages, filled, filled, st.none() | moments, texts)
    shown = Evidence(*(draw(each) for each in given), notice)
    supersedes = draw(st.sampled_from([None, "rel_0"])) if which > 1 else None
    who, born, controller = draw(filled), draw(days), draw(filled)
    return Release(
        *("rel_1", "sub_1", who, born, controller, shoot, draw(granted), draw(terms), shown),
        supersedes,
        which,
    )


@settings(deadline=None)
@given(releases())
def test_a_release_survives_json_byte_for_byte(release):
    again = Release.from_json(parse(release.signed_bytes))
    assert again == release
    assert again.signed_bytes == release.signed_bytes


@settings(deadline=None)
@given(releases())
def test_a_signature_survives_any_transport_of_the_document(release):
    key = SigningKey(b"\x03" * 32)
    signed = SignedRelease(release).signed_by(key, Role.WITNESS, datetime(2026, 1, 1, tzinfo=UTC))
    sent = json.dumps(signed.to_json(), indent=3, ensure_ascii=True)
    received = SignedRelease.from_json(json.loads(sent))
    assert received == signed
    assert key.public.verifies(received.release.signed_bytes, received.signatures[0].signature)


def test_outsiders_can_check_a_signature_with_canonical_json_and_ed25519_alone(hands):
    sent = json.loads(json.dumps(hands.signed().to_json()))
    (signature,) = sent["signatures"]
    key = PublicKey.parse(signature["public_key"])
    raw = hands.signed().signatures[0].signature
    assert key.verifies(rfc8785.dumps(sent["release"]), raw)


def test_the_document_says_what_it_is(hands):
    document = hands.release().to_json()
    assert (document["type"], document["version"]) == ("volenti-model-release", 2)


def test_a_release_signed_in_the_first_version_still_holds_byte_for_byte(hands):
    (entry,) = json.loads((Path(__file__).parent / "release-1.json").read_text())
    subject = Subject.from_json(entry["subject"])
    signed = SignedRelease.from_json({name: entry[name] for name in ("release", "signatures")})
    assert signed.release.version == 1
    assert signed.release.signed_bytes == canonical(entry["release"])
    assert signed.problems(subject) == []
    assert signed.holds(subject)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"supersedes": "rel_0"}, "supersedes"),
        ({"shoot": Shoot("Pat", date(2026, 1, 1), date(2026, 1, 1), name="spring")}, "shoot.name"),
        ({}, "evidence.notice_sha256"),
    ],
)
def test_the_first_version_cant_hold_what_came_later(hands, change, field):
    shown = hands.release().evidence if not change else replace(hands.release().evidence, notice_sha256="")
    with pytest.raises(DocumentError) as caught:
        hands.release(version=1, evidence=shown, **change)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_from_the_second_version_on_the_notice_is_named_by_its_digest(hands):
    with pytest.raises(DocumentError, match="notice_sha256"):
        hands.release(evidence=replace(hands.release().evidence, notice_sha256=""))


def test_a_release_cant_take_its_own_place(hands):
    with pytest.raises(DocumentError, match="supersedes"):
        hands.release(supersedes="rel_1")


FAULTS = [
    ({"type": "something-else"}, "type"),
    ({"version": 3}, "version"),
    ({"supersedes": "../x"}, "supersedes"),
    ({"version": True}, "version"),
    ({"id": "../etc"}, "id"),
    ({"subject": ""}, "subject"),
    ({"legal_name": ""}, "legal_name"),
    ({"birth_date": "17.5.1990"}, "birth_date"),
    ({"controller": None}, "controller"),
    ({"shoot": []}, "shoot"),
    ({"grants": {}}, "grants.commercial"),
    ({"surprise": 1}, "surprise"),
    ({"terms.territory": ["Europe"]}, "terms.territory"),
    ({"terms.territory": "DE"}, "terms.territory"),
    ({"terms.valid_until": "2020-01-01"}, "terms.valid_until"),
    ({"terms.sublicensing": "no"}, "terms.sublicensing"),
    ({"shoot.reference": "cat.jpg"}, "shoot.reference"),
    ({"grants.commercial": "yes"}, "grants.commercial"),
    ({"grants.commercial": None}, "grants.commercial"),
    ({"evidence.signed_at": "2026-11-22"}, "evidence.signed_at"),
    ({"evidence.text_sha256": ""}, "evidence.text_sha256"),
]


@pytest.mark.parametrize(("change", "field"), FAULTS, ids=[f"{c}" for c, _ in FAULTS])
def test_a_faulty_field_is_named(hands, change, field):
    document = hands.release().to_json()
    for path, value in change.items():
        *sections, name = path.split(".")
        target = document
        for section in sections:
            target = target[section]
        target[name] = value
    with pytest.raises(DocumentError) as caught:
        Release.from_json(document)
    assert field in {problem.field for problem in caught.value.problems}


def test_all_faults_of_all_sections_come_together(hands):
    document = hands.release().to_json()
    del document["controller"]
    document["terms"]["valid_from"] = "soon"
    document["grants"]["commercial"] = 1
    with pytest.raises(DocumentError) as caught:
        Release.from_json(document)
    named = [problem.field for problem in caught.value.problems]
    assert sorted(named) == ["controller", "grants.commercial", "terms.valid_from"]


def test_good_signatures_have_no_problems(hands):
    assert hands.signed().problems(hands.subject()) == []
    assert hands.signed(hands.child()).problems(hands.child()) == []


@pytest.mark.parametrize(
    ("story", "field"),
    [
        ("unsigned", "signatures"),
        ("forged", "signatures.subject"),
        ("of another subject", "subject"),
        ("with another birth date", "birth_date"),
        ("undated", "evidence.signed_at"),
        ("signed by a witness only", "signatures.subject"),
        ("changed after signing", "signatures.subject"),
    ],
)
def test_what_is_wrong_with_a_signed_release_is_named(hands, story, field):
    subject, signed = hands.subject(), hands.signed()
    undated = replace(signed.release, evidence=replace(signed.release.evidence, signed_at=None))
    stories = {
        "unsigned": replace(signed, signatures=()),
        "forged": hands.forged(),
        "of another subject": hands.signed(hands.subject(id="sub_bea")),
        "with another birth date": hands.signed(birth_date=date(1980, 1, 1)),
        "undated": SignedRelease(undated, (sign(undated.to_json(), hands.key, Role.SUBJECT),)),
        "signed by a witness only": SignedRelease(
            signed.release, (sign(signed.release.to_json(), hands.key, Role.WITNESS),)
        ),
        "changed after signing": replace(signed, release=replace(signed.release, grants=Grants.only(*Grant))),
    }
    assert field in [problem.field for problem in stories[story].problems(subject)]


def test_a_release_waits_for_the_adult_or_the_childs_guardian(hands):
    dated = replace(hands.signed(), signatures=())
    assert dated.awaits(hands.subject()) is Role.SUBJECT
    assert dated.awaits(hands.child()) is Role.GUARDIAN
    assert hands.signed().awaits(hands.subject()) is None


def test_the_first_signature_dates_the_document_and_the_second_doesnt(hands):
    first = hands.signed()
    later = first.release.evidence.signed_at + timedelta(days=3)
    second = first.signed_by(SigningKey.new(), Role.WITNESS, later)
    assert second.release == first.release
    assert second.problems(hands.subject()) == []


def test_a_draft_is_completed_by_the_signed_document(hands):
    signed = hands.signed()
    assert SignedRelease(hands.release()).completed_by(signed) == signed


def test_signatures_are_joined_not_doubled(hands):
    signed = hands.signed()
    witnessed = signed.signed_by(SigningKey(b"\x04" * 32), Role.WITNESS, datetime.now(UTC))
    assert signed.completed_by(witnessed) == witnessed
    assert witnessed.completed_by(signed) == witnessed


@pytest.mark.parametrize("draft", [True, False])
def test_another_document_completes_nothing(hands, draft):
    here = SignedRelease(hands.release()) if draft else hands.signed()
    with pytest.raises(ConflictError):
        here.completed_by(hands.signed(grants=Grants.only(*Grant)))


def test_a_signed_document_isnt_dated_anew(hands):
    signed = hands.signed()
    later = replace(signed.release.evidence, signed_at=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(ConflictError):
        signed.completed_by(SignedRelease(replace(signed.release, evidence=later)))


def test_a_reference_photograph_is_known_by_its_digest(hands):
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4: "abc"
    hands.release(shoot=hands.shoot(digest)).check_reference(b"abc")
    with pytest.raises(IntegrityError):
        hands.release(shoot=hands.shoot(digest)).check_reference(b"abd")
    with pytest.raises(UsageError):
        hands.release().check_reference(b"abc")
