"""Dates that can't be are slips, and refused wherever they are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from volenti.consent.document import DocumentError
from volenti.consent.terms import Shoot

DAY = timedelta(days=1)
#: A birth date as days from today, or a date; and whether it can be.
BIRTHS = [
    (date(1900, 1, 1), True),
    (date(1899, 12, 31), False),
    (date(1, 1, 1), False),
    (0, True),
    (1, False),
    (3650, False),
]


def day(desk, said):
    return said if isinstance(said, date) else desk.now.date() + said * DAY


@pytest.mark.parametrize(("born", "can_be"), BIRTHS)
def test_nobody_is_recorded_with_a_birth_date_that_cannot_be(desk, born, can_be):
    somebody = desk.hands.subject(id="sub_eve", birth_date=day(desk, born))
    if can_be:
        assert desk.consent.add_subject(somebody).birth_date == day(desk, born)
    else:
        with pytest.raises(DocumentError, match="birth_date"):
            desk.consent.add_subject(somebody)


@pytest.mark.parametrize(("born", "can_be"), [*BIRTHS[:3], BIRTHS[5]])
def test_nobody_is_amended_to_a_birth_date_that_cannot_be(desk, born, can_be):
    known = desk.enrolled()
    changed = replace(known, birth_date=day(desk, born))
    if can_be:
        desk.consent.amend(changed)
    else:
        with pytest.raises(DocumentError, match="birth_date"):
            desk.consent.amend(changed)
        assert desk.consent.subject(known.id) == known


def test_nobody_is_amended_to_be_born_after_their_shoot(desk):
    release = desk.signed_release().release
    known = desk.consent.subject(release.subject)
    with pytest.raises(DocumentError, match="after a shoot"):
        desk.consent.amend(replace(known, birth_date=release.shoot.first_day + DAY))


#: First and last day of a shoot, as days from today, and the field that is faulty; none where they can be.
SHOOTS = [
    (0, 0, ""),
    (-1, 0, ""),
    (-400, -399, ""),
    (0, 1, "shoot.last_day"),
    (1, 1, "shoot.last_day"),
    (400, 400, "shoot.last_day"),
    (date(1950, 1, 1), -1, "birth_date"),
]


@pytest.mark.parametrize(("first", "last", "faulty"), SHOOTS)
def test_a_date_that_cannot_be_is_refused_when_a_release_is_written(desk, first, last, faulty):
    subject, draft = desk.enrolled(), desk.hands.release()
    shoot = Shoot("Pat", day(desk, first), day(desk, last))

    def issue():
        return desk.consent.issue(
            subject.id, controller="S", shoot=shoot, grants=draft.grants, terms=draft.terms
        )

    if not faulty:
        assert issue().shoot == shoot
        return
    with pytest.raises(DocumentError, match=faulty):
        issue()
    assert desk.consent.releases(subject.id) == []


@pytest.mark.parametrize(("first", "last", "faulty"), SHOOTS)
def test_a_date_that_cannot_be_is_refused_when_a_release_comes_signed(desk, first, last, faulty):
    subject = desk.enrolled()
    signed = desk.hands.signed(shoot=Shoot("Pat", day(desk, first), day(desk, last)))
    if not faulty:
        assert desk.consent.import_signed(signed) == []
        return
    with pytest.raises(DocumentError, match=faulty):
        desk.consent.import_signed(signed)
    assert desk.consent.releases(subject.id) == []


def test_what_is_on_record_with_such_a_date_is_read_as_it_is(desk):
    """An earlier version may have taken it in."""
    signed = desk.signed_release()
    desk.now -= 3650 * DAY
    assert desk.consent.release(signed.release.id) == signed
    assert desk.consent.import_signed(signed) == []
