"""Am I in there? What is kept of whoever asks, who sees it, and what the answer says."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.studio import Studio, reopened
from tests.web.conftest import PASSWORD, SITE, form_of
from volenti.core.clock import system_clock
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.requests.inquiry import ASKED, Reply
from volenti.requests.request import DEADLINE
from volenti.web.application import application
from volenti.web.workspaces import Workspaces


class _Clock:
    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def studio(tmp_path: Path, clock: _Clock) -> Studio:
    made = Studio.open(tmp_path, clock=clock)
    made.person("ann")
    made.photo("ann", "a stranger")
    made.clear()
    return made


def test_whoever_is_enrolled_or_held_is_found_and_nobody_else(studio: Studio) -> None:
    requests = studio.ws.requests
    for name, kinds in (("ann", {"subject", "face"}), ("a stranger", {"face"}), ("nobody", set())):
        requests.inquire(studio._picture([name]))
        [inquiry] = requests.inquiries(waiting=True)
        assert {each.kind for each in requests.inquiry(inquiry.id).found} == kinds, name
        requests.reply(inquiry.id, "not-found")


@pytest.mark.parametrize("reply", ["found", "not-found", "unclear"])
def test_once_it_is_answered_nothing_is_left_but_the_answer(studio: Studio, reply: str) -> None:
    requests, records = studio.ws.requests, studio.parts.records
    photo = studio._picture(["ann"])
    token = requests.inquire(photo)
    [inquiry] = requests.inquiries()
    assert studio.parts.vault.has_key(inquiry.id)
    assert [each.about for each in studio.ws.due(31) if each.matter == "inquiry"] == [inquiry.id]
    assert studio.ws.audit(deep=True).ok, "while it waits"
    requests.reply(inquiry.id, reply)
    assert requests.inquired(token).reply == reply
    assert (records.count("inquiry-photo"), studio.parts.vault.has_key(inquiry.id)) == (0, False)
    with pytest.raises(ConflictError):
        requests.inquiry(inquiry.id)
    with pytest.raises(ConflictError):
        requests.reply(inquiry.id, reply)
    assert studio.ws.audit(deep=True).ok


def test_a_photograph_is_destroyed_after_thirty_days_also_where_nobody_answers(
    studio: Studio, clock: _Clock
) -> None:
    requests = studio.ws.requests
    token = requests.inquire(studio._picture(["ann"]))
    clock.now += DEADLINE - timedelta(minutes=1)
    assert len(requests.inquiries(waiting=True)) == 1
    clock.now += timedelta(minutes=2)
    assert requests.inquiries(waiting=True) == []
    assert requests.inquired(token).reply is Reply.LAPSED
    assert studio.parts.records.count("inquiry-photo") == 0


def test_killed_before_the_key_is_destroyed_the_next_call_destroys_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests, vault = studio.ws.requests, studio.parts.vault
    requests.inquire(studio._picture(["ann"]))
    [inquiry] = requests.inquiries()
    with monkeypatch.context() as patch:
        patch.setattr(vault, "destroy_key", _killed)
        with pytest.raises(KeyboardInterrupt):
            requests.reply(inquiry.id, "found")
    assert vault.has_key(inquiry.id)
    requests.inquiries()
    assert not vault.has_key(inquiry.id)


def _killed(owner: str) -> None:
    raise KeyboardInterrupt


def test_one_address_asks_three_times_a_day(studio: Studio, clock: _Clock) -> None:
    for _ in range(ASKED[0]):
        studio.ws.requests.inquire(studio._picture(["ann"]), address="192.0.2.1")
    with pytest.raises(ConflictError):
        studio.ws.requests.inquire(studio._picture(["ann"]), address="192.0.2.1")
    assert studio.ws.requests.inquire(studio._picture(["ann"]), address="192.0.2.2")
    clock.now += ASKED[1]
    for _ in range(ASKED[0] + 1):  # what isn't taken doesn't count
        with pytest.raises(UsageError):
            studio.ws.requests.inquire(b"no picture", address="192.0.2.1")
    assert studio.ws.requests.inquire(studio._picture(["ann"]), address="192.0.2.1")


def test_a_link_is_its_own_alone(studio: Studio) -> None:
    requests = studio.ws.requests
    token = requests.inquire(studio._picture(["ann"]))
    [inquiry] = requests.inquiries()
    for wrong in ("", "x" * 43, token[:-1], inquiry.id):
        with pytest.raises(RefusedError):
            requests.inquired(wrong)


@pytest.mark.parametrize("names", [[], ["ann", "ben"]])
def test_a_photograph_shows_one_face(studio: Studio, names: list[str]) -> None:
    with pytest.raises(UsageError):
        studio.ws.requests.inquire(studio._picture(names))
    assert studio.parts.records.count("inquiry") == 0


def test_a_visitor_asks_and_an_officer_answers(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.person("ann")
    studio.photo("ann", "a stranger")
    studio.clear()
    added = studio.ws.users.add("officer@example.org", name="The officer", roles=["officer"])
    studio.ws.users.choose_password(added.token, PASSWORD)
    studio.ws.close()
    opened = partial(reopened, studio.ws.path, detector=studio.detector)
    visitor = TestClient(application(Workspaces(opened)), base_url=SITE)
    photo = {"photo": ("me.png", studio._picture(["a stranger"]), "image/png")}
    assert visitor.post("/am-i-in-there", files=photo).status_code == 400, "nobody agreed"
    assert visitor.post("/am-i-in-there", data={"agreed": "yes"}).status_code == 400, "no photograph"
    followed = visitor.post("/am-i-in-there", data={"agreed": "yes"}, files=photo)
    assert "A person looks at it." in followed.text
    assert "me.png" not in followed.text
    officer = TestClient(application(Workspaces(opened)), base_url=SITE)
    officer.post("/sign-in", data={"login": "officer@example.org", "password": PASSWORD})
    [path] = {each for each in officer.get("/inquiries").text.split('"') if each.startswith("/inquiries/")}
    page = officer.get(path)
    assert officer.get(f"{path}/sheet.jpg").headers["content-type"] == "image/jpeg"
    officer.post(path, data={"form": form_of(page.text), "reply": "found"})
    assert "there are pictures that show you" in visitor.get(str(followed.url)).text
    assert officer.get(path).status_code == 409
