"""The portal: who gets in, what they see and decide, and that another's things don't exist for them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.studio import Studio, reopened
from tests.web.conftest import SITE, form_of
from volenti.core.clock import system_clock
from volenti.core.errors import ConflictError, RefusedError
from volenti.portal.code import A_DAY, APART, CODES_A_DAY, GOOD, TRIES
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

Enter = Callable[[str], TestClient]


class _Clock:
    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self) -> object:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def studio(tmp_path: Path, clock: _Clock) -> Studio:
    made = Studio.open(tmp_path, clock=clock)  # type: ignore[arg-type]
    made.person("ann"), made.person("ben")
    return made


# -- link and code


def test_a_link_and_its_code_let_in_once(studio: Studio) -> None:
    portal = studio.ws.subjects
    link, code = portal.link("ann"), portal.code("ann")
    session = portal.enter(link, f"{code[:3]} {code[3:]}")
    found = portal.visiting(session)
    assert found is not None
    assert found[0].id == "ann"
    with pytest.raises(RefusedError):
        portal.enter(link, code)
    portal.leave(session)
    assert portal.visiting(session) is None


@pytest.mark.parametrize(
    "wait", [timedelta(0), GOOD - timedelta(seconds=2), GOOD, GOOD + timedelta(hours=1)], ids=str
)
def test_a_code_is_good_for_ten_minutes(studio: Studio, clock: _Clock, wait: timedelta) -> None:
    portal = studio.ws.subjects
    link, code = portal.link("ann"), portal.code("ann")
    clock.now += wait
    if wait < GOOD:
        assert portal.enter(link, code)
    else:
        with pytest.raises(RefusedError):
            portal.enter(link, code)


def test_after_five_tries_the_right_code_is_good_no_more(studio: Studio) -> None:
    portal = studio.ws.subjects
    link, code = portal.link("ann"), portal.code("ann")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(TRIES):
        with pytest.raises(RefusedError, match="isn't right"):
            portal.enter(link, wrong)
    with pytest.raises(RefusedError, match="tried too often"):
        portal.enter(link, code)
    assert portal.enter(link, portal.code("ann")), "a new code is good"


def test_nobody_gets_in_with_what_is_anothers_or_old(studio: Studio) -> None:
    portal = studio.ws.subjects
    old, link, other = portal.link("ann"), portal.link("ann"), portal.link("ben")
    earlier, code, others = portal.code("ann"), portal.code("ann"), portal.code("ben")
    while earlier == code or others == code:
        others, earlier, code = portal.code("ben"), portal.code("ann"), portal.code("ann")
    for token, said in (
        (old, code),
        (link, earlier),
        (link, others),
        (other, code),
        ("", code),
        ("x" * 43, code),
        (link, ""),
    ):
        with pytest.raises(RefusedError):
            portal.enter(token, said)
    session = portal.enter(link, code)
    portal.link("ann")
    assert portal.visiting(session) is None, "a new link ends the sessions of the old one"


class Postbox:
    """A mail server that keeps what it is given; tests/scenarios/test_letters.py has a real one."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    def carry(self, message: EmailMessage, begin: Callable[[], None]) -> None:
        begin()
        self.letters.append(message)


@pytest.fixture
def postbox(studio: Studio) -> Postbox:
    made = Postbox()
    studio.ws.parts.letters._carrier = made
    return made


def test_without_a_mail_server_no_code_is_sent_and_none_is_promised(studio: Studio) -> None:
    assert not studio.ws.letters.reach("ann")
    assert not studio.ws.subjects.send_code(studio.ws.subjects.link("ann"))
    assert studio.ws.letters.list() == []


@pytest.mark.usefixtures("postbox")
def test_codes_arent_sent_without_end(studio: Studio, clock: _Clock) -> None:
    portal = studio.ws.subjects
    link = portal.link("ann")
    for _ in range(CODES_A_DAY):
        assert portal.send_code(link)
        with pytest.raises(ConflictError):
            portal.send_code(link)  # at once again
        clock.now += APART
    with pytest.raises(ConflictError):
        portal.send_code(link)
    assert portal.enter(link, portal.code("ann")), "an officer may still read one to them"
    clock.now += A_DAY
    assert portal.send_code(link)


def test_a_code_comes_by_letter_in_their_language_and_lets_in(studio: Studio, postbox: Postbox) -> None:
    portal = studio.ws.subjects
    link = portal.link("ann")
    assert portal.send_code(link, language="de")
    studio.ws.letters.deliver()
    [written] = postbox.letters
    mail = BytesParser(policy=policy.default).parsebytes(bytes(written))
    assert mail["to"] == "ann@example.org"
    text = mail.get_body(("plain",))
    assert text is not None
    code = re.search(r"\b\d{3} ?\d{3}\b", text.get_content())
    assert code
    assert portal.enter(link, code[0])


def test_who_has_no_address_is_sent_nothing(studio: Studio) -> None:
    studio.ws.subjects.amend("ann", contact="Main Street 1")
    assert not studio.ws.subjects.send_code(studio.ws.subjects.link("ann"))


