"""Attacks: what somebody might try at every door, and what happens."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.addresses import REAL, address, parts
from tests.web.conftest import PASSWORD, SITE, form_of
from tests.web.lived import ALL, Lived, lived
from volenti.core.errors import RefusedError, VolentiError
from volenti.users.session import CODE, SET_UP
from volenti.users.user import UserRole
from volenti.web.application import application, doors
from volenti.web.room import Door
from volenti.web.workspaces import Workspaces

SignIn = Callable[[str], TestClient]
OFFICER = "officer@example.org"
#: A name that is markup, closes attributes, and is an expression where something reads it as a template.
MARKUP = "\"'><img src=x onerror=a()>{{7*7}}"
#: What of it may stand in no page.
LIVE = ("<img src=x", 'onerror=a()>{{7*7}}"', "\"'>")
GETS = [each for each in doors() if each.method == "GET"]
POSTS = [each for each in doors() if each.method == "POST"]
#: Paths that end the session, or wait for what never comes.
LEAVING = ("/sign-out", "/me/leave")


def ids(door: Door) -> str:
    return f"{door.method} {door.path}"


@pytest.fixture(scope="session")
def named(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """A workspace in which whatever has a name is called by markup; one user has every role."""
    return lived(tmp_path_factory.mktemp("named"), MARKUP)


@pytest.fixture(scope="module")
def house(named: Lived) -> Iterator[TestClient]:
    """A browser at the application over it, for all that changes nothing."""
    with TestClient(application(Workspaces(partial(volenti.open, named.path))), base_url=SITE) as client:
        yield client


@pytest.fixture
def everybody(house: TestClient) -> TestClient:
    """The browser, in which the user with every role is signed in."""
    if house.get("/account", follow_redirects=False).status_code != 200:
        house.cookies.clear()
        house.post("/sign-in", data={"login": ALL, "password": PASSWORD})
    return house


def test_every_page_with_parts_is_looked_at() -> None:
    known = {name for each in GETS for name in parts(each.path)}
    assert known <= set(REAL), "say in tests/web/addresses.py what these are filled with"


def test_no_name_becomes_part_of_a_page(named: Lived, everybody: TestClient) -> None:
    shown: set[str] = set()
    with volenti.open(named.path) as ws:
        visitor = TestClient(everybody.app, base_url=SITE)
        visitor.post(f"/me/enter/{ws.subjects.link('ann')}", data={"code": ws.subjects.code("ann")})
        for door in GETS:
            if door.path.endswith("/events") or "back" in door.path or "provider" in door.path:
                continue
            for browser in (everybody, visitor):
                answer = browser.get(address(door.path, ws, named.given))
                if "text/html" not in answer.headers.get("content-type", ""):
                    continue
                for live in LIVE:
                    assert live not in answer.text, (door.path, live)
                # An attribute without quotes would be left by a space.
                assert not re.search(r"=[^\"'\s>]*&lt;img src=x", answer.text), door.path
                shown |= set(re.findall(r"(User|Ann|March|Token) &#34;&#39;&gt;&lt;img src=x", answer.text))
    assert shown >= {"User", "Ann", "March", "Token"}, "these names are on some page, as text"


@pytest.mark.parametrize("door", GETS, ids=ids)
def test_pages_of_others_are_neither_kept_nor_framed_nor_typed_anew(
    everybody: TestClient, door: Door
) -> None:
    if door.path.endswith("/events"):
        return
    answer = everybody.get(re.sub(r"{\w+}", "none", door.path), follow_redirects=False)
    headers = answer.headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    if door.open_to is not None:
        assert "no-store" in headers["cache-control"], "nobody keeps it"


#: What could be an identifier, and isn't one.
IDENTIFIERS = [
    *(
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e",
        "a\\..\\b",
        "\x00",
        "%00",
        "'; drop table",
    ),
    *(
        "%0d%0aset-cookie:%20a=b",
        "x" * 2000,
        "own_" + "0" * 32,
        "controller",
        "quarantine",
        "😀",
        "-1",
        "1e9",
    ),
    *("{{7*7}}", "*", "%", "_", "null", "usr_aaaaaaaaaaaaaaaaaaaa"),
]


@pytest.mark.parametrize("door", [each for each in GETS if "{" in each.path], ids=ids)
def test_what_is_no_identifier_opens_nothing_and_breaks_nothing(everybody: TestClient, door: Door) -> None:
    for guess in IDENTIFIERS:
        url = re.sub(r"{\w+}", quote(guess, safe="%"), door.path)
        answer = everybody.get(url, follow_redirects=False)
        assert answer.status_code < 500, (url, answer.status_code)
        assert "a" not in answer.cookies, url
        assert "root:" not in answer.text


@pytest.mark.parametrize("door", POSTS, ids=ids)
def test_a_form_without_its_token_or_from_elsewhere_does_nothing(everybody: TestClient, door: Door) -> None:
    if door.open_to is None or door.open_to.isdisjoint(set(UserRole)):
        return
    form = form_of(everybody.get("/account").text)
    url = re.sub(r"{\w+}", "none", door.path)
    refused = "sent from a page of this session"
    for data, headers in (
        ({}, {}),
        ({"form": ""}, {}),
        ({"form": form[:-1]}, {}),
        ({"form": form}, {"sec-fetch-site": "cross-site"}),
        ({"form": form}, {"sec-fetch-site": "same-site"}),
        ({"form": form}, {"origin": "null"}),
        ({"form": form}, {"origin": "http://localhost.evil.example"}),
        ({"form": form}, {"origin": "https://localhost"}),
        ({"form": form}, {"origin": "http://localhost:81"}),
    ):
        answer = everybody.post(url, data=data, headers=headers, follow_redirects=False)
        assert (answer.status_code, refused in answer.text) == (403, True), (url, data, headers)
    for body, kind in (
        (f'{{"form": "{form}"}}', "application/json"),
        (f"form={form}", "text/plain"),
        (f"form={form}", "application/xml"),
        (f"form={form}", ""),
    ):
        headers = {"content-type": kind}
        answer = everybody.post(url, content=body, headers=headers, follow_redirects=False)
        assert (answer.status_code, refused in answer.text) == (403, True), (url, kind)
    # What is said in the address is no form.
    assert everybody.post(f"{url}?form={form}", follow_redirects=False).status_code == 403


@pytest.mark.parametrize("door", POSTS, ids=ids)
def test_what_is_too_large_isn_t_read(everybody: TestClient, door: Door) -> None:
    url = re.sub(r"{\w+}", "none", door.path)
    large = {
        "content-length": str(door.body.max_bytes + 1),
        "content-type": "multipart/form-data; boundary=a",
    }
    assert everybody.post(url, content=b"", headers=large).status_code == 413

    def pieces() -> Iterator[bytes]:
        yield b"form=x"

    # Nobody knows how much of it comes.
    assert everybody.post(url, content=pieces()).status_code in (411, 413)
    assert everybody.post(url, content=b"", headers={"content-length": "1e3"}).status_code in (400, 413)


@pytest.mark.parametrize("door", POSTS, ids=ids)
def test_a_form_that_is_none_breaks_nothing(everybody: TestClient, door: Door) -> None:
    if door.path in LEAVING:
        return
    url = re.sub(r"{\w+}", "none", door.path)
    form = form_of(everybody.get("/account").text)
    for body, kind in (
        (b"--a\r\n", "multipart/form-data; boundary=a"),
        (b"--a\r\ncontent-disposition: form-data\r\n\r\nx\r\n--a--", "multipart/form-data; boundary=a"),
        (b"x", "multipart/form-data"),
        (b"&".join([b"a=b"] * 1000), "application/x-www-form-urlencoded"),
        (b"form=%ff%fe&a=%00", "application/x-www-form-urlencoded"),
        (f"form={form}&form=x&answer=%ed%a0%80&name=\x00".encode(), "application/x-www-form-urlencoded"),
    ):
        answer = everybody.post(url, content=body, headers={"content-type": kind}, follow_redirects=False)
        assert answer.status_code < 500, (url, body[:60], answer.status_code)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_no_other_method_does_anything(everybody: TestClient, method: str) -> None:
    for door in doors():
        url = re.sub(r"{\w+}", "none", door.path)
        assert everybody.request(method, url).status_code in (404, 405), url


def test_no_header_or_field_makes_another_method_of_it(everybody: TestClient) -> None:
    form = form_of(everybody.get("/account").text)
    for name in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = everybody.get("/account/name", headers={name: "POST"}, follow_redirects=False)
        # It is opened as a page would be: the one above it is shown.
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    answer = everybody.post("/users", data={"form": form, "_method": "DELETE"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../application.py", "/static/%2e%2e/application.py", "/static/..%2fapplication.py"),
        *("/static//etc/passwd", "/static/%2fetc/passwd", "/static/....//application.py", "/static/%00"),
        *("/static/..%5capplication.py", "/static/", "/static", "/static/%"),
    ],
)
def test_of_files_only_those_of_the_pages_are_served(app: TestClient, path: str) -> None:
    answer = app.get(path, follow_redirects=False)
    assert answer.status_code in (307, 400, 404, 405), path
    assert "from __future__" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example", ""]
)
def test_another_host_s_name_leads_nowhere(app: TestClient, host: str) -> None:
    for path in ("/sign-in", "/welcome/x", "/static/house.css"):
        assert app.get(path, headers={"host": host}, follow_redirects=False).status_code == 400
    forwarded = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    answer = app.get("/desk", headers=forwarded, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "query", ["?next=//evil.example", "?next=https://evil.example", "?onward=//evil.example", "?to=%0d%0aa:b"]
)
def test_nothing_leads_elsewhere(app: TestClient, signed_in: SignIn, query: str) -> None:
    said = {"login": OFFICER, "password": PASSWORD, "next": "//evil.example"}
    answer = app.post(f"/sign-in{query}", data=said, follow_redirects=False)
    assert answer.headers["location"] == "/"
    form = form_of(app.get("/account").text)
    proved = {"form": form, "password": PASSWORD}
    for onward in ("%2f%2fevil.example", "https:evil.example", "%0d%0aa:b"):
        answer = app.post(f"/account/prove/{onward}{query}", data=proved, follow_redirects=False)
        assert answer.headers.get("location", "/account") == "/account"


def test_a_token_that_somebody_set_before_isn_t_the_session(app: TestClient) -> None:
    planted = "x" * 43
    app.cookies.set("volenti", planted)
    app.post("/sign-in", data={"login": OFFICER, "password": PASSWORD}, follow_redirects=False)
    held = [each.value for each in app.cookies.jar if each.name == "volenti"]
    app.cookies.clear()
    app.cookies.set("volenti", planted)
    assert app.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    assert held != [planted]


def test_signing_in_again_ends_the_session_before(app: TestClient, signed_in: SignIn) -> None:
    signed_in("officer")
    stolen, form = app.cookies["volenti"], form_of(app.get("/").text)
    said = {"login": OFFICER, "password": PASSWORD, "form": form}
    app.post("/sign-in", data=said, follow_redirects=False)
    assert app.cookies["volenti"] != stolen
    app.cookies.clear()
    app.cookies.set("volenti", stolen)
    assert app.get("/", follow_redirects=False).headers["location"] == "/sign-in"


#: What ends every session of somebody, but the one in which they do it.
ENDING: dict[str, Callable[[volenti.Workspace], object]] = {
    "another password": lambda ws: ws.users.change_password(OFFICER, PASSWORD, "five other quiet words"),
    "a password by a link": lambda ws: ws.users.choose_password(ws.users.link(OFFICER), PASSWORD),
    "other roles": lambda ws: ws.users.change(OFFICER, roles=["engineer"]),
    "a lock": lambda ws: ws.users.change(OFFICER, locked=True),
    "a removal": lambda ws: ws.users.remove(OFFICER),
    "an end": lambda ws: ws.users.end(OFFICER),
    "a reset": lambda ws: ws.users.reset(OFFICER),
    "a demand": lambda ws: ws.users.demand(["officer"]),
}


@pytest.mark.parametrize("how", ENDING)
def test_a_stolen_session_ends_with(at: Path, app: TestClient, signed_in: SignIn, how: str) -> None:
    signed_in("officer")
    assert app.get("/desk", follow_redirects=False).status_code != 403
    with volenti.open(at) as ws:
        ENDING[how](ws)
    for path in ("/", "/desk", "/account"):
        assert app.get(path, follow_redirects=False).headers["location"] == "/sign-in"


@pytest.mark.parametrize("lacks", [CODE, SET_UP])
def test_a_session_that_waits_opens_only_what_it_waits_for(at: Path, app: TestClient, lacks: str) -> None:
    with volenti.open(at) as ws:
        if lacks == CODE:
            _with_app(ws)
        else:
            ws.users.demand(["officer"])
    app.post("/sign-in", data={"login": OFFICER, "password": PASSWORD}, follow_redirects=False)
    way = {CODE: "/sign-in/second", SET_UP: "/account"}[lacks]
    for door in doors():
        if door.open_to is None or door.open_to.isdisjoint(set(UserRole)) or lacks in door.waiting:
            continue
        url = re.sub(r"{\w+}", "none", door.path)
        answer = app.request(
            door.method, url, follow_redirects=False, data={} if door.method == "POST" else None
        )
        assert (answer.status_code, answer.headers["location"]) == (303, way), url
    assert not any(lacks == CODE and CODE in door.waiting and "/account" in door.path for door in doors())


def test_whoever_left_a_browser_open_keeps_the_way_they_sign_in(
    at: Path, app: TestClient, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from volenti.users import session

    signed_in("officer")
    form = form_of(app.get("/account").text)
    monkeypatch.setattr(session, "PROVED", timedelta(0))
    for path in ("/account/app", "/account/app/confirm", "/account/passkeys", "/account/codes"):
        answer = app.post(path, data={"form": form, "code": "000000"}, follow_redirects=False)
        assert answer.headers["location"] == "/account/prove/account", path
    assert app.post("/account/passkeys/ask", data={"form": form}).status_code == 403
    assert app.post("/account/prove/account", data={"form": form, "password": "wrong"}).status_code == 403


def test_another_s_session_and_factor_can_t_be_ended_by_naming_them(
    at: Path, app: TestClient, signed_in: SignIn
) -> None:
    with volenti.open(at) as ws:
        _with_app(ws, "admin@example.org")
        theirs = ws.users.factors("admin@example.org")[0].id
        ws.users.sign_in("engineer@example.org", PASSWORD)
        session = ws.users.sessions("engineer@example.org")[0].id
        signed_in("officer")
        form = form_of(app.get("/account").text)
        app.post("/account/sessions", data={"form": form, "session": session})
        for do in ("remove", "rename"):
            data = {"form": form, "do": do, "name": "Mine"}
            assert app.post(f"/account/factors/{theirs}", data=data).status_code == 404
        assert app.get(f"/account/factors/{theirs}").status_code == 404
        assert len(ws.users.sessions("engineer@example.org")) == 1
        assert ws.users.factors("admin@example.org")[0].name == "Phone"


def test_who_is_a_user_isn_t_told(app: TestClient) -> None:
    texts, times = {}, {}
    for login in (OFFICER, "nobody@example.org", "", "x" * 5000):
        begun = time.perf_counter()
        answer = app.post("/sign-in", data={"login": login, "password": "wrong"})
        times[login] = time.perf_counter() - begun
        texts[login] = answer.text.replace(login, "") if login else answer.text
        assert answer.status_code == 403
    assert texts[OFFICER] == texts["nobody@example.org"]
    # A hash is computed in any case; it takes most of the time.
    assert times["nobody@example.org"] > times[OFFICER] / 3


def test_a_link_that_many_open_at_once_is_good_once(at: Path) -> None:
    with volenti.open(at) as ws:
        token = ws.users.link(OFFICER)
    chosen: list[str] = []

    def choose(password: str) -> None:
        with volenti.open(at) as ws, suppress(VolentiError):
            ws.users.choose_password(token, password)
            chosen.append(password)

    threads = [threading.Thread(target=choose, args=(f"quiet words number {n}",)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(chosen) == 1
    with volenti.open(at) as ws:
        assert ws.users.signed_in(ws.users.sign_in(OFFICER, chosen[0]))
        with pytest.raises(RefusedError):
            ws.users.choose_password(token, PASSWORD)


def test_a_recovery_code_that_many_type_at_once_is_good_once(at: Path) -> None:
    with volenti.open(at) as ws:
        code = _with_app(ws)[0]
        waits = [ws.users.sign_in(OFFICER, PASSWORD) for _ in range(3)]
    tokens: list[str] = []

    def type_it(token: str) -> None:
        with volenti.open(at) as ws, suppress(VolentiError):
            tokens.append(ws.users.give_code(token, code))

    threads = [threading.Thread(target=type_it, args=(each,)) for each in waits]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(tokens) == 1


def test_a_request_is_read_in_one_way(at: Path) -> None:
    """Lengths and encodings that a proxy may read in another way (RFC 9112, section 6.3) are refused."""
    from tests.web.test_serving import served
    from volenti.web.serving import Listening

    with served(at, Listening("127.0.0.1", 0)) as port:
        for said in (
            b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            b"content-length: 6\r\ncontent-length: 7\r\n\r\nform=x",
            b"content-length: +6\r\n\r\nform=x",
            b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            b"content-length: 6\r\nx: a\rb: c\r\n\r\nform=x",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
                plain.sendall(b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n" + said)
                answer = plain.recv(100)
            assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 411")), (said, answer)


def _with_app(ws: volenti.Workspace, login: str = OFFICER) -> list[str]:
    """Set up an app for somebody; returns the recovery codes."""
    from volenti.users.totp import STEP, code_at

    app = ws.users.offer_app(login)
    return list(ws.users.confirm_app(login, code_at(app.secret, int(time.time()) // STEP), name="Phone"))


def test_each_attack_that_the_table_names_is_tried() -> None:
    root = Path(__file__).parents[2]
    table = (root / "docs" / "design" / "attacks.md").read_text()
    tried = set(re.findall(r"^def (test_\w+)", Path(__file__).read_text(), flags=re.M))
    assert set(re.findall(r"`(test_\w+)`", table)) <= tried
    for file in re.findall(r"tests/\w+/\w+/?\w*\.py|tests/\w+/\w+\.py", table):
        assert (root / file).is_file(), file
