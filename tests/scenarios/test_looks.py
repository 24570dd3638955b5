"""Looks: who looked at somebody's pictures is theirs to read, and goes with them and with their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.looks import LOOKED, Why
from volenti.core.errors import NotFoundError, UsageError

NOW = datetime(2026, 3, 1, 10, 40, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def studio(tmp_path: Path, clock: Clock) -> Iterator[Studio]:
    """Ann and Ben, two pictures of each, one of both, and one of nobody known; an officer called Pat."""
    studio = Studio.open(tmp_path / "studio", clock=clock)
    studio.shoot("ann", "ben")
    studio.photo("ann", "ben")
    studio.photo("_")
    studio.clear()
    studio.ws.users.add("pat@example.org", name="Pat P.", roles=["officer"])
    yield studio
    studio.ws.close()


def of(studio: Studio, *people: str) -> list[str]:
    """The cleared pictures that belong to exactly these people."""
    found = studio.ws.pictures.list(state="cleared").pictures
    return sorted(each.id for each in found if each.people == people)


def held(studio: Studio) -> str:
    [found] = studio.ws.pictures.list(state="held").pictures
    return found.id


def look(studio: Studio, *images: str, why: str = "review") -> int:
    return studio.ws.pictures.look(images, by="pat@example.org", why=why)


def logged(studio: Studio) -> int:
    return sum(1 for _ in studio.parts.events.said(LOOKED))


def test_who_is_in_a_picture_reads_who_looked_at_it_and_why(studio: Studio) -> None:
    [both] = of(studio, "ann", "ben")
    assert look(studio, both, "img_unknown") == 1
    for name in ("ann", "ben"):
        [found] = studio.ws.subjects.looks(name)
        assert (found.name, found.roles, found.why) == ("Pat P.", ("officer",), "review")
        assert (found.at, found.pictures, found.image) == ("2026-03-01T10:00:00Z", 1, both)
    assert studio.ws.pictures.show(both).looks == tuple(studio.ws.subjects.looks("ann"))
    assert logged(studio) == 1


def test_a_grid_is_one_row_and_one_event_a_person_and_hour(studio: Studio, clock: Clock) -> None:
    every = [*of(studio, "ann"), *of(studio, "ben"), *of(studio, "ann", "ben"), held(studio)]
    assert look(studio, *every, why="grid") == len(every) == 6
    assert look(studio, *of(studio, "ann"), why="grid") == 2
    [ann], [ben] = studio.ws.subjects.looks("ann"), studio.ws.subjects.looks("ben")
    assert (ann.pictures, ben.pictures, ann.image) == (5, 3, "")
    assert logged(studio) == 3  # Ann's, Ben's, and one about those whom nobody knows
    clock.now += timedelta(minutes=20)
    look(studio, *of(studio, "ann"), why="grid")
    assert [each.pictures for each in studio.ws.subjects.looks("ann")] == [2, 5]
    assert logged(studio) == 4


def test_a_look_at_a_reference_photograph_is_the_persons(studio: Studio, clock: Clock) -> None:
    for _ in range(2):
        studio.ws.subjects.look("ann", by="pat@example.org")
    clock.now += timedelta(hours=1)
    studio.ws.subjects.look("ann", by="pat@example.org")
    found = studio.ws.subjects.looks("ann")
    assert [(each.why, each.pictures, each.image) for each in found] == [
        ("reference", 1, ""),
        ("reference", 2, ""),
    ]
    assert studio.ws.subjects.looks("ben") == []
    for who, by in (("nobody", "pat@example.org"), ("ann", "nobody@example.org")):
        with pytest.raises(NotFoundError):
            studio.ws.subjects.look(who, by=by)


def test_looks_of_another_reason_or_user_are_others(studio: Studio) -> None:
    [first, *_] = of(studio, "ann")
    studio.ws.users.add("kim@example.org", name="Kim K.", roles=["second-officer"])
    # One of those that are left is a token's, and no user's (tests/web/test_api.py), one is of no picture.
    reasons = [each for each in Why if each not in (Why.OTHER_SYSTEM, Why.REFERENCE)]
    with pytest.raises(UsageError, match="reference"):
        look(studio, first, why="reference")
    for why in reasons:
        look(studio, first, why=why)
        studio.ws.pictures.look([first], by="kim@example.org", why=why)
    looks = studio.ws.subjects.looks("ann")
    assert {(each.name, each.why) for each in looks} == {
        (who, why) for who in ("Pat P.", "Kim K.") for why in reasons
    }


def test_the_name_stays_where_the_user_was_removed(studio: Studio) -> None:
    look(studio, *of(studio, "ann"))
    studio.ws.users.add("kim@example.org", name="Kim K.", roles=["admin"])
    studio.ws.users.remove("pat@example.org")
    assert {each.name for each in studio.ws.subjects.looks("ann")} == {"Pat P."}


@pytest.mark.parametrize(
    ("by", "why", "error"),
    [("nobody@example.org", "review", NotFoundError), ("pat@example.org", "curiosity", UsageError)],
)
def test_nobody_looks_without_being_known_or_without_a_reason(
    studio: Studio, by: str, why: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        studio.ws.pictures.look(of(studio, "ann"), by=by, why=why)
    assert studio.ws.subjects.looks("ann") == []


def test_events_name_the_user_by_identifier_and_nobody_else(studio: Studio) -> None:
    look(studio, *of(studio, "ann", "ben"))
    [user] = studio.ws.users.list()
    assert list(studio.parts.events.said(LOOKED)) == [{"user": user.id, "why": "review"}]


def test_a_look_while_nobody_was_known_counts_once_somebody_is(studio: Studio) -> None:
    image = held(studio)
    look(studio, image)
    assert studio.ws.subjects.looks("ann") == []
    [question] = studio.ws.review.list()
    studio.ws.review.decide(question.id, clear=True, subjects=["ann"], reviewer="Pat P.")
    [found] = studio.ws.subjects.looks("ann")
    assert (found.image, found.why) == (image, "review")


def test_looks_go_with_whoever_is_erased_and_others_keep_theirs(studio: Studio) -> None:
    look(studio, *of(studio, "ann"), *of(studio, "ben"), *of(studio, "ann", "ben"))
    look(studio, *of(studio, "ann"), *of(studio, "ben"), *of(studio, "ann", "ben"), why="grid")
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="document").id)
    with pytest.raises(NotFoundError):
        studio.ws.subjects.looks("ann")
    left = studio.ws.subjects.looks("ben")
    assert {each.image for each in left} == {"", *of(studio, "ben")}
    rows = list(studio.parts.records.rows("look"))
    assert len(rows) == len(left)
    assert studio.ws.audit().ok


def test_looks_at_a_picture_go_with_it_where_it_is_removed(studio: Studio) -> None:
    first, second = of(studio, "ann")
    look(studio, first, second)
    studio.ws.pictures.remove([first])
    assert [each.image for each in studio.ws.subjects.looks("ann")] == [second]


def test_looks_at_what_nobody_decided_in_time_go_with_it(studio: Studio, clock: Clock) -> None:
    look(studio, held(studio))
    look(studio, held(studio), why="grid")
    clock.now += timedelta(days=400)
    studio.ws.clear(PURPOSE)
    assert list(studio.parts.records.rows("look")) == []
    assert studio.ws.audit().ok


def test_the_person_gets_them_with_everything_else_that_is_held_of_them(studio: Studio) -> None:
    look(studio, *of(studio, "ann", "ben"))
    told = studio.parts.answers._held("ann")["look"]
    assert [(each["contents"]["name"], each["contents"]["why"]) for each in told] == [("Pat P.", "review")]
