"""Judging at a button: where it is, for whom, and what it has done."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.api import png
from tests.web.conftest import form_of

SignIn = Callable[[str], TestClient]
BUTTON = 'action="/pictures/judge"'
PLACES = ("/", "/pictures?state=waiting")


def add(app: TestClient) -> str:
    form = form_of(app.get("/pictures/add").text)
    return app.post("/pictures/add", data={"form": form}, files={"file": ("a.png", png(1))}).text


def test_what_was_added_is_judged_at_a_button(at: Path, signed_in: SignIn) -> None:
    app = signed_in("officer")
    assert BUTTON not in app.get("/").text + app.get("/pictures?state=waiting").text
    pages = [add(app), *(app.get(each).text for each in PLACES)]
    assert [BUTTON in each for each in pages] == [True] * 3
    for page in pages:
        form = page.partition(BUTTON)[2].partition("</form>")[0]
        offered = re.findall(r'<option value="([\w-]+)"', form)
        assert offered == ["generative-training", "non-generative-training", "redistribution"]
    said = {"form": form_of(pages[0]), "purpose": "redistribution"}
    first = app.post("/pictures/judge", data=said, follow_redirects=False)
    again = app.post("/pictures/judge", data=said, follow_redirects=False)
    assert first.status_code == 303
    assert again.headers["location"] == first.headers["location"]
    assert "Judging pictures" in app.get(first.headers["location"]).text
    with volenti.open(at) as ws:
        [job] = [each for each in ws.jobs.list() if each.verb == "clear"]
        officer = next(each.id for each in ws.users.list() if each.login == "officer@example.org")
        assert (first.headers["location"], job.by) == (f"/jobs/{job.id}", officer)
        assert job.arguments == {"purpose": "redistribution"}


def test_a_policy_of_ones_own_goes_on_being_used_and_a_first_yes_stays(at: Path, signed_in: SignIn) -> None:
    two = 'purpose = "generative-training"\n[findings]\nbystander = "held"\n[review]\nreviewers = 2\n'
    app = signed_in("officer")
    with volenti.open(at) as ws:
        path = at.parent / "two.toml"
        path.write_text(two)
        ws.clear(policy=path)
        ws.pictures.add("a.png", png(1))
    said = {"form": form_of(app.get("/").text), "purpose": "generative-training"}
    app.post("/pictures/judge", data=said)
    with volenti.open(at) as ws:
        [job] = ws.jobs.list()
        before = {
            each.policy
            for picture in ws.pictures.list().pictures
            for each in ws.pictures.show(picture.id).decisions
        }
        assert job.arguments["policy"] in before
        ws.jobs.work(once=True)
        assert ws.jobs.show(job.id).state == "done"
        after = {
            each.policy
            for picture in ws.pictures.list().pictures
            for each in ws.pictures.show(picture.id).decisions
        }
        assert after == before


@pytest.mark.parametrize("purpose", ["", "commercial", "strict", "x" * 999])
def test_there_has_to_be_a_policy_for_the_purpose(at: Path, signed_in: SignIn, purpose: str) -> None:
    app = signed_in("officer")
    said = {"form": form_of(app.get("/").text), "purpose": purpose}
    assert app.post("/pictures/judge", data=said).status_code == 400
    with volenti.open(at) as ws:
        assert not ws.jobs.list()


def test_only_an_officer_has_pictures_judged(at: Path, app: TestClient, signed_in: SignIn) -> None:
    with volenti.open(at) as ws:
        ws.pictures.add("a.png", png(1))
    for role in ("second-officer", "admin", "engineer"):
        app.cookies.clear()
        signed_in(role)
        assert BUTTON not in app.get("/").text
        assert BUTTON not in app.get("/pictures?state=waiting").text
        said = {"form": form_of(app.get("/").text), "purpose": "generative-training"}
        assert app.post("/pictures/judge", data=said).status_code == 403


def test_the_plan_of_an_erasure_leads_to_what_was_never_looked_at(at: Path, signed_in: SignIn) -> None:
    app = signed_in("officer")
    with volenti.open(at) as ws:
        ws.pictures.add("a.png", png(1))
        request = ws.requests.open("erasure", "ann", identity="in-person").id
    page = app.get(f"/requests/{request}/plan").text
    assert "Clear it first." in page
    assert 'href="/pictures?state=waiting"' in page
