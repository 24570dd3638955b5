"""Signing on a page: without a script as a plain form, sealed from a device, and what others can't do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

import volenti
from tests.kinds_of_reference import encoded, gradient
from tests.signings import OPENED, Phone, photo, statement
from tests.web.conftest import form_of
from volenti.signings.session import SigningSession
from volenti.workspace.workspace import Workspace

SignIn = Callable[[str], TestClient]
FILLED = {
    "name": "Ada Example",
    "birth_date": "1990-05-17",
    "contact": "ada@example.org",
    "guardian": "",
    "relation": "",
    "grant commercial": "no",
    "grant biometric-templates": "yes",
}


@pytest.fixture
def ws(at: Path) -> Iterator[Workspace]:
    with volenti.open(at) as ws:
        yield ws


def opened(ws: Workspace, **changes: Any) -> SigningSession:
    asked = {"ask": ["commercial", "biometric-templates"], **OPENED}
    return ws.signings.open("march", **{**asked, **changes})


def test_an_officer_opens_a_session_and_holds_up_its_code(
    app: TestClient, signed_in: SignIn, ws: Workspace
) -> None:
    signed_in("officer")
    form = form_of(app.get("/signings/new").text)
    said = {
        "form": form,
        "shoot": "march",
        "ask": ["commercial"],
        "language": ["en", "de"],
        "territory": "de, at",
        "people": "3",
        "hours": "2",
        "first_day": "",
        "last_day": "",
        "valid_until": "",
        **OPENED,
    }
    wrong = app.post("/signings/new", data={**said, "law": "Germany"})
    assert (wrong.status_code, "Germany" in wrong.text) == (400, True)
    # It names the field as the page does, above and beside it.
    days = {"first_day": "2026-11-20", "last_day": "2026-11-10"}
    wrong = app.post("/signings/new", data={**said, **days})
    assert "Last day: is before the first day." in wrong.text
    assert wrong.text.count("is before the first day.") == 2
    assert "last_day:" not in wrong.text
    answer = app.post("/signings/new", data=said, follow_redirects=False)
    assert answer.status_code == 303
    [found] = ws.signings.list()
    assert found.session.territory == ("DE", "AT")
    page = app.get(answer.headers["location"]).text
    assert found.session.path in page
    code = app.get(f"/signings/{found.session.id}/code.svg")
    assert (code.headers["content-type"], b"<svg" in code.content) == ("image/svg+xml", True)
    app.post(f"/signings/{found.session.id}", data={"form": form})
    assert not ws.signings.list()[0].is_open
    assert app.get(found.session.path).status_code == 403


def test_somebody_signs_without_a_script(app: TestClient, ws: Workspace) -> None:
    session = opened(ws)
    page = app.get(session.path).text
    assert page.index("MODEL RELEASE") < page.index("NOTICE: WHAT IS MEASURED") < page.index('name="name"')
    assert " checked" not in page
    files = [("photo", ("me.jpg", photo(), "image/jpeg"))]
    answer = app.post(session.path, data=FILLED, files=files, follow_redirects=False)
    assert answer.headers["location"] == f"{session.path}/summary?language=en"
    told = app.get(answer.headers["location"]).text
    assert "Ada Example" in told
    wrong = app.post(f"{session.path}/summary", data={"signature": "Somebody"})
    assert (wrong.status_code, "isn&#39;t the name" in wrong.text) == (400, True)
    assert not [each for each in ws.subjects.list() if each.subject.legal_name == "Ada Example"]
    done = app.post(f"{session.path}/summary", data={"signature": "ada example"}, follow_redirects=False)
    receipt = done.headers["location"]
    assert "Ada Example, this is your copy" in app.get(receipt).text
    links = re.findall(r'href="(/sign/[^"]+)"', app.get(receipt).text)
    pdf, jsonld, following = links
    assert app.get(pdf).content.startswith(b"%PDF")
    assert app.get(jsonld).json()["@type"] == "dpv:ConsentReceipt"
    assert "MODEL RELEASE" in app.get(following).text
    [(signed, release)] = ws.signings.show(session.id).signed
    assert (release.method, release.today) == ("web-ceremony", "signed")
    assert [str(each) for each in release.release.grants.yes] == ["biometric-templates"]
    assert ws.subjects.show_references(signed.subject)
    # Sent once more, it is the same release; the draft is gone.
    assert app.post(f"{session.path}/summary", data={"signature": "ada example"}).status_code == 200
    assert len(ws.signings.show(session.id).signed) == 1
    assert ws.parts.records.count("signing-draft") == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"grant commercial": ""}, "yes or no"),
        ({"grant commercial": "perhaps"}, "yes or no"),
        ({"name": " "}, "Give your name"),
        ({"birth_date": "yesterday"}, "date of birth"),
        ({"birth_date": "2999-01-01"}, "date of birth"),
        ({"birth_date": "2020-01-01"}, "under 18"),
    ],
)
def test_what_is_missing_is_said_and_what_was_filled_in_stays(
    app: TestClient, ws: Workspace, change: dict[str, str], told: str
) -> None:
    session = opened(ws)
    answer = app.post(session.path, data={**FILLED, **change})
    assert (answer.status_code, told in answer.text) == (400, True)
    assert 'value="ada@example.org"' in answer.text
    # A tab that was closed finds it again.
    assert 'value="ada@example.org"' in app.get(session.path).text


def test_another_browser_sees_nothing_of_a_draft(app: TestClient, ws: Workspace) -> None:
    session = opened(ws)
    app.post(session.path, data=FILLED)
    app.cookies.clear()
    assert "Ada" not in app.get(session.path).text
    assert "Ada" not in app.get(f"{session.path}/summary").text
    app.cookies.set("volenti-draft", "x" * 43)
    assert "Ada" not in app.get(session.path).text


def test_a_guardian_signs_and_a_witness_sees_it(app: TestClient, ws: Workspace) -> None:
    session = opened(ws, ask=["commercial"], witness=True)
    said = {**FILLED, "birth_date": "2015-05-17", "guardian": "Bea Example", "relation": "mother"}
    assert "Bea Example" in app.post(session.path, data=said).text
    signing = {"signature": "Bea Example", "witness": "Cid Witness"}
    assert app.post(f"{session.path}/summary", data=signing).status_code == 200
    [(_, release)] = ws.signings.show(session.id).signed
    assert (release.signed.roles, release.release.evidence.witness) == (("guardian",), "Cid Witness")


@pytest.mark.parametrize(("picture", "told"), [(photo(), "One clear face"), (b"no", "be read as a picture")])
def test_a_photograph_is_looked_at_there_and_then(
    app: TestClient, ws: Workspace, picture: bytes, told: str
) -> None:
    session = opened(ws)
    answer = app.post(f"{session.path}/photo", files={"photo": ("me.jpg", picture, "image/jpeg")})
    assert told in answer.text


def test_a_photograph_without_a_face_is_not_taken(app: TestClient, ws: Workspace) -> None:
    session = opened(ws)
    files = {"photo": ("me.jpg", encoded(gradient()), "image/jpeg")}
    answer = app.post(session.path, data=FILLED, files=files)
    assert (answer.status_code, "No face is found" in answer.text) == (400, True)


def test_photographs_of_two_people_enrol_nobody_by_the_others_face(app: TestClient, ws: Workspace) -> None:
    session = opened(ws)
    photos = (photo(0), photo(1))
    said = statement(session, photos)
    sealed = Phone(ws, Ed25519PrivateKey.generate()).sealed(said, photos)
    assert app.post(f"{session.path}/send", files={"sealed": ("sealed", sealed)}).status_code == 200
    [(done, release)] = ws.signings.show(session.id).signed
    assert done.unusable >= 1
    assert len(release.release.shoot.references) == 2 - done.unusable


def test_a_link_by_which_nobody_can_sign_any_more_says_so_at_once(app: TestClient, ws: Workspace) -> None:
    session = opened(ws, people=1)
    sealed = Phone(ws, Ed25519PrivateKey.generate()).sealed(statement(session))
    app.post(f"{session.path}/send", files={"sealed": ("sealed", sealed)})
    for full in (app.get(session.path), app.post(session.path, data=FILLED)):
        assert (full.status_code, "As many people have signed" in full.text) == (409, True)
    ws.signings.close(session.id)
    over = app.get(session.path)
    assert (over.status_code, "isn&#39;t good any more" in over.text) == (403, True)
    # What waits on a device is sent from there, too.
    assert "signing-over.js" in over.text


def test_what_was_sealed_on_a_device_is_taken_once(app: TestClient, ws: Workspace) -> None:
    session = opened(ws)
    said = statement(session, (photo(),))
    sealed = Phone(ws, Ed25519PrivateKey.generate()).sealed(said, (photo(),))
    for _ in range(2):
        answer = app.post(f"{session.path}/send", files={"sealed": ("sealed", sealed)})
        assert "Ada Example" in app.get(answer.json()["receipt"] + said["key"]).text
    [(done, _)] = ws.signings.show(session.id).signed
    # With their copy comes a personal link, once.
    [copy] = ws.letters.list(done.subject)
    assert copy.link.startswith("http://localhost/me/enter/")
    assert ws.subjects.linked(copy.link.rpartition("/")[2]).id == done.subject
    refused = app.post(f"{session.path}/send", files={"sealed": ("sealed", b"no")})
    assert (refused.status_code, set(refused.json())) == (409, {"message", "remedy"})


def test_nobody_reads_anothers_receipt_by_a_guessed_or_swapped_link(app: TestClient, ws: Workspace) -> None:
    session, another = opened(ws), opened(ws)
    said = statement(session)
    sealed = Phone(ws, Ed25519PrivateKey.generate()).sealed(said)
    assert app.post(f"{session.path}/send", files={"sealed": ("sealed", sealed)}).status_code == 200
    for path in (
        f"{session.path}/receipt/{'x' * 43}",
        f"{another.path}/receipt/{said['key']}",
        f"/sign/{'x' * 43}/receipt/{said['key']}",
        f"{another.path}/receipt/{said['key']}/receipt.pdf",
        f"{another.path}/receipt/{said['key']}/receipt.jsonld",
    ):
        answer = app.get(path)
        assert (answer.status_code, "Ada" in answer.text) == (400, False)
    # What was signed by one link isn't taken by another.
    assert app.post(f"{another.path}/send", files={"sealed": ("sealed", sealed)}).status_code == 409


@pytest.mark.parametrize("language", ["de", "es"])
def test_everything_is_in_the_language_that_was_chosen(app: TestClient, ws: Workspace, language: str) -> None:
    session = opened(ws)
    page = app.get(f"{session.path}?language={language}").text
    assert f'<html lang="{language}">' in page
    said = {**FILLED, "language": language}
    answer = app.post(session.path, data=said, follow_redirects=False)
    assert f'<html lang="{language}">' in app.get(answer.headers["location"]).text
    app.post(f"{session.path}/summary", data={"signature": "Ada Example", "language": language})
    [(_, release)] = ws.signings.show(session.id).signed
    assert release.release.evidence.language == language


def test_refusing_takes_no_more_than_agreeing(app: TestClient, ws: Workspace) -> None:
    page = app.get(opened(ws).path).text
    for name in ("grant commercial", "grant biometric-templates"):
        offered = re.findall(rf'<input type="radio" name="{name}" value="(\w+)" required>', page)
        assert offered == ["yes", "no"]


def test_the_worker_lies_where_it_may_serve_the_pages_of_links(app: TestClient) -> None:
    answer = app.get("/sign/worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "worker-src 'self'" in answer.headers["content-security-policy"]
