"""What falls due: ends of releases, and minors who come of age."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from volenti.consent.due import due
from volenti.consent.release_entry import ReleaseEntry
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State, StoredRelease

TODAY = date(2026, 11, 22)


def found(subject, *releases: SignedRelease, days: int = 30) -> list[tuple[str, str]]:
    entries = [ReleaseEntry.of(StoredRelease(each, State.SIGNED), subject) for each in releases]
    return [(str(each.day), each.event.value) for each in due(entries, TODAY, days)]


@pytest.mark.parametrize(
    ("last_day", "days", "listed"),
    [
        (date(2026, 11, 22), 0, True),
        (date(2026, 11, 21), 30, False),
        (date(2026, 12, 22), 30, True),
        (date(2026, 12, 23), 30, False),
        (None, 9999, False),
    ],
)
def test_a_release_is_listed_from_so_many_days_before_its_last_day_to_that_day(hands, last_day, days, listed):
    signed = hands.signed(terms=hands.terms(valid_until=last_day))
    assert found(hands.subject(), signed, days=days) == ([(str(last_day), "ends")] if listed else [])


@pytest.mark.parametrize(
    ("born", "event"),
    [
        (date(2008, 12, 1), "comes-of-age"),
        (date(2008, 11, 22), "came-of-age"),
        (date(2006, 1, 1), "came-of-age"),
        (date(2009, 1, 1), None),
    ],
)
def test_a_guardians_yes_is_listed_when_the_subject_turns_eighteen_and_ever_after(hands, born, event):
    child = hands.child(birth_date=born)
    at = datetime(2020, 1, 1, tzinfo=UTC)
    signed = SignedRelease(hands.release(child)).signed_by(hands.guardian_key, Role.GUARDIAN, at)
    assert [what for _, what in found(child, signed)] == ([event] if event else [])


def test_who_signed_for_themselves_as_an_adult_isnt_asked_again(hands):
    assert found(hands.subject(birth_date=date(2000, 1, 1)), hands.signed(hands.subject())) == []


def test_what_comes_first_is_listed_first(hands):
    soon = hands.signed(id="rel_a", terms=hands.terms(valid_until=date(2026, 12, 20)))
    sooner = hands.signed(id="rel_b", terms=hands.terms(valid_until=date(2026, 12, 1)))
    assert [day for day, _ in found(hands.subject(), soon, sooner)] == ["2026-12-01", "2026-12-20"]
