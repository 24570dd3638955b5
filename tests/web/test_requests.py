"""Requests: opened, decided and carried out on pages, with nothing done before it is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

import volenti
from tests.studio import Studio
from tests.web.conftest import PASSWORD, SITE, form_of
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

SignIn = Callable[[str], TestClient]


@pytest.fixture
def officer(signed_in: SignIn) -> TestClient:
    return signed_in("officer")


def say(client: TestClient, path: str, **fields: str) -> str:
    """Send a form; returns where it leads, or the page that says why it wasn't taken."""
    form = form_of(client.get("/requests").text)
    answer = client.post(path, data={"form": form, **fields}, follow_redirects=False)
    return answer.headers["location"] if answer.status_code == 303 else answer.text


@pytest.mark.parametrize(
    "kind", ["erasure", "access", "portability", "withdrawal", "restriction", "objection"]
)
def test_a_request_of_every_kind_is_opened_and_shown(officer: TestClient, kind: str) -> None:
    where = say(officer, "/requests/new", kind=kind, who="ann")
    assert where.startswith("/requests/req_")
    page = officer.get(where).text
    assert "What is next" in page
    assert "30 days left" in page or "29 days left" in page
    assert where in officer.get("/requests").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "erasure", "who": "nobody like this"}, "Nobody on record is called so"),
        ({"kind": "erasure", "who": ""}, "Nobody on record is called so"),
        ({"kind": "sing", "who": "ann"}, "problem"),
        ({"kind": "erasure", "who": "", "subject": "sub_none"}, "problem"),
        ({"kind": "withdrawal", "who": "ann", "grant": "sing"}, "problem"),
    ],
)
def test_what_cant_be_opened_is_said_and_opens_nothing(
    at: Path, officer: TestClient, fields: dict[str, str], said: str
) -> None:
    assert said in say(officer, "/requests/new", **fields)
    with volenti.open(at) as ws:
        assert ws.requests.list() == []


def test_what_is_decided_about_a_request_is_on_record(at: Path, officer: TestClient) -> None:
    where = say(officer, "/requests/new", kind="erasure", who="ann")
    for verb, fields in (
        ("identify", {"how": "document"}),
        ("extend", {"reason": "complexity"}),
        ("keep", {"ground": "legal-claims", "until": "2099-12-31"}),
        ("refuse", {"ground": "legal-claims"}),
    ):
        assert say(officer, f"{where}/{verb}", **fields) == where
    with volenti.open(at) as ws:
        found = ws.requests.show(where.rpartition("/")[2])
    assert found.steps == ("identify", "extend", "retain", "refuse")
    assert found.state == "refused"


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("identify", {"how": "guessing"}),
        ("extend", {"reason": "holidays"}),
        ("keep", {"ground": "legal-claims", "until": "someday"}),
        ("keep", {"ground": "legal-claims", "until": "2000-01-01"}),
        ("refuse", {"ground": "overriding-grounds"}),
        ("lift", {}),
        ("run", {}),
    ],
)
def test_what_cant_be_decided_changes_nothing(
    at: Path, officer: TestClient, verb: str, fields: dict[str, str]
) -> None:
    where = say(officer, "/requests/new", kind="erasure", who="ann")
    assert 'class="problem"' in say(officer, f"{where}/{verb}", **fields)
    with volenti.open(at) as ws:
        found = ws.requests.show(where.rpartition("/")[2])
        assert (found.state, found.steps) == ("opened", ())


def test_the_plan_says_what_goes_and_whose_copy_lies_behind_the_link(at: Path, officer: TestClient) -> None:
    where = say(officer, "/requests/new", kind="erasure", who="ann")
    say(officer, f"{where}/identify", how="in-person")
    page = officer.get(f"{where}/plan").text
    assert "Their key" in page
    assert "There is no way back" in page
    assert "hand them the link to follow it" in page
    found = re.search(r"http://localhost(/follow/[\w-]+)", say(officer, f"{where}/link"))
    assert found
    with volenti.open(at) as ws:
        ws.requests.run(where.rpartition("/")[2])
    officer.cookies.clear()
    copy = officer.get(f"{found[1]}/certificate.json").content
    with volenti.open(at) as ws:
        assert ws.certificates.verify(copy, ws.public_key).verified.about == "ann"


