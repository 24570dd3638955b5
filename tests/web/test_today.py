"""Today: what blocks the next dataset, what is due, what runs, what isn't well; by whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.studio import Studio
from volenti.workspace import overview

SignIn = Callable[[str], TestClient]


def test_the_day_is_seen_at_a_glance(at: Path, signed_in: SignIn) -> None:
    app = signed_in("officer")
    page = app.get("/").text
    assert "Answer what is held" in page
    assert "Somebody without a release is in it" in page
    assert "Nothing is due." in page
    assert "None was made." in page
    with volenti.open(at) as ws:
        ws.requests.open("restriction", "ann", identity="in-person")
        ws.jobs.start("audit")
        ws.backups.create(at.parent / "backup")
        for request in ws.requests.list():
            ws.requests.run(request.id)
        page = app.get("/").text
        assert "data-live" in page
        ws.jobs.work(once=True)
    page = app.get("/").text
    assert "None was made." not in page
    assert "Nothing runs, and nothing waits." in page
    assert "Für den nächsten Datensatz" in app.get("/", headers={"accept-language": "de"}).text


@pytest.mark.parametrize(
    ("role", "sees"),
    [("officer", True), ("second-officer", True), ("engineer", False), ("admin", False), ("licensee", False)],
)
def test_who_is_led_to_the_desk(signed_in: SignIn, role: str, sees: bool) -> None:
    page = signed_in(role).get("/").text
    assert ('href="/desk"' in page) is sees
    assert ("You are signed in." in page) is (role == "licensee")


def test_what_has_to_be_asked_of_everybody_is_asked_anew_once_something_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann", "ben")
    asked: list[int] = []
    due = type(studio.ws.parts.deadlines).due

    def counted(self: object, days: int) -> object:
        asked.append(days)
        return due(self, days)  # type: ignore[arg-type]

    monkeypatch.setattr(type(studio.ws.parts.deadlines), "due", counted)
    first = studio.ws.today()
    assert (first.people, first.ended, first.pictures.waiting) == (2, 0, 0)
    studio.ws.today()
    assert len(asked) == 1
    studio.clear()  # decisions don't make anything due
    assert studio.ws.today().pictures.cleared == 4
    assert len(asked) == 1
    studio.ws.releases.withdraw(subject="ann")
    assert studio.ws.today().ended == 1
    assert len(asked) == 2
    request = studio.ws.requests.open("access", "ben", identity="in-person")
    assert [each.about for each in studio.ws.today(60).due] == [request.id]


def test_of_much_that_is_held_the_reasons_of_the_first_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "READ", 2)
    studio = Studio.open(tmp_path, on_disk=True)
    studio.person("ann")
    for number in range(3):
        studio.photo("ann", f"stranger {number}")
    studio.clear()
    seen = studio.ws.today()
    assert (seen.pictures.held, seen.pictures.read, seen.pictures.reasons) == (3, 2, (("bystander", 2),))
