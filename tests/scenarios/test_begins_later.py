"""A release that begins later: pictures wait for it, are told until when, and are judged on that day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import volenti
from tests.scenarios.test_passed_on import PASSED_ON, TEMPLATES, TRAINING, Desk
from tests.studio import PURPOSE
from volenti.bootstrap import open_parts
from volenti.consent.onrecord import Standing
from volenti.core.errors import UsageError

TENTH = date(2026, 6, 10)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ann withdrew, and signed a release that begins on the tenth of June; today is the first."""
    desk = Desk(tmp_path)
    desk.studio.person("ann", TRAINING, TEMPLATES)
    desk.sign("ann", TRAINING, TEMPLATES, PASSED_ON, first=TENTH, instead_of="rel_ann")
    return desk


def test_a_picture_waits_for_a_release_that_begins_later(desk: Desk) -> None:
    desk.ws.add([desk.studio.photo("ann")])
    account = desk.ws.clear(PURPOSE)
    [file] = account.files
    assert (file.verdict, file.findings[0].code) == ("held", "release-not-yet-valid")
    assert "The first day is 2026-06-10." in file.findings[0].message
    desk.clock.now = datetime(2026, 6, 9, 23, 59, tzinfo=UTC)
    assert desk.ws.clear(PURPOSE).totals["held"] == 1
    desk.clock.now += timedelta(minutes=1)
    assert desk.ws.clear(PURPOSE).totals["cleared"] == 1


def test_a_strangers_picture_waits_as_long_and_is_refused_then(desk: Desk) -> None:
    desk.ws.add([desk.studio.photo("eve")])
    assert desk.ws.clear(PURPOSE).totals["held"] == 1
    desk.clock.now = datetime(2026, 6, 10, tzinfo=UTC)
    assert desk.ws.clear(PURPOSE).totals["rejected"] == 1


def test_once_the_later_release_is_withdrawn_nothing_waits_for_it(desk: Desk) -> None:
    desk.ws.add([desk.studio.photo("ann")])
    desk.ws.clear(PURPOSE)
    desk.ws.releases.withdraw(subject="ann")
    [change] = desk.ws.changes(PURPOSE)[0]
    assert (change.before, change.after) == ("held", "rejected")
    assert desk.ws.clear(PURPOSE).totals["rejected"] == 1


def test_somebody_recognised_by_one_release_waits_for_the_purpose_of_another(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.studio.person("ann", TEMPLATES)
    desk.sign("ann", TRAINING, first=TENTH)
    desk.ws.add([desk.studio.photo("ann")])
    [file] = desk.ws.clear(PURPOSE).files
    assert (file.verdict, file.findings[0].code) == ("held", "release-not-yet-valid")
    assert "The first day is 2026-06-10." in file.findings[0].message
    desk.clock.now = datetime(2026, 6, 10, tzinfo=UTC)
    assert desk.ws.clear(PURPOSE).totals["cleared"] == 1


#: What ann's second release amounts to on the first of June.
TODAY = {
    "signed": (lambda desk: desk.sign("ann", TRAINING), Standing.SIGNED),
    "begins later": (lambda desk: desk.sign("ann", TRAINING, first=TENTH), Standing.BEGINS_LATER),
    "ended": (lambda desk: desk.sign("ann", TRAINING, last=date(2026, 5, 31)), Standing.ENDED),
    "ends today": (lambda desk: desk.sign("ann", TRAINING, last=date(2026, 6, 1)), Standing.SIGNED),
    "withdrawn": (lambda desk: _then(desk, lambda one: desk.ws.releases.withdraw(one)), Standing.WITHDRAWN),
    "superseded": (
        lambda desk: _then(desk, lambda one: desk.sign("ann", TRAINING, instead_of=one)),
        Standing.SUPERSEDED,
    ),
    "restricted": (lambda desk: _then(desk, lambda one: desk.consent.restrict("ann")), Standing.RESTRICTED),
    "void by a birth date": (
        lambda desk: _then(desk, lambda one: desk.ws.subjects.amend("ann", birth_date=date(1991, 1, 1))),
        Standing.DEFECTIVE,
    ),
    "lifted again": (
        lambda desk: _then(desk, lambda one: (desk.consent.restrict("ann"), desk.consent.lift("ann"))),
        Standing.SIGNED,
    ),
}


def _then(desk: Desk, act: object) -> str:
    signed = desk.sign("ann", TRAINING)
    act(signed)  # type: ignore[operator]
    return signed


@pytest.mark.parametrize("case", TODAY)
def test_lists_say_what_a_release_amounts_to_today(case: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.studio.person("ann", TEMPLATES)
    make, standing = TODAY[case]
    release = make(desk)
    assert desk.ws.releases.show(release).today is standing
    assert {each.id: each.today for each in desk.ws.releases.list()}[release] is standing
    [listed] = desk.ws.subjects.list()
    assert listed.releases[release] is standing
    assert desk.ws.subjects.show("ann").releases[release] is standing
    assert listed.restricted == (standing is Standing.RESTRICTED)


#: A zone, a moment, and the day that it is there.
DAYS = [
    ("UTC", datetime(2026, 6, 1, 23, 30, tzinfo=UTC), date(2026, 6, 1)),
    ("Europe/Berlin", datetime(2026, 6, 1, 21, 59, tzinfo=UTC), date(2026, 6, 1)),
    ("Europe/Berlin", datetime(2026, 6, 1, 22, 0, tzinfo=UTC), date(2026, 6, 2)),
    ("Europe/Berlin", datetime(2026, 12, 1, 22, 59, tzinfo=UTC), date(2026, 12, 1)),
    ("America/New_York", datetime(2026, 6, 2, 3, 59, tzinfo=UTC), date(2026, 6, 1)),
    ("Pacific/Kiritimati", datetime(2026, 6, 1, 10, 0, tzinfo=UTC), date(2026, 6, 2)),
]


@pytest.mark.parametrize(("zone", "now", "day"), DAYS)
def test_days_of_terms_are_days_where_the_controller_is(
    tmp_path: Path, zone: str, now: datetime, day: date
) -> None:
    at = volenti.init(tmp_path / "studio", time_zone=zone)
    with open_parts(at, clock=lambda: now) as parts:
        assert parts.consent.today == day
        assert parts.consent.today == now.astimezone(ZoneInfo(zone)).date()


def test_what_is_signed_in_the_evening_west_of_greenwich_counts_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.consent._zone = ZoneInfo("America/New_York")
    desk.studio.person("ann", TEMPLATES)
    desk.clock.now = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
    desk.sign("ann", TRAINING)
    desk.ws.add([desk.studio.photo("ann")])
    assert desk.ws.clear(PURPOSE).totals["cleared"] == 1


def test_there_is_no_such_time_zone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        volenti.init(tmp_path / "studio", time_zone="Berlin")
    assert not (tmp_path / "studio" / "workspace.json").exists()