def test_the_register_has_neither_link_nor_code_nor_session(studio: Studio) -> None:
    portal = studio.ws.subjects
    link, code = portal.link("ann"), portal.code("ann")
    session = portal.enter(link, code)
    rows = [row for kind in studio.parts.records.kinds() for row in studio.parts.records.rows(kind)]
    kept = b"".join(row.id.encode() + row.body + row.parent.encode() for row in rows)
    assert not any(each.encode() in kept for each in (link, session))
    theirs = json.dumps(studio.parts.answers.make("ann").record)
    assert not any(each in theirs for each in (link, session))
    held = {row.kind for row in studio.parts.records.owned("ann")}
    assert {"portal-link", "portal-code", "portal-session"} <= held


def test_an_erasure_takes_link_and_session_along(studio: Studio) -> None:
    portal, requests = studio.ws.subjects, studio.ws.requests
    link, code = portal.link("ann"), portal.code("ann")
    session = portal.enter(link, code)
    requests.run(requests.open("erasure", "ann", identity="account").id)
    assert portal.visiting(session) is None
    with pytest.raises(RefusedError):
        portal.linked(link)
    kinds = ("portal-link", "portal-code", "portal-session")
    assert [studio.parts.records.count(each) for each in kinds] == [0, 0, 0]
    assert studio.ws.audit(deep=True).ok


# -- another's things


def test_what_is_anothers_doesnt_exist(at: Path, visiting: Enter) -> None:
    with volenti.open(at) as ws:
        [theirs, *_] = [each.id for each in ws.pictures.find(person="ben").pictures if "ben" in each.people]
        request = ws.requests.open("access", "ben").id
        mine = ws.requests.open("access", "ann").id
    app = visiting("ann")
    form = form_of(app.get("/me").text)
    for path in (
        "/me/releases/rel_ben",
        f"/me/pictures/{theirs}",
        f"/me/pictures/{theirs}/small.jpg",
        f"/me/pictures/{theirs}/large.jpg",
        f"/me/requests/{request}",
    ):
        nobodys = re.sub(r"(rel|img|req)_\w+", r"\1_nobodys", path)
        answer, unknown = app.get(path), app.get(nobodys)
        assert (answer.status_code, answer.text) == (404, unknown.text), path
    for path, said in (
        ("/me/withdraw", {"release": "rel_ben"}),
        ("/me/withdraw", {"release": "rel_ben", "grant": "commercial"}),
        (f"/me/requests/{request}/answer", {}),
        ("/me/ask/withdrawal", {}),
    ):
        assert app.post(path, data={**said, "form": form}).status_code == 404, path
    assert app.get(f"/me/requests/{mine}").status_code == 200
    with volenti.open(at) as ws:
        assert [each.today for each in ws.releases.list("ben")] == ["signed"]
        assert ws.requests.show(request).state == "opened"
        assert [each.kind for each in ws.requests.list(subject="ann")] == ["access"]


def test_a_form_of_another_session_does_nothing(at: Path, visiting: Enter) -> None:
    theirs = form_of(visiting("ben").get("/me").text)
    app = visiting("ann")
    for form in (theirs, "", "x" * 43):
        assert app.post("/me/withdraw", data={"form": form}).status_code == 403
    with volenti.open(at) as ws:
        assert [each.today for each in ws.releases.list("ann")] == ["signed"]


def test_a_cookie_that_was_copied_is_good_for_nothing_once_they_left(visiting: Enter) -> None:
    app = visiting("ann")
    token = app.cookies["volenti-person"]
    app.post("/me/leave", data={"form": form_of(app.get("/me").text)})
    app.cookies.set("volenti-person", token)
    assert app.get("/me", follow_redirects=False).headers["location"] == "/me/link"


def test_a_persons_session_opens_no_users_door_and_the_other_way_round(
    app: TestClient, visiting: Enter
) -> None:
    token = visiting("ann").cookies["volenti-person"]
    app.cookies.clear()
    app.cookies.set("volenti", token)
    assert app.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"


# -- what they decide


def test_one_yes_is_taken_back_and_everything(at: Path, visiting: Enter) -> None:
    app = visiting("ann")
    form = form_of(app.get("/me").text)
    answer = app.post("/me/withdraw", data={"form": form, "release": "rel_ann", "grant": "commercial"})
    assert "Taken back: it counts from this moment on." in answer.text
    with volenti.open(at) as ws:
        [release] = ws.releases.list("ann")
        left = {str(grant) for grant in release.release.grants.yes if release.stands(grant)}
        assert "commercial" not in left
        assert len(left) == 7
    again = app.post("/me/withdraw", data={"form": form, "release": "rel_ann", "grant": "commercial"})
    assert again.url == answer.url, "taking it back twice is taking it back once"
    app.post("/me/withdraw", data={"form": form})
    with volenti.open(at) as ws:
        assert [each.today for each in ws.releases.list("ann")] == ["withdrawn"]
        assert len(ws.requests.list(subject="ann")) == 2
    assert "Yes, take it back now" not in app.get("/me").text


