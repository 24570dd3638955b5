"""The rooms about pictures: what a grid shows and notes, how files are taken in, and what is changed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from PIL import Image
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import PASSWORD, SITE, form_of
from volenti.web.application import application
from volenti.web.room import NOT_SHOWN
from volenti.web.workspaces import Workspaces
from volenti.workspace.workspace import Workspace

SignIn = Callable[[str], TestClient]


@pytest.fixture
def officer(signed_in: SignIn) -> TestClient:
    return signed_in("officer")


@pytest.fixture
def ws(at: Path) -> Iterator[Workspace]:
    with volenti.open(at) as opened:
        yield opened


def shown(page: str) -> list[str]:
    return re.findall(r'src="/pictures/(img_\w+)/small.jpg"', page)


def png(red: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (red, 90, 90)).save(out, "PNG")
    return out.getvalue()


def give(client: TestClient, name: str, data: bytes, **said: str) -> dict[str, str]:
    form = form_of(client.get("/pictures/add").text)
    answer = client.post(
        "/pictures/add",
        data={"form": form, "name": name, **said},
        files={"file": (name, data)},
        headers={"accept": "application/json"},
    )
    told: dict[str, str] = answer.json()
    return told


def test_the_grid_shows_what_is_kept_from_any_place_and_in_pages(officer: TestClient, ws: Workspace) -> None:
    every = [each.id for each in ws.pictures.window(count=200, states=["cleared", "held"]).pictures]
    assert len(every) > 5
    assert shown(officer.get("/pictures").text) == every
    assert shown(officer.get("/pictures/window?start=2&count=3").text) == every[2:5]
    assert shown(officer.get("/pictures?start=9999999").text) == []
    assert shown(officer.get("/pictures?state=held").text) == [
        each.id for each in ws.pictures.window(states=["held"]).pictures
    ]


@pytest.mark.parametrize("asked", ["state=sung", "finding=nothing", "person=nobody-at-all"])
def test_what_cant_be_asked_for_is_said(officer: TestClient, asked: str) -> None:
    assert officer.get(f"/pictures?{asked}").status_code in (400, 404)


@pytest.mark.parametrize("asked", ["start=x", "start=-4", "count=0", "page=999999999999", "given_from=now"])
def test_what_makes_no_sense_is_left_out(officer: TestClient, asked: str) -> None:
    assert officer.get(f"/pictures?{asked}").status_code == 200


def test_names_of_shoots_stand_in_no_address(officer: TestClient, ws: Workspace) -> None:
    assert give(officer, "a.png", png(1), shoot="The wedding of Ann")["outcome"] == "new"
    page = officer.get("/pictures").text
    [address] = re.findall(r'<option value="(sho_\w+)">The wedding of Ann \(1\)', page)
    found = officer.get(f"/pictures?shoot={address}").text
    assert len(shown(found)) == 1
    assert not re.search(r'(href|src|action|data-link)="[^"]*wedding', found)


def test_what_is_seen_is_noted_before_it_is_seen(officer: TestClient, ws: Workspace) -> None:
    page = officer.get("/pictures").text
    [grid] = ws.subjects.looks("ann")
    assert (grid.name, grid.why, grid.image) == ("The officer", "grid", "")
    assert 0 < grid.pictures <= len(shown(page))
    for each in shown(page):
        assert officer.get(f"/pictures/{each}/small.jpg").headers["content-type"] == "image/jpeg"
    assert ws.subjects.looks("ann") == [grid]
    mine = ws.pictures.list(person="ann", state="cleared").pictures[0].id
    officer.get(f"/pictures/{mine}")
    officer.get(f"/pictures/{mine}/large.jpg")
    assert [(each.why, each.image, each.pictures) for each in ws.subjects.looks("ann") if each.image] == [
        ("picture-page", mine, 1)
    ]
    assert "The officer" in officer.get(f"/pictures/{mine}").text


def test_a_small_picture_that_is_asked_for_by_itself_is_noted_too(officer: TestClient, ws: Workspace) -> None:
    mine = ws.pictures.list(person="ben", state="cleared").pictures[0].id
    officer.get(f"/pictures/{mine}/small.jpg")
    assert [(each.why, each.pictures) for each in ws.subjects.looks("ben")] == [("grid", 1)]


def test_pictures_of_whoever_restricted_their_data_arent_shown(officer: TestClient, ws: Workspace) -> None:
    mine = ws.pictures.list(person="ben", state="cleared").pictures[0].id
    ws.requests.run(ws.requests.open("restriction", "ben").id)
    for size in ("small", "large"):
        answer = officer.get(f"/pictures/{mine}/{size}.jpg", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, NOT_SHOWN)


def test_files_are_taken_in_once_and_each_is_accounted_for(officer: TestClient, ws: Workspace) -> None:
    given = [
        ("d/a.png", png(7)),
        ("d/a.png", png(7)),
        ("b.png", png(7)),
        ("c.png", b"no picture"),
        ("d.png", b""),
    ]
    assert [give(officer, *each)["outcome"] for each in given] == [
        "new",
        "known",
        "duplicate",
        "unreadable",
        "unreadable",
    ]
    assert give(officer, "a.xmp", b"<x/>")["outcome"] == "beside"
    assert give(officer, "Thumbs.db", b"x")["outcome"] == "ignored"
    assert {each.file for each in ws.pictures.list(state="waiting").pictures} == {"d/a.png"}


def test_a_name_leads_nowhere_and_a_caption_is_kept(officer: TestClient, ws: Workspace) -> None:
    assert give(officer, "../../etc/passwd\0.png", png(3), caption="two birds")["outcome"] == "new"
    [found] = ws.pictures.find("birds").pictures
    assert (found.file, found.caption) == ("etc/passwd.png", "two birds")


def test_without_a_script_a_form_takes_several(officer: TestClient) -> None:
    form = form_of(officer.get("/pictures/add").text)
    files = [("file", (f"{each}.png", png(each))) for each in (20, 21, 20)]
    page = officer.post("/pictures/add", data={"form": form, "shoot": "x"}, files=files).text
    assert page.count("<span>20.png</span>") == 2
    assert page.count("was taken in before</span>") == 1
    assert officer.post("/pictures/add", data={"form": form}).status_code == 400


def test_the_first_pictures_of_a_day_are_given_at_once_and_all_open(tmp_path: Path) -> None:
    with volenti.open(volenti.init(tmp_path / "studio", seed=1)) as ws:
        added = ws.users.add("officer@example.org", name="The officer", roles=["officer"])
        ws.users.choose_password(added.token, PASSWORD)
    made = application(Workspaces(partial(volenti.open, tmp_path / "studio")))
    with TestClient(made, base_url=SITE) as client, ThreadPoolExecutor(8) as threads:
        client.post("/sign-in", data={"login": "officer@example.org", "password": PASSWORD})
        together = Barrier(8)

        def upload(number: int) -> str:
            together.wait()
            return give(client, f"{number}.png", png(number))["outcome"]

        assert set(threads.map(upload, range(8))) == {"new"}
        assert len(shown(client.get("/pictures").text)) == 8
    with volenti.open(tmp_path / "studio") as ws:
        assert ws.audit(deep=True).ok


def test_what_a_correction_changes_is_shown_first(officer: TestClient, ws: Workspace) -> None:
    [first, second, *_] = [each.id for each in ws.pictures.list(state="cleared").pictures]
    form = form_of(officer.get("/pictures").text)
    said = {"form": form, "image": [first, second], "change_shoot": "1", "shoot": "autumn"}
    page = officer.post("/pictures/correct", data={**said, "step": "look"}).text
    assert "<ins>autumn</ins>" in page
    assert ws.pictures.show(first).shoot == ""
    assert officer.post("/pictures/correct", data={**said, "step": "do"}).status_code == 200
    assert {ws.pictures.show(each).shoot for each in (first, second)} == {"autumn"}
    assert officer.post("/pictures/correct", data={"form": form}).status_code == 400


def test_removing_asks_first_and_takes_pictures_out_of_the_grid(officer: TestClient, ws: Workspace) -> None:
    [first, *others] = shown(officer.get("/pictures").text)
    said = {"form": form_of(officer.get("/pictures").text), "images": first}
    assert "Remove 1 picture?" in officer.post("/pictures/remove", data={**said, "step": "ask"}).text
    assert shown(officer.get("/pictures").text) == [first, *others]
    officer.post("/pictures/remove", data={**said, "step": "do"})
    assert shown(officer.get("/pictures").text) == others


def test_a_picture_is_held_for_what_somebody_saw(officer: TestClient, ws: Workspace) -> None:
    mine = ws.pictures.list(state="cleared").pictures[0].id
    form = form_of(officer.get(f"/pictures/{mine}").text)
    officer.post(f"/pictures/{mine}/hold", data={"form": form, "code": "watermark"})
    assert ws.pictures.show(mine).state == "held"


def test_a_second_officer_looks_and_changes_nothing(signed_in: SignIn, ws: Workspace) -> None:
    client = signed_in("second-officer")
    page = client.get("/pictures").text
    assert shown(page)
    assert "checkbox" not in page
    assert (
        client.post("/pictures/remove", data={"form": form_of(page), "images": shown(page)[0]}).status_code
        == 403
    )
