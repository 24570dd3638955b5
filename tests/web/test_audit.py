"""The audit's page: the last report in plain words, and one that is had run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient

import volenti
from tests.web.conftest import form_of

SignIn = Callable[[str], TestClient]


def test_an_audit_is_had_run_once_and_its_report_is_shown(at: Path, signed_in: SignIn) -> None:
    app = signed_in("admin")
    page = app.get("/audit").text
    assert "No audit ran here yet" in page
    for _ in range(2):  # pressing twice asks for one
        app.post("/audit", data={"form": form_of(page), "deep": "yes"})
    with volenti.open(at) as ws:
        [job] = ws.jobs.list()
        assert (job.arguments, job.by) == ({"deep": True}, ws.users.signed_in(app.cookies["volenti"])[0].id)  # type: ignore[index]
        assert f'data-job="{job.id}"' in app.get("/audit").text
        ws.jobs.work(once=True)
    page = app.get("/audit").text
    assert "Everything is well" in page
    assert "8 pictures opened" in page
    assert "Audit now" in page


def test_what_an_audit_found_is_said_and_goes_with_an_erasure(at: Path, signed_in: SignIn) -> None:
    app = signed_in("officer")
    (at / "keys" / "<b>note.txt").write_text("something")
    (at / "notes.txt").write_text("something")
    with volenti.open(at) as ws:
        ws.jobs.start("audit")
        ws.jobs.work(once=True)
        page = app.get("/audit").text
        assert "Something was found" in page
        assert "1 thing of an erased person is left" in page
        assert "&lt;b&gt;note.txt" in page
        assert "<b>note" not in page
        assert "notes.txt" in page
        ws.requests.run(ws.requests.open("erasure", "ann", identity="in-person").id)
    page = app.get("/audit").text
    assert "note.txt" not in page
    assert "was taken out" in page
    assert "1 thing of an erased person is left" in page
