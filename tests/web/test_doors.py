"""Doors: who is let in where, by the table of every route and every role; and what comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import PASSWORD, fields_of, form_of
from tests.web.routes import ALL, PERSON, ROUTES
from volenti.core.errors import UsageError
from volenti.web.application import doors
from volenti.web.sign_in import ASKED_FROM

SignIn = Callable[[str], TestClient]


def test_every_route_is_in_the_table() -> None:
    assert {(each.method, each.path) for each in doors()} == set(ROUTES)


@pytest.mark.parametrize("role", [None, *sorted(ALL | PERSON)])
def test_each_route_lets_in_whom_the_table_names(
    app: TestClient, signed_in: SignIn, visiting: SignIn, role: str | None
) -> None:
    if role in PERSON:
        visiting("ann")
    elif role:
        signed_in(role)
    home = "/me" if role in PERSON else "/"
    form = form_of(app.get(home).text) if role else ""
    for (method, path), roles in sorted(ROUTES.items()):
        if path in ("/sign-out", "/me/leave"):
            continue  # it ends the session; a test of its own
        url = re.sub(r"{\w+}", "none", path)
        answer = app.request(
            method, url, data={"form": form} if method == "POST" else None, follow_redirects=False
        )
        if roles is None:
            assert answer.status_code != 404 or path.startswith(("/welcome", "/sign-in/provider")), url
        elif role is None or (role in PERSON and roles != PERSON):
            # Nobody of those whom the door is for is signed in.
            door = "/me/link" if roles == PERSON else "/sign-in"
            assert (answer.status_code, answer.headers["location"]) == (303, door), url
        elif role in roles:
            assert (answer.status_code, "open to you" in answer.text) != (403, True), url
        else:
            assert (answer.status_code, "open to you" in answer.text) == (403, True), url


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_another_site_does_nothing(
    at: Path, signed_in: SignIn, app: TestClient, headers: dict[str, str]
) -> None:
    signed_in("officer")
    with volenti.open(at) as ws:
        question = ws.review.list()[0].id
        fields = fields_of(app.get(f"/desk/{question}").text)
        url = f"/desk/{question}"
        answer = app.post(url, data={**fields, "answer": "reject"}, headers=headers)
        assert answer.status_code == 403
        assert app.post(url, data={**fields, "form": "", "answer": "reject"}).status_code == 403
        assert app.post(url, data={**fields, "form": "x" * 43, "answer": "reject"}).status_code == 403
        assert question in [each.id for each in ws.review.list()]
        assert app.post(url, data={**fields, "answer": "reject"}, follow_redirects=False).status_code == 303
        assert question not in [each.id for each in ws.review.list()]


def test_another_sites_name_leads_nowhere(app: TestClient) -> None:
    assert app.get("/sign-in", headers={"host": "evil.example"}).status_code == 400


def test_every_answer_has_the_headers(app: TestClient, signed_in: SignIn) -> None:
    urls = ("/sign-in", "/nowhere", "/static/house.css", "/welcome/none")
    for answer in [*map(app.get, urls), signed_in("officer").get("/"), app.get("/desk")]:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
        is_nobodys = answer.url.path.startswith("/static/")
        assert answer.headers["cache-control"] == ("no-cache" if is_nobodys else "no-store")
    style = app.get("/static/house.css")
    assert app.get("/static/house.css", headers={"if-none-match": style.headers["etag"]}).status_code == 304


def test_what_somebody_typed_is_text_also_in_an_error(app: TestClient, signed_in: SignIn) -> None:
    signed_in("officer")
    evil = "<b onload=x>100 %s"
    answer = app.post(
        "/requests/new",
        data={"form": form_of(app.get("/requests").text), "kind": evil, "who": "ann"},
        follow_redirects=False,
    )
    assert evil not in answer.text
    assert "&lt;b onload=x&gt;100 %s" in answer.text


def test_signing_out_ends_the_session_for_whoever_kept_its_token(app: TestClient, signed_in: SignIn) -> None:
    signed_in("admin")
    token = app.cookies["volenti"]
    app.post("/sign-out", data={"form": form_of(app.get("/").text)})
    app.cookies.set("volenti", token)
    assert app.get("/", follow_redirects=False).headers["location"] == "/sign-in"


def test_a_link_is_good_once(at: Path, app: TestClient) -> None:
    with volenti.open(at) as ws:
        token = ws.users.add("new@example.org", name="New", roles=["officer"]).token
    url, chosen = f"/welcome/{token}", {"password": PASSWORD, "again": PASSWORD}
    assert "New" in app.get(url).text
    assert "same" in app.post(url, data={**chosen, "again": "x"}).text
    assert app.post(url, data=chosen, follow_redirects=False).status_code == 303
    assert app.get(url).status_code == 403
    assert app.post(url, data=chosen).status_code == 403
    assert app.post("/sign-in", data={"login": "NEW@example.org", "password": PASSWORD}).status_code == 200


def test_a_link_is_taken_also_where_somebody_else_is_signed_in(
    at: Path, app: TestClient, signed_in: SignIn
) -> None:
    signed_in("admin")
    with volenti.open(at) as ws:
        token = ws.users.add("new@example.org", name="New", roles=["officer"]).token
    url = f"/welcome/{token}"
    data = {"password": PASSWORD, "again": PASSWORD, "form": form_of(app.get(url).text)}
    assert app.post(url, data=data, follow_redirects=False).status_code == 303


def test_other_machines_reach_it_by_https_alone(at: Path) -> None:
    with pytest.raises(UsageError, match="without HTTPS"):
        volenti.serve(at, host="0.0.0.0")


def test_after_five_failures_nobody_may_try_for_a_while(app: TestClient) -> None:
    wrong = {"login": "admin@example.org", "password": "wrong"}
    assert [app.post("/sign-in", data=wrong).status_code for _ in range(6)] == [403] * 5 + [429]
    assert app.post("/sign-in", data={**wrong, "password": PASSWORD}).status_code == 429


def test_a_page_that_answered_a_form_is_opened_again_at_the_page_above_it(app: TestClient) -> None:
    gets = {path for method, path in ROUTES if method == "GET"}
    forms = sorted({path for method, path in ROUTES if method == "POST"} - gets)
    assert len(forms) > 20
    for each in forms:
        path = re.sub(r"{\w+}", "any", each)
        answer = app.get(path, follow_redirects=False)
        assert answer.status_code == 303, each
        above = answer.headers["location"]
        # Some are another page's address, too, to which nobody is let in without a session.
        assert above in ("/", "/sign-in", "/me/link") or path.startswith(f"{above}/"), each
        assert app.get(above, follow_redirects=False).status_code != 405, each
        assert app.put(path).status_code == 405


def test_a_page_that_is_asked_for_too_often_says_so(at: Path, app: TestClient) -> None:
    with volenti.open(at) as ws:
        for _ in range(ASKED_FROM):
            ws.users.limit("provider", "testclient", times=ASKED_FROM, per="quarter")
    assert app.get("/sign-in/provider").status_code == 429


def test_a_locked_user_and_one_with_other_roles_have_to_sign_in_again(
    at: Path, app: TestClient, signed_in: SignIn
) -> None:
    for change in ({"locked": True}, {"roles": ["engineer"]}):
        signed_in("officer")
        with volenti.open(at) as ws:
            ws.users.change("officer@example.org", **change)
            assert app.get("/", follow_redirects=False).headers["location"] == "/sign-in"
            ws.users.change("officer@example.org", locked=False, roles=["officer"])
