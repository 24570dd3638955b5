"""Subjects: their age, their keys, their JSON form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.consent.document import DocumentError
from volenti.consent.signature import Role
from volenti.consent.subject import Guardian, Subject
from volenti.core.canonical import canonical, parse
from volenti.core.errors import UsageError
from volenti.core.signing import PublicKey, SigningKey

KEY = SigningKey(b"\x01" * 32).public
OTHER = SigningKey(b"\x02" * 32).public

texts = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=20)
names = texts.filter(str.strip)
keys = st.none() | st.binary(min_size=31, max_size=31).map(lambda raw: PublicKey(b"\x00" + raw))
# Another first byte: a subject's own key isn't a guardian's.
guardian_keys = st.none() | st.binary(min_size=31, max_size=31).map(lambda raw: PublicKey(b"\xff" + raw))
guardians = st.none() | st.builds(Guardian, names, names, guardian_keys)
moments = st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
attributes = st.dictionaries(names, texts, max_size=3).map(lambda pairs: tuple(pairs.items()))
subjects = st.builds(
    Subject,
    legal_name=names,
    birth_date=st.dates(),
    contact=texts,
    pseudonym=texts,
    notes=texts,
    guardian=guardians,
    identity_check=texts,
    public_key=keys,
    attributes=attributes,
    created=st.none() | moments,
)


def born(day: date) -> Subject:
    return Subject("Ada Example", day)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 11, 22), date(2026, 11, 21), 17),
        (date(2008, 11, 22), date(2026, 11, 22), 18),
        (date(2008, 11, 22), date(2026, 11, 23), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(1990, 12, 31), date(2027, 1, 1), 36),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
        (date(2027, 1, 1), date(2026, 12, 31), -1),
    ],
)
def test_age_is_the_number_of_birthdays_had(birth, day, age):
    assert born(birth).age_on(day) == age


def test_people_come_of_age_on_their_eighteenth_birthday():
    subject = born(date(2008, 11, 22))
    assert subject.is_minor_on(date(2026, 11, 21))
    assert not subject.is_minor_on(date(2026, 11, 22))


@settings(deadline=None)
@given(st.dates(max_value=date(2100, 1, 1)), st.dates(max_value=date(2100, 1, 1)))
def test_nobody_gets_younger(first, second):
    earlier, later = sorted((first, second))
    subject = born(date(2000, 2, 29))
    assert subject.age_on(earlier) <= subject.age_on(later)


@settings(deadline=None)
@given(subjects)
def test_a_subject_survives_json(subject):
    assert Subject.from_json(parse(canonical(subject.to_json()))) == subject


def test_a_subject_gets_an_identifier_that_says_nothing():
    one, two = born(date(1990, 1, 1)), born(date(1990, 1, 1))
    assert one.id.startswith("sub_")
    assert one.id != two.id


@pytest.mark.parametrize("identifier", ["", "../x", "a b", "-x", "x" * 65])
def test_an_identifier_that_could_be_a_path_is_refused(identifier):
    with pytest.raises(UsageError):
        Subject("Ada", date(1990, 1, 1), id=identifier)


@pytest.mark.parametrize("name", ["", "  ", "a\x00b"])
def test_a_subject_has_a_name(name):
    with pytest.raises(DocumentError, match="legal_name"):
        born(date(1990, 1, 1)).from_json(born(date(1990, 1, 1)).to_json() | {"legal_name": name})


def test_a_minor_cant_be_their_own_guardian():
    with pytest.raises(DocumentError, match=r"guardian\.public_key: is the subject's own key"):
        Subject("Ada", date(2015, 1, 1), public_key=KEY, guardian=Guardian("Ada", "self", KEY))


def test_keys_are_accepted_in_their_own_role_only():
    subject = Subject("Ada", date(2015, 1, 1), public_key=KEY, guardian=Guardian("Grace", "mother", OTHER))
    assert subject.accepts(Role.SUBJECT, KEY)
    assert subject.accepts(Role.GUARDIAN, OTHER)
    assert not subject.accepts(Role.GUARDIAN, KEY)
    assert not subject.accepts(Role.SUBJECT, OTHER)
    assert not replace(subject, guardian=None).accepts(Role.GUARDIAN, OTHER)
    assert subject.accepts(Role.WITNESS, OTHER)


def test_fields_that_may_be_left_out_are_empty():
    subject = Subject.from_json({"id": "sub_a", "legal_name": "Ada", "birth_date": "1990-05-17"})
    assert subject == Subject("Ada", date(1990, 5, 17), id="sub_a")


def test_every_faulty_field_is_named():
    faulty = {"id": "a/b", "birth_date": "1990", "public_key": "abc", "guardian": {"name": 1}, "age": 36}
    with pytest.raises(DocumentError) as caught:
        Subject.from_json(faulty)
    named = {problem.field for problem in caught.value.problems}
    assert named == {
        "id",
        "legal_name",
        "birth_date",
        "public_key",
        "guardian.name",
        "guardian.relation",
        "age",
    }


def test_an_attribute_is_declared_once():
    with pytest.raises(DocumentError, match="attributes: names one of them twice"):
        Subject("Ada", date(1990, 5, 17), attributes=(("eyes", "brown"), ("eyes", "green")))
