"""A window on the list of pictures says at each moment what is on record, whoever changed it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.errors import NotFoundError, UsageError

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def studio(tmp_path: Path, clock: list[datetime]) -> Iterator[Studio]:
    studio = Studio.open(tmp_path / "studio", clock=lambda: clock[0])
    studio.shoot("ann", "ben")
    studio.photo("ann", "ben")
    studio.photo("ann", "stranger")
    studio.photo("_")
    studio.photo("stranger")
    studio.clear()
    yield studio
    studio.ws.close()


def assert_as_on_record(studio: Studio) -> None:
    """What the window says is what is found by opening everything."""
    found = studio.ws.pictures.list(count=1000)
    listed = {(each.id, each.state, each.shoot, each.findings) for each in found.pictures}
    window = studio.ws.pictures.window(count=1000)
    seen = {(each.id, each.state, each.shoot, each.findings) for each in window.pictures}
    assert seen == {each for each in listed if each[1] != "duplicate"}
    assert window.total == len(window.pictures)
    for shoot in window.shoots:
        of_it = studio.ws.pictures.window(count=1000, shoot=shoot.id)
        assert (of_it.total, shoot.pictures) == (len(of_it.pictures), len(of_it.pictures))
        assert {each.shoot for each in of_it.pictures} == {shoot.name}
    for code, count in window.findings.items():
        assert studio.ws.pictures.window(finding=code).total == count


def cleared(studio: Studio, person: str) -> str:
    return studio.ws.pictures.list(person=person, state="cleared").pictures[0].id


def _add(studio: Studio) -> None:
    studio.photo("ben")
    studio.ws.add([studio.folder / "inbox"], shoot="late")


def _clear(studio: Studio) -> None:
    _add(studio)
    studio.ws.pictures.window()
    studio.ws.clear(PURPOSE)


def _answer(studio: Studio) -> None:
    for question in studio.ws.review.list():
        studio.ws.review.decide(question.id, clear=True, subjects=["ann"], others="blur", reviewer="Pat") if (
            question.face
        ) else studio.ws.review.decide(question.id, clear=False, reviewer="Pat")


def _amend(studio: Studio) -> None:
    studio.ws.pictures.amend([cleared(studio, "ann")], shoot="elsewhere")


def _remove(studio: Studio) -> None:
    studio.ws.pictures.remove([cleared(studio, "ann")])


def _erase(studio: Studio) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="document").id)


def _upload(studio: Studio) -> None:
    studio.ws.pictures.add("x/1.png", studio._picture(["ben"]), shoot="sent")


def _copy(studio: Studio) -> None:
    data = studio._picture(["ben"])
    studio.ws.pictures.add("1.png", data)
    studio.ws.pictures.add("2.png", data)


def _unreadable(studio: Studio) -> None:
    studio.ws.pictures.add("1.png", b"")


CHANGES: list[Callable[[Studio], None]] = [
    _add,
    _clear,
    _answer,
    _amend,
    _remove,
    _erase,
    _upload,
    _copy,
    _unreadable,
]


@pytest.mark.parametrize("change", CHANGES)
def test_it_says_what_is_on_record_after_each_change(
    studio: Studio, change: Callable[[Studio], None]
) -> None:
    assert_as_on_record(studio)
    change(studio)
    assert_as_on_record(studio)


def test_it_says_so_after_all_of_them(studio: Studio) -> None:
    for change in CHANGES:
        change(studio)
        assert_as_on_record(studio)


def test_what_nobody_decided_in_time_is_gone(studio: Studio, clock: list[datetime]) -> None:
    assert studio.ws.pictures.window(states=["held"]).total == 2
    clock[0] += timedelta(days=400)
    studio.ws.clear(PURPOSE)
    studio.ws.pictures.window(states=["held"])
    assert studio.ws.pictures.window(states=["held"]).total == 0
    assert_as_on_record(studio)


def test_it_opens_from_any_place_the_latest_first(studio: Studio, clock: list[datetime]) -> None:
    clock[0] += timedelta(days=1)
    studio.photo("ben")
    studio.clear()
    whole = studio.ws.pictures.window(count=1000)
    assert [each.given for each in whole.pictures] == sorted(
        (each.given or date.min for each in whole.pictures), reverse=True
    )
    # What was rejected is taken in anew where it is given again.
    new = sum(each.given == date(2026, 3, 2) for each in whole.pictures)
    assert new == 2
    assert whole.days == ((date(2026, 3, 2), 0), (date(2026, 3, 1), new))
    for start in range(whole.total + 2):
        some = studio.ws.pictures.window(start, 3)
        assert some.pictures == whole.pictures[start : start + 3]
        assert some.total == whole.total
    given = studio.ws.pictures.window(given_from=date(2026, 3, 2))
    assert given.pictures == whole.pictures[:new]
    # Of what was rejected again for the same reason, the day of the first decision stays.
    assert studio.ws.pictures.window(decided_until=date(2026, 3, 1)).total == whole.total - 1


def test_it_finds_by_person_whom_it_may_show_too(studio: Studio) -> None:
    for person in ("ann", "ben"):
        window = studio.ws.pictures.window(person=person, count=1000)
        listed = studio.ws.pictures.list(person=person, count=1000).pictures
        assert {each.id for each in window.pictures} == {each.id for each in listed}


def test_a_yes_that_ended_is_seen_on_each_picture(studio: Studio) -> None:
    studio.ws.pictures.window()
    studio.ws.releases.withdraw(subject="ben")
    window = studio.ws.pictures.window(states=["cleared"], person="ben")
    assert {each.state for each in window.pictures} == {"uncovered"}


def test_what_cant_be_there_is_refused(studio: Studio) -> None:
    with pytest.raises(UsageError):
        studio.ws.pictures.window(states=["sung"])
    with pytest.raises(NotFoundError):
        studio.ws.pictures.window(person="nobody")


def test_another_process_sees_what_this_one_changed_and_the_other_way_round(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path / "studio", on_disk=True)
    studio.shoot("ann", "ben")
    studio.clear()
    studio.ws.pictures.window()
    first = cleared(studio, "ann")
    said = [sys.executable, "-m", "volenti.cli.main", "-C", str(studio.ws.path), "picture"]
    subprocess.run([*said, "amend", first, "--shoot", "there"], check=True, capture_output=True)
    assert [each.name for each in studio.ws.pictures.window().shoots] == ["there"]
    subprocess.run([*said, "remove", first, "--yes"], check=True, capture_output=True)
    assert first not in [each.id for each in studio.ws.pictures.window(states=["cleared"]).pictures]
    assert studio.ws.pictures.window().shoots == ()
    studio.ws.close()