def test_an_answer_is_one_file_and_is_given_once(officer: TestClient) -> None:
    where = say(officer, "/requests/new", kind="access", who="ann")
    assert 'class="problem"' in say(officer, f"{where}/answer")  # nobody made sure who asks
    say(officer, f"{where}/identify", how="document")
    form = form_of(officer.get("/requests").text)
    given = officer.post(f"{where}/answer", data={"form": form})
    with ZipFile(BytesIO(given.content)) as files:
        assert {"answer.pdf", "answer.json"} <= set(files.namelist())
        assert "ann" in files.read("answer.json").decode()
    assert given.headers["cache-control"] == "no-store"
    assert 'class="problem"' in say(officer, f"{where}/answer")


def test_whoever_asks_follows_the_request_by_a_link(app: TestClient, officer: TestClient) -> None:
    where = say(officer, "/requests/new", kind="erasure", who="ann")
    found = re.search(r"http://localhost(/follow/[\w-]+)", say(officer, f"{where}/link"))
    assert found
    officer.cookies.clear()
    page = app.get(found[1])
    assert page.status_code == 200
    assert "ann" not in page.text


@pytest.mark.parametrize("code", ["", "0000", "yes"])
def test_an_erasure_needs_the_end_of_its_identifier(at: Path, officer: TestClient, code: str) -> None:
    where = say(officer, "/requests/new", kind="erasure", who="ann")
    say(officer, f"{where}/identify", how="in-person")
    assert "nothing was erased" in say(officer, f"{where}/run", code=code)
    with volenti.open(at) as ws:
        assert ws.requests.named().state == "opened"
        assert ws.jobs.list() == []


def test_an_erasure_goes_over_other_requests_only_where_that_was_ticked(
    at: Path, officer: TestClient
) -> None:
    say(officer, "/requests/new", kind="access", who="ann")
    where = say(officer, "/requests/new", kind="erasure", who="ann")
    say(officer, f"{where}/identify", how="in-person")
    assert "nothing was erased" in say(officer, f"{where}/run", code=where[-4:])
    assert officer.get(f"{where}/run", follow_redirects=False).headers["location"] == f"{where}/plan"
    with volenti.open(at) as ws:
        assert ws.jobs.list() == []
    assert say(officer, f"{where}/run", code=where[-4:], overtake="yes") == where
    with volenti.open(at) as ws:
        assert [each.verb for each in ws.jobs.list()] == ["request run"]


def test_papers_are_shown(officer: TestClient) -> None:
    assert "Nobody got a dataset yet" in officer.get("/recipients").text
    assert "Categories of people" in officer.get("/record").text
    assert "release imported" in officer.get("/log").text
    assert officer.get("/log/checkpoint").text.count("\n") >= 4
    assert officer.get("/log/0/proof").text.startswith("c2sp.org/tlog-proof@v1")
    assert officer.get("/log/999999/proof").status_code == 404
    assert officer.get("/log/x/proof").status_code == 404
    form = form_of(officer.get("/log").text)
    assert "The log holds" in officer.post("/log/verify", data={"form": form}).text
    for forged in ("no checkpoint", "volenti.log/x\n1\nAAAA\n\n— volenti.log/x AAAA", "\0", "x" * 9999):
        answer = officer.post("/log/verify", data={"form": form, "checkpoint": forged})
        assert (answer.status_code < 500, "The log holds" in answer.text) == (True, False), forged


def test_somebody_without_a_name_is_found_by_a_photograph_that_is_kept_nowhere(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    studio.photo("ann", "a stranger")
    studio.clear()
    added = studio.ws.users.add("pat", name="Pat", roles=["officer"])
    studio.ws.users.choose_password(added.token, PASSWORD)
    with TestClient(application(Workspaces(lambda: studio.ws)), base_url=SITE) as client:
        client.post("/sign-in", data={"login": "pat", "password": PASSWORD})
        form = {"form": form_of(client.get("/requests/new").text)}
        photo = {"photograph": ("selfie.png", studio._picture(["a stranger"]), "image/png")}
        page = client.post("/requests/look-for", data=form, files=photo)
        assert 'src="data:image/jpeg;base64,' in page.text
        assert "img-src 'self' data:" in page.headers["content-security-policy"]
        assert "data:" not in client.get("/requests/new").headers["content-security-policy"]
        face = re.search(r'name="face" value="([^"]+)"', page.text)
        assert face
        opened = client.post("/requests/faces", data={**form, "face": face[1]}, follow_redirects=False)
        assert opened.headers["location"].startswith("/requests/req_")
        assert "Somebody who isn't on record by name" in client.get(opened.headers["location"]).text
        nothing = client.post("/requests/look-for", data=form, files={"photograph": ("x", b"", "image/png")})
        assert nothing.status_code == 400
