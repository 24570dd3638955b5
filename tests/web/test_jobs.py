"""Jobs on their pages: what runs, what ran, and who may stop what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import form_of

SignIn = Callable[[str], TestClient]


def test_the_page_shows_what_waits_and_what_came_of_what_ran(at: Path, signed_in: SignIn) -> None:
    app = signed_in("officer")
    assert "Nothing runs, and nothing waits." in app.get("/jobs").text
    with volenti.open(at) as ws:
        officer = ws.users.list()[0]
        ws.jobs.start("audit", by=officer.id)
        ws.jobs.work(once=True)
        failed = ws.jobs.start("clear", {"purpose": "none"}).id
        ws.jobs.work(once=True)
        waits = ws.jobs.start("audit").id
    page = app.get("/jobs").text
    assert officer.name in page
    assert f'data-job="{waits}" data-live' in page
    assert "failed" in page
    shown = app.get(f"/jobs/{failed}").text
    assert "at the command line" in shown
    assert 'class="job failed"' in shown
    assert "Stop it now" not in shown
    assert "Auftr" in app.get("/jobs", headers={"accept-language": "de"}).text


def test_the_event_says_how_far_a_job_is_and_when_it_is_over(at: Path, signed_in: SignIn) -> None:
    app = signed_in("engineer")
    with volenti.open(at) as ws:
        job = ws.jobs.start("audit").id
        before = app.get(f"/jobs/{job}/events")
        ws.jobs.work(once=True)
    assert before.headers["content-type"].startswith("text/event-stream")
    assert before.headers["cache-control"] == "no-store"
    said = re.fullmatch(r"retry: 1000\ndata: (.*)\n\n", before.text)
    assert said
    assert json.loads(said[1])["over"] is False
    after = json.loads(app.get(f"/jobs/{job}/events").text.partition("data: ")[2])
    assert after["over"] is True
    assert 'class="job done"' in after["html"]


@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [
        ("engineer", "audit", 303),
        ("engineer", "clear", 403),
        ("officer", "clear", 303),
        ("admin", "clear", 303),
    ],
)
def test_who_may_stop_a_job(at: Path, signed_in: SignIn, role: str, verb: str, status: int) -> None:
    app = signed_in(role)
    with volenti.open(at) as ws:
        job = ws.jobs.start(verb, {"purpose": "generative-training"} if verb == "clear" else {}).id
        page = app.get(f"/jobs/{job}").text
        assert ("Stop it now" in page) is (status == 303)
        form = form_of(page)
        said = app.post(f"/jobs/{job}/stop", data={"form": form}, follow_redirects=False)
        assert said.status_code == status
        assert ws.jobs.show(job).state == ("stopped" if status == 303 else "queued")
        # Once it is over there is nothing to stop.
        ws.jobs.work(once=True)
        assert app.post(f"/jobs/{job}/stop", data={"form": form}).status_code == 403


def test_a_job_that_isn_t_there_is_said(signed_in: SignIn) -> None:
    app = signed_in("officer")
    assert app.get("/jobs/job_none").status_code == 404
    assert app.get("/jobs/job_none/events").status_code == 404
