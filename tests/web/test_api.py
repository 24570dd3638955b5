"""The API: who may call what, and that a call that is repeated, late or wrong does no harm."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.api import BASE, EVERYTHING, caller, png
from volenti.users.apitoken import Scope
from volenti.web.api.nouns import operations
from volenti.web.api.operation import Operation, Raw
from volenti.workspace.subjects import Subjects

OPERATIONS = {each.name: each for each in operations()}
#: Every operation, and the one scope that opens it.
SCOPES: dict[str, str] = {
    "listSubjects": "subjects:read",
    "findSubjects": "subjects:read",
    "addSubject": "subjects:write",
    "showSubject": "subjects:read",
    "amendSubject": "subjects:write",
    "accountOfSubject": "account:read",
    "listReleases": "releases:read",
    "importRelease": "releases:write",
    "showRelease": "releases:read",
    "receiptOfRelease": "releases:read",
    "receiptPage": "releases:read",
    "withdrawRelease": "releases:write",
    "withdraw": "releases:write",
    "listPictures": "pictures:read",
    "addPicture": "pictures:write",
    "showPicture": "pictures:read",
    "amendPicture": "pictures:write",
    "previewPicture": "pictures:look",
    "account": "account:read",
    "listRequests": "requests:read",
    "openRequest": "requests:write",
    "showRequest": "requests:read",
    "identifyRequest": "requests:write",
    "planRequest": "requests:read",
    "runRequest": "requests:run",
    "answerRequest": "requests:run",
    "certificateOfRequest": "requests:read",
    "showJob": "requests:read",
}
JSON = {"content-type": "application/json"}
ADA = {"legal_name": "Ada Example", "birth_date": "1990-05-17", "contact": "ada@example.org"}


@pytest.fixture
def api(at: Path) -> Iterator[TestClient]:
    """A caller that may do everything."""
    with caller(at) as client:
        yield client


def called(client: TestClient, operation: Operation, **given: Any) -> Any:
    """The answer to a call of an operation with its own example, about nothing that is there."""
    path = BASE + re.sub(r"{\w+}", "none", operation.path)
    if isinstance(operation.takes, Raw):
        given |= {"content": b"x", "headers": {"content-type": operation.takes.types[0]}}
    elif operation.takes is not None:
        given |= {"json": operation.example_taken}
    return client.request(operation.method, path, **given)


def test_every_operation_is_in_the_table() -> None:
    assert {name: each.scope.value for name, each in OPERATIONS.items()} == SCOPES


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_opens_what_the_table_names_and_nothing_else(at: Path, scope: Scope) -> None:
    with caller(at, scope) as client:
        for name, operation in OPERATIONS.items():
            answer = called(client, operation)
            if SCOPES[name] == scope:
                assert answer.status_code != 401, name
                assert answer.json().get("code") != "no-scope", name
            else:
                assert (answer.status_code, answer.json()["code"]) == (403, "no-scope"), name
                assert SCOPES[name] in answer.headers["www-authenticate"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_opens_without_a_token_that_is_good(
    app: TestClient, signed_in: Callable[[str], TestClient], name: str
) -> None:
    signed_in("admin")  # a session's cookie is no token
    shown = ["", "Bearer", "Bearer x", f"Bearer {app.cookies['volenti']}", "Basic YTpi", "bearer a b"]
    for header in shown:
        answer = called(app, OPERATIONS[name], headers={"authorization": header} if header else {})
        assert (answer.status_code, answer.json()["code"]) == (401, "no-token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_that_was_removed_or_is_over_opens_nothing(at: Path) -> None:
    with caller(at, "subjects:read") as client, volenti.open(at) as ws:
        assert client.get(f"{BASE}/subjects").status_code == 200
        [token] = ws.tokens.list()
        assert token.used
        ws.tokens.remove(token.shown)
        assert client.get(f"{BASE}/subjects").status_code == 401
        secret = ws.tokens.add("short", scopes=["subjects:read"], days=1).secret
        row = ws.parts.records.require("api-token", ws.tokens.list()[0].id)
        body = {**row.body, "until": "2026-01-01T00:00:00Z"}
        ws.parts.records.put(row.kind, row.id, body, owners=row.owners)
        over = client.get(f"{BASE}/subjects", headers={"authorization": f"Bearer {secret}"})
        assert over.status_code == 401


def test_a_token_lies_nowhere_in_the_workspace(at: Path) -> None:
    with volenti.open(at) as ws:
        secret = ws.tokens.add("a system", scopes=EVERYTHING).secret
    assert not [path for path in at.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_call_that_is_repeated_is_carried_out_once(at: Path, api: TestClient) -> None:
    key = {"idempotency-key": "order-17"}
    first = api.post(f"{BASE}/subjects", json=ADA, headers=key)
    again = api.post(f"{BASE}/subjects", json=ADA, headers=key)
    assert (first.status_code, first.content) == (201, again.content)
    assert first.headers["location"] == again.headers["location"]
    other = api.post(f"{BASE}/subjects", json={**ADA, "contact": ""}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "repeated-otherwise")
    with volenti.open(at) as ws:
        assert len(ws.subjects.find("Ada Example")) == 1
    assert api.post(f"{BASE}/subjects", json=ADA, headers={"idempotency-key": "x y"}).status_code == 422
    # Somebody else's key is another key.
    with caller(at) as another:
        assert another.post(f"{BASE}/subjects", json=ADA, headers=key).status_code == 409


def test_killed_in_the_middle_of_a_call_nothing_is_done_and_repeated_it_is_done_once(
    at: Path, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"idempotency-key": "order-18"}
    add = Subjects.add

    def killed(*given: Any, **named: Any) -> Any:
        add(*given, **named)
        raise RuntimeError("killed, with what was done")

    with monkeypatch.context() as patch:
        patch.setattr(Subjects, "add", killed)
        answer = api.post(f"{BASE}/subjects", json=ADA, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (500, "failed")
        assert "killed" not in answer.text
    with volenti.open(at) as ws:
        assert ws.subjects.find("Ada Example") == []
        # A key of nobody's is all that is left: keys aren't part of a transaction.
        assert not [each for each in ws.audit().problems if not each.startswith("residue: a key of")]
    assert api.post(f"{BASE}/subjects", json=ADA, headers=key).status_code == 201
    assert api.post(f"{BASE}/subjects", json=ADA, headers=key).status_code == 201
    with volenti.open(at) as ws:
        assert len(ws.subjects.find("Ada Example")) == 1


def test_what_was_answered_is_gone_with_the_person_and_after_a_day(at: Path, api: TestClient) -> None:
    key = {"idempotency-key": "order-19"}
    made = api.post(f"{BASE}/subjects", json=ADA, headers=key).json()["id"]
    with volenti.open(at) as ws:
        records = ws.parts.records
        assert [row.owners for row in records.rows("api-answer")] == [(made,)]
        ws.requests.run(ws.requests.open("erasure", made, identity="document").id)
        assert list(records.rows("api-answer")) == []
        assert ws.audit(canaries=[b"Ada Example"], deep=True).ok
    # Repeated after that, nobody comes back.
    assert api.post(f"{BASE}/subjects", json=ADA, headers=key).status_code == 409
    api.post(f"{BASE}/subjects", json={**ADA, "legal_name": "Bea Example"}, headers=key)
    with volenti.open(at) as ws:
        [row] = ws.parts.records.find("api-answer")
        old = row.position - 25
        ws.parts.records.put(row.kind, row.id, row.body, owners=row.owners, position=old)
        assert ws.parts.repetition.tidy() == 1


def test_nobody_overwrites_what_they_have_not_read(api: TestClient) -> None:
    url = f"{BASE}/subjects/ann"
    read = api.get(url)
    tag = {"if-match": read.headers["etag"]}
    assert api.get(url, headers={"if-none-match": read.headers["etag"]}).status_code == 304
    assert api.patch(url, json={"notes": "one"}).status_code == 428
    assert api.patch(url, json={"notes": "one"}, headers={"if-match": '"other"'}).status_code == 412
    changed = api.patch(url, json={"notes": "one"}, headers=tag)
    assert (changed.status_code, changed.json()["notes"]) == (200, "one")
    assert api.patch(url, json={"notes": "two"}, headers=tag).status_code == 412
    assert changed.headers["etag"] == api.get(url).headers["etag"] != read.headers["etag"]
    assert api.get(url, headers={"if-none-match": read.headers["etag"]}).status_code == 200


def test_a_text_is_never_taken_for_the_path_of_a_file(at: Path, api: TestClient) -> None:
    path = str(at / "public-key")
    assert Path(path).is_file()
    assert api.post(f"{BASE}/subjects", json={**ADA, "public_key": path}).status_code == 422


def test_pages_lead_through_a_list_whatever_is_added_between(api: TestClient) -> None:
    for number in range(4):
        api.post(f"{BASE}/subjects", json={**ADA, "legal_name": f"Person {number}"})
    seen: list[str] = []
    url = f"{BASE}/subjects?count=2"
    for number in range(9):
        page = api.get(url)
        assert len(page.json()["subjects"]) <= 2
        seen += [each["id"] for each in page.json()["subjects"]]
        api.post(f"{BASE}/subjects", json={**ADA, "legal_name": f"Later {number}"})
        if number < 2:
            link = page.headers["link"]
            assert link.endswith('; rel="next"')
            url = link.partition(">")[0].removeprefix("<")
        elif not page.json()["after"]:
            break
        else:
            url = f"{BASE}/subjects?count=2&after={page.json()['after']}"
    assert len(seen) == len(set(seen)) >= 6
    assert {"ann", "ben"} <= set(seen)


def test_a_token_that_is_used_too_often_has_to_wait(at: Path) -> None:
    with caller(at, "subjects:read", per_minute=3) as client:
        answers = [client.get(f"{BASE}/subjects?count=1") for _ in range(5)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
        assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60'
        assert answers[0].headers["ratelimit"].startswith('"minute";r=2;t=')
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        assert answers[3].json()["code"] == "too-often"


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "not-found"),
        ("GET", "", {}, 404, "not-found"),
        ("GET", "/subjects/sub_nobody", {}, 404, "not-found"),
        ("DELETE", "/subjects", {}, 405, "no-such-method"),
        ("GET", "/subjects?count=x", {}, 422, "usage"),
        ("GET", "/subjects?count=201", {}, 422, "usage"),
        ("GET", "/subjects?count=1&count=2", {}, 422, "usage"),
        ("GET", "/subjects?color=red", {}, 422, "usage"),
        ("GET", "/pictures?state=lost", {}, 422, "usage"),
        ("POST", "/subjects", {"content": b"{}"}, 415, "wrong-type"),
        ("POST", "/subjects", {"content": b"{", "headers": JSON}, 400, "not-readable"),
        ("POST", "/subjects", {"json": {}}, 422, "usage"),
        ("POST", "/subjects", {"json": {**ADA, "role": "admin"}}, 422, "usage"),
        ("POST", "/subjects", {"json": {**ADA, "legal_name": "\x07"}}, 422, "usage"),
        ("POST", "/subjects", {"json": {**ADA, "birth_date": "2999-01-01"}}, 422, "document"),
        ("POST", "/subjects", {"json": {**ADA, "notes": "x" * 2_000_000}}, 413, "too-large"),
        ("POST", "/releases", {"json": {"document": {}}}, 422, "document"),
        ("POST", "/withdrawals", {"json": {"subject": "nobody"}}, 404, "not-found"),
        ("POST", "/requests", {"json": {"kind": "party", "subject": "ann"}}, 422, "usage"),
        ("POST", "/requests/req_nobody/run", {"json": {}}, 404, "not-found"),
        ("GET", "/jobs/job_nobody", {}, 404, "not-found"),
    ],
)
def test_what_can_t_be_done_is_said_with_what_helps(
    api: TestClient, method: str, path: str, given: Any, status: int, code: str
) -> None:
    answer = api.request(method, BASE + path, **given)
    said = answer.json()
    assert (answer.status_code, said["status"], said["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["detail"]
    assert said["remedy"]
    assert said["type"] == f"/api#{code}"
    assert answer.headers["cache-control"] == "no-store"


def test_every_fault_of_a_document_is_named_where_it_is(api: TestClient) -> None:
    said = api.post(f"{BASE}/releases", json={"document": {"release": {}, "signatures": []}}).json()
    assert len(said["errors"]) > 5
    assert {"/release/subject", "/release/terms"} <= {each["pointer"] for each in said["errors"]}
    one = api.post(f"{BASE}/subjects", json={**ADA, "guardian": {"name": 5}}).json()
    assert [each["pointer"] for each in one["errors"]] == ["/guardian/name"]


def test_a_body_without_a_length_is_read_no_further_than_it_may_be(api: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * (1 << 16)

    sent = api.post(f"{BASE}/subjects", content=endless(), headers=JSON)
    assert (sent.status_code, sent.json()["code"]) == (413, "too-large")


def test_names_stand_in_no_address_and_no_header(api: TestClient) -> None:
    found = api.post(f"{BASE}/subjects/search", json={"words": "legal ann"})
    assert [each["id"] for each in found.json()["subjects"]] == ["ann"]
    for answer in (found, api.get(f"{BASE}/subjects?count=1"), api.get(f"{BASE}/subjects/ann")):
        assert "legal" not in f"{answer.url} {dict(answer.headers)}".lower()


def test_a_day_of_a_release(at: Path, api: TestClient) -> None:
    document = api.get(f"{BASE}/releases/rel_ann").json()["document"]
    again = api.post(f"{BASE}/releases", json={"document": document})
    assert (again.status_code, again.json()["today"]) == (201, "signed")
    assert api.get(f"{BASE}/releases/rel_ann/receipt").json()["receipt"]
    back = api.post(f"{BASE}/releases/rel_ann/withdraw", json={"grant": "generative-training"})
    assert (back.status_code, back.json()["grant"]) == (200, "generative-training")
    assert api.get(f"{BASE}/releases/rel_ann").json()["grants"]["generative-training"] is False
    assert api.post(f"{BASE}/withdrawals", json={"subject": "ann"}).json()["release"] is None
    with volenti.open(at) as ws:
        found = ws.releases.show("rel_ann")
        assert not any(map(found.stands, found.release.grants.yes))


def test_a_day_of_a_request(at: Path, api: TestClient) -> None:
    opened = api.post(f"{BASE}/requests", json={"kind": "erasure", "subject": "ann"})
    url = opened.headers["location"]
    assert api.get(url).json()["identified"] is None
    assert api.post(f"{url}/run", json={}).status_code == 409
    assert api.post(f"{url}/identify", json={"how": "document"}).json()["identified"] == "document"
    assert api.get(f"{url}/plan").json()["plan"]["items"] > 0
    job = api.post(f"{url}/run", json={})
    assert (job.status_code, job.json()["state"]) == (202, "queued")
    with volenti.open(at) as ws:
        ws.jobs.work(once=True)
    assert api.get(job.headers["location"]).json()["state"] == "done"
    assert api.get(url).json()["subject"] is None
    with volenti.open(at) as ws:
        shown = api.get(f"{url}/certificate").json()["certificate"]
        assert shown == ws.certificates.show(url.rpartition("/")[2])
    assert api.get(f"{BASE}/subjects/ann").status_code in (404, 410)
    assert api.get(f"{BASE}/releases/rel_ann").status_code in (404, 410)


def test_a_request_for_access_is_answered_once_and_the_answer_is_given_again(
    at: Path, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = api.post(f"{BASE}/requests", json={"kind": "access", "subject": "ann"}).headers["location"]
    key = {"idempotency-key": "answer-1"}
    assert api.post(f"{url}/answer", headers=key).status_code == 409
    api.post(f"{url}/identify", json={"how": "in-person"})
    with monkeypatch.context() as patch:
        patch.setattr("volenti.web.api.requests.ANSWER_MAX", 10)
        assert "room for" in api.post(f"{url}/answer", headers=key).json()["detail"]
    assert api.get(url).json()["state"] == "opened"
    first = api.post(f"{url}/answer", headers=key)
    assert (first.status_code, first.json()["request"]["state"]) == (200, "done")
    assert base64.b64decode(first.json()["page"]).startswith(b"%PDF")
    assert first.json()["pictures"]
    assert "Legal ann" in first.text
    assert "Legal ben" not in first.text
    assert api.post(f"{url}/answer", headers=key).content == first.content
    assert api.post(f"{url}/answer").status_code == 409
    with volenti.open(at) as ws:
        assert [row.owners for row in ws.parts.records.rows("api-answer")] == [("ann",)]


def test_a_name_that_no_font_here_has_keeps_nobody_from_their_answer(at: Path, api: TestClient) -> None:
    with volenti.open(at) as ws:
        # A code point of a private use area: no font says what it looks like.
        ws.subjects.amend("ann", name="Ann \U0010fffd")
    url = api.post(f"{BASE}/requests", json={"kind": "access", "subject": "ann"}).headers["location"]
    api.post(f"{url}/identify", json={"how": "in-person"})
    answer = api.post(f"{url}/answer").json()
    assert base64.b64decode(answer["page"]).startswith(b"%PDF")
    assert answer["request"]["state"] == "done"


def test_a_look_at_a_picture_is_on_record_for_whom_it_shows(at: Path, api: TestClient) -> None:
    cleared = api.get(f"{BASE}/pictures?state=cleared").json()["pictures"]
    mine = next(each["id"] for each in cleared if each["people"] == ["ann"])
    assert api.get(f"{BASE}/pictures/{mine}").json()["decisions"][0]["verdict"] == "cleared"
    looked = api.get(f"{BASE}/pictures/{mine}/preview")
    assert looked.content.startswith(b"\xff\xd8")
    with volenti.open(at) as ws:
        assert [(each.name, each.why) for each in ws.subjects.looks("ann")] == [("a test", "other-system")]
    assert api.get(f"{BASE}/account").json()["files"] == 8
    assert api.get(f"{BASE}/subjects/ann/account").json()["files"]["cleared"] == 2


PNG = {"content-type": "image/png"}


def test_a_picture_is_given_sealed_and_known_again(at: Path, api: TestClient) -> None:
    data = png(7)
    named = {**PNG, "content-disposition": 'attachment; filename="spring/a b.png"', "idempotency-key": "up-1"}
    given = api.post(f"{BASE}/pictures?subject=ann", content=data, headers=named)
    assert (given.status_code, given.json()["state"], given.json()["may_show"]) == (201, "waiting", ["ann"])
    assert given.json()["files"] == ["spring/a b.png"]
    again = api.post(f"{BASE}/pictures?subject=ann", content=data, headers=named)
    assert (again.status_code, again.content) == (201, given.content)
    other = api.post(f"{BASE}/pictures?subject=ann", content=png(8), headers=named)
    assert (other.status_code, other.json()["code"]) == (422, "repeated-otherwise")
    assert api.get(f"{BASE}/account").json()["files"] == 9
    assert not [path for path in at.rglob("*") if path.is_file() and data[20:60] in path.read_bytes()]
    url = given.headers["location"]
    tag = {"if-match": api.get(url).headers["etag"]}
    assert api.patch(url, json={"shoot": "spring"}, headers=tag).json()["shoot"] == "spring"
    assert api.patch(url, json={"caption": "x"}, headers=tag).status_code == 412
    with volenti.open(at) as ws:
        assert ws.audit().problems == []


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"<html>", "image/png", "not-a-picture"),
        (b"%PDF-1.7", "image/png", "not-a-picture"),
        (b"", "image/png", "not-a-picture"),
        (b"\xff\xd8\xff\xe0 and no more", "image/png", "not-a-picture"),
        (b"\x89PNG", "text/html", "wrong-type"),
        (b"\x89PNG", "image/svg+xml", "wrong-type"),
    ],
)
def test_what_is_no_picture_is_not_taken(api: TestClient, content: bytes, kind: str, code: str) -> None:
    answer = api.post(f"{BASE}/pictures", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415 if code == "wrong-type" else 422, code)
    assert api.get(f"{BASE}/account").json()["files"] == 8


def test_a_picture_that_is_too_large_is_not_read(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = OPERATIONS["addPicture"]
    assert isinstance(operation.takes, Raw)
    sent = {**PNG, "content-length": str(operation.takes.max_bytes + 1)}
    assert api.post(f"{BASE}/pictures", content=b"\x89PNG", headers=sent).status_code == 413