def test_what_was_agreed_in_return_stands_with_each_release(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.person("ann", in_return="400 EUR & a print"), studio.person("ben")
    links = {who: (studio.ws.subjects.link(who), studio.ws.subjects.code(who)) for who in ("ann", "ben")}
    studio.ws.close()
    with TestClient(application(Workspaces(partial(volenti.open, studio.ws.path))), base_url=SITE) as app:
        for who, said in (("ann", "400 EUR &amp; a print"), ("ben", "nothing was agreed on.")):
            link, code = links[who]
            app.cookies.clear()
            assert said in app.post(f"/me/enter/{link}", data={"code": code}).text


def test_taking_back_takes_no_more_steps_than_giving() -> None:
    """Without a script: one press opens the question, one answers it; giving takes a yes and a signature."""
    template = Path(volenti.__file__).parent / "web" / "templates" / "me.html"
    found = re.findall(r'<details class="back.*?</details>', template.read_text(), flags=re.DOTALL)
    assert len(found) == 2
    for each in found:
        assert (each.count("<summary>"), each.count("<button")) == (1, 1)
        assert not re.search(r"<input(?! type=\"hidden\")|<select|<textarea", each)


@pytest.mark.parametrize(("kind", "state"), [("restriction", "in-force"), ("objection", "in-force")])
def test_what_is_paused_is_paused_at_once(at: Path, visiting: Enter, kind: str, state: str) -> None:
    app = visiting("ann")
    app.post(f"/me/ask/{kind}", data={"form": form_of(app.get("/me").text)})
    with volenti.open(at) as ws:
        assert [(each.kind, each.state) for each in ws.requests.list(subject="ann")] == [(kind, state)]
        assert [each.today for each in ws.releases.list("ann")] == ["restricted"]


def test_whoever_paused_ends_the_pause_and_nobody_else_does(at: Path, visiting: Enter) -> None:
    app = visiting("ann")
    page = app.post("/me/ask/restriction", data={"form": form_of(app.get("/me").text)})
    url = str(page.url)
    assert "End the pause" in page.text
    app = visiting("ben")
    form = form_of(app.get("/me").text)
    assert app.post(f"{url}/lift", data={"form": form}).status_code == 404
    app = visiting("ann")
    form = form_of(app.get("/me").text)
    assert "End the pause" not in app.post(f"{url}/lift", data={"form": form}).text
    with volenti.open(at) as ws:
        assert [each.today for each in ws.releases.list("ann")] == ["signed"]


def test_an_answer_is_downloaded_and_kept_nowhere(at: Path, visiting: Enter) -> None:
    app = visiting("ann")
    form = form_of(app.get("/me").text)
    asked = app.post("/me/ask/access", data={"form": form})
    given = app.post(f"{asked.url}/answer", data={"form": form})
    with zipfile.ZipFile(io.BytesIO(given.content)) as archive:
        names = set(archive.namelist())
        record = json.loads(archive.read("answer.json"))
    assert {"answer.pdf", "answer.json"} < names
    assert record["subject"] == "ann"
    assert "account" in record["identified"]
    assert "The answer was given" in app.get(str(asked.url)).text
    assert app.post(f"{asked.url}/answer", data={"form": form}).status_code == 409
    with volenti.open(at) as ws:
        assert [each.state for each in ws.requests.list(subject="ann")] == ["done"]


def test_an_erasure_is_followed_to_its_certificate_by_a_link_alone(at: Path, visiting: Enter) -> None:
    app = visiting("ann")
    kept = app.post("/me/ask/erasure", data={"form": form_of(app.get("/me").text)})
    link = re.search(r'href="(/follow/\w+)"', kept.text)
    assert link
    app.cookies.clear()
    assert "Received" in app.get(link[1]).text
    assert app.get(f"{link[1]}/certificate.json").status_code == 404
    with reopened(at) as ws:
        ws.requests.run(ws.requests.list(subject="ann")[0].id)
        key = ws.public_key
    page = app.get(link[1])
    assert "Done" in page.text
    assert "ann" not in re.sub(r"\b(anybody|anyone|can|and)\b", "", page.text).split()
    certificate = app.get(f"{link[1]}/certificate.json").content
    assert volenti.certificates.verify(certificate, _file(at, key)).verified.about == "ann"
    token = link[1].removeprefix("/follow/")
    for wrong in ("x" * 59, "", token[:-1] + ("p" if token.endswith("q") else "q")):
        assert app.get(f"/follow/{wrong}").status_code in (403, 404)


def _file(at: Path, key: object) -> Path:
    place = at.parent / "key"
    place.write_text(str(key))
    return place


def test_what_a_link_leads_to_isnt_kept_by_browsers_and_says_no_name_in_its_address(
    at: Path, visiting: Enter
) -> None:
    app = visiting("ann")
    for path in ("/me", "/me/pictures", "/me/uses", "/me/looks", "/me/requests"):
        answer = app.get(path)
        assert answer.headers["cache-control"] == "no-store"
        title = re.search(r"<title>(.*?)</title>", answer.text)
        assert title
        assert "ann" not in title[1].lower()
        assert "example.org" not in answer.text
