"""People, releases and shoots in the browser: found, shown, corrected, taken back, attested."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import SITE, fields_of, form_of
from volenti.consent.directory import directory_of
from volenti.consent.purpose import Grant
from volenti.core.signing import SigningKey
from volenti.web.application import application
from volenti.web.serving import read_lists
from volenti.web.workspaces import Workspaces
from volenti.workspace.workspace import Workspace

SignIn = Callable[[str], TestClient]
PDF = b"%PDF-1.4\n%a scan\n%%EOF\n"


@pytest.fixture
def officer(signed_in: SignIn) -> TestClient:
    return signed_in("officer")


@contextmanager
def workspace(at: Path) -> Iterator[Workspace]:
    with volenti.open(at) as ws:
        yield ws


def draft(ws: Workspace, name: str, **said: object) -> str:
    """A release of somebody new that nobody has signed."""
    given = {
        "controller": "A studio",
        "photographer": "Pat",
        "first_day": date(2026, 1, 5),
        "law": "DE",
        "grant": ["commercial", "generative-training"],
        **said,
    }
    return ws.releases.issue(ws.subjects.add(name, date(1990, 1, 1)).id, **given).id


def test_a_person_is_found_by_a_part_of_the_name_and_no_name_stands_in_an_address(
    officer: TestClient,
) -> None:
    page = officer.get("/people").text
    assert "Legal ann" in page
    assert "Legal ben" in page
    found = officer.post("/people", data={"form": form_of(page), "words": "BEN leg"}, follow_redirects=False)
    assert (found.status_code, "Legal ben" in found.text, "Legal ann" in found.text) == (200, True, False)
    assert 'href="/people/ben"' in found.text


def test_what_another_process_changes_is_found_at_once(at: Path, officer: TestClient) -> None:
    form = form_of(officer.get("/people").text)

    def found(words: str) -> bool:
        return 'class="people"' in officer.post("/people", data={"form": form, "words": words}).text

    assert not found("zelda")
    with workspace(at) as ws:
        who = ws.subjects.add("Zelda New", date(1990, 1, 1)).id
        assert found("zelda")
        ws.subjects.amend(who, name="Yolanda New")
        assert (found("zelda"), found("yolanda")) == (False, True)
        ws.requests.open("erasure", who, identity="in-person")
        ws.requests.run_all()
    assert not found("yolanda")


def test_a_person_s_page_says_what_holds_and_shows_references_of_theirs_alone(
    at: Path, officer: TestClient
) -> None:
    page = officer.get("/people/ann").text
    assert page.count('class="yes"') == 8
    assert officer.get("/people/nobody").status_code == 404
    with workspace(at) as ws:
        [photo] = ws.subjects.show("ann").references
    for url, status in (
        (f"/people/ann/references/{photo.digest}.jpg", 200),
        (f"/people/ben/references/{photo.digest}.jpg", 404),
    ):
        answer = officer.get(url)
        assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store"), url
        assert status != 200 or answer.content.startswith(b"\xff\xd8")
    with workspace(at) as ws:
        assert ("The officer", "reference") in [(each.name, each.why) for each in ws.subjects.looks("ann")]


def test_what_two_change_at_once_is_kept_of_both_and_nothing_is_overwritten_unseen(
    at: Path, officer: TestClient
) -> None:
    def filled(page: str) -> dict[str, str]:
        hidden = fields_of(page)
        return {name.removeprefix("was-"): value for name, value in hidden.items()} | hidden

    said = filled(officer.get("/people/ann/amend").text)
    assert officer.post("/people/ann/amend", data=said, follow_redirects=False).status_code == 303
    notes = {**said, "notes": "Called on Monday."}
    assert officer.post("/people/ann/amend", data=notes, follow_redirects=False).status_code == 303
    other = {**said, "contact": "new@example.org"}
    assert officer.post("/people/ann/amend", data=other, follow_redirects=False).status_code == 303
    with workspace(at) as ws:
        subject = ws.subjects.show("ann").subject
    assert (subject.notes, subject.contact) == ("Called on Monday.", "new@example.org")
    same = officer.post("/people/ann/amend", data={**said, "notes": "Called on Friday."})
    assert same.status_code == 400
    assert "on record: Called on Monday." in same.text
    assert "Called on Friday." in same.text
    with workspace(at) as ws:
        assert ws.subjects.show("ann").subject.notes == "Called on Monday."
    again = {**filled(same.text), "notes": "Called on Friday."}
    assert officer.post("/people/ann/amend", data=again, follow_redirects=False).status_code == 303
    with workspace(at) as ws:
        assert ws.subjects.show("ann").subject.notes == "Called on Friday."


def test_somebody_is_corrected_and_what_can_t_be_is_said_beside_what_was_typed(
    at: Path, officer: TestClient
) -> None:
    page = officer.get("/people/ann/amend").text
    said = {
        "form": form_of(page),
        "name": "Ann Other",
        "birth_date": "1990-01-01",
        "contact": "new@example.org",
    }
    wrong = officer.post("/people/ann/amend", data={**said, "birth_date": "2990-01-01"})
    assert (wrong.status_code, "Ann Other" in wrong.text, 'role="alert"' in wrong.text) == (400, True, True)
    assert officer.post("/people/ann/amend", data=said, follow_redirects=False).status_code == 303
    with workspace(at) as ws:
        found = ws.subjects.show("ann").subject
        assert (found.legal_name, found.contact) == ("Ann Other", "new@example.org")


def test_two_people_are_told_apart(at: Path, officer: TestClient) -> None:
    form = form_of(officer.get("/people").text)
    said = officer.post(
        "/people/ann/distinguish", data={"form": form, "other": "ben"}, follow_redirects=False
    )
    assert said.headers["location"] == "/people/ann"
    with workspace(at) as ws:
        assert ws.parts.consent.are_two_people("ann", "ben")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"Draft D", "Ends E", "Legal ann", "Legal ben"}),
        ({"standing": "draft"}, {"Draft D", "Ends E"}),
        ({"standing": "signed"}, {"Legal ann", "Legal ben"}),
        ({"now": "signed", "words": "ann"}, {"Legal ann"}),
        ({"standing": "draft", "shoot": "harbour"}, {"Draft D"}),
        ({"shoot": "*", "words": "ends"}, {"Ends E"}),
        ({"standing": "withdrawn"}, set()),
    ],
)
def test_releases_are_found_by_what_they_amount_to(
    at: Path, officer: TestClient, asked: dict[str, str], found: set[str]
) -> None:
    with workspace(at) as ws:
        draft(ws, "Draft D", shoot="harbour")
        draft(ws, "Ends E")
    form = form_of(officer.get("/releases").text)
    page = officer.post("/releases", data={"form": form, "shoot": "*", **asked}).text
    assert {each for each in ("Draft D", "Ends E", "Legal ann", "Legal ben") if each in page} == found
    assert officer.post("/releases", data={"form": form, "standing": "sung"}).status_code == 400


def test_a_yes_is_taken_back_after_a_question_and_counts_at_once(at: Path, officer: TestClient) -> None:
    page = officer.get("/releases/rel_ann/withdraw").text
    assert "cleared pictures show them" in page
    form = form_of(page)
    url = "/releases/rel_ann/withdraw"
    assert officer.post(url, data={"form": form}).status_code == 400
    assert officer.post(url, data={"form": form, "what": "nothing"}).status_code == 400
    one = officer.post(url, data={"form": form, "what": "commercial"}, follow_redirects=False)
    assert one.headers["location"] == "/releases/rel_ann"
    assert 'class="back"' in officer.get("/releases/rel_ann").text
    officer.post(url, data={"form": form, "what": "everything"})
    with workspace(at) as ws:
        assert ws.releases.show("rel_ann").today == "withdrawn"
        assert ws.status().totals["uncovered"]
    assert 'class="yes"' not in officer.get("/people/ann").text


def test_a_receipt_is_a_pdf_or_json_and_nobody_keeps_it(officer: TestClient) -> None:
    page, machine = (officer.get(f"/releases/rel_ann/receipt.{each}") for each in ("pdf", "json"))
    assert page.content.startswith(b"%PDF")
    assert "rel_ann" in machine.text
    for answer in (page, machine):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "ann" not in answer.headers["content-disposition"]


def test_a_paper_is_attested_with_the_officer_s_key_which_isn_t_kept(at: Path, officer: TestClient) -> None:
    with workspace(at) as ws:
        name = draft(ws, "Paula Paper")
    url, key = f"/releases/{name}/attest", SigningKey.new()
    form = form_of(officer.get(url).text)
    files = {"scan": ("paper.pdf", PDF), "key": ("officer.key", key.to_bytes())}
    said = {"form": form, "signed_on": "2026-01-05"}
    for wrong in (
        {**files, "scan": ("paper.pdf", b"no scan")},
        {**files, "key": ("officer.key", b"no key")},
        {"key": files["key"]},
    ):
        answer = officer.post(url, data=said, files=wrong)
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert officer.post(url, data=said, files=files, follow_redirects=False).status_code == 303
    with workspace(at) as ws:
        found = ws.releases.show(name)
        assert (found.today, found.method) == ("signed", "attested")
    seed = key.to_bytes().strip()[-44:]
    assert not [each for each in at.rglob("*") if each.is_file() and seed in each.read_bytes()]


def test_a_release_in_place_of_another_is_written(at: Path, officer: TestClient) -> None:
    url = "/releases/rel_ann/amend"
    page = officer.get(url).text
    answers = {f"grant-{each}": "no" for each in Grant}
    said = {"form": form_of(page), **answers, "territory": "DE, FR", "language": "de"}
    assert officer.post(url, data={**said, "grant-commercial": ""}).status_code == 400
    assert officer.post(url, data={**said, "valid_until": "soon"}).status_code == 400
    made = officer.post(url, data={**said, "grant-commercial": "yes"}, follow_redirects=False)
    name = made.headers["location"].removeprefix("/releases/")
    with workspace(at) as ws:
        found = ws.releases.show(name).release
        assert (found.supersedes, found.terms.territory) == ("rel_ann", ("DE", "FR"))
        assert [each.value for each in found.grants.yes] == ["commercial"]
        assert ws.releases.show("rel_ann").today == "signed"


def test_a_shoot_shows_its_people_and_its_pictures_alone(at: Path, officer: TestClient) -> None:
    with workspace(at) as ws:
        image, other = [each.id for each in ws.pictures.list(state="cleared").pictures[:2]]
        draft(ws, "Hanna Harbour", shoot="harbour")
        ws.pictures.amend([image], shoot="harbour")
        harbour = next(each for each in ws.shoots.browse() if each.name)
        assert {each.id for each in ws.shoots.list()} == {each.id for each in ws.shoots.browse()}
    page = officer.get(f"/shoots/{harbour.id}").text
    assert "Hanna Harbour" in page
    assert (image in page, other in page) == (True, False)
    assert "harbour" not in harbour.id
    assert officer.get("/shoots/none").status_code == 404
    assert harbour.id in officer.get("/shoots").text
    form = form_of(officer.get("/shoots").text)
    found = {
        words: harbour.id in officer.post("/shoots", data={"form": form, "words": words}).text
        for words in ("HARB", "bour har", "cliff", "")
    }
    assert found == {"HARB": True, "bour har": True, "cliff": False, "": True}
    assert [officer.get(f"/shoots?page={page}").status_code for page in ("2", "0", "x")] == [200, 400, 400]


def test_thousands_are_read_once_and_a_page_opens_few_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with volenti.open(volenti.init(tmp_path / "many", seed=1)) as ws:
        for number in range(60):
            ws.subjects.add(f"Person {number:02d}", date(1990, 1, 1), identifier=f"p{number:02d}")
        assert ws.subjects.browse(count=10, page=6).people[-1].subject.legal_name == "Person 59"
        opened = 0
        kept = ws.parts.records.opened_all

        def counted(rows: object) -> object:
            nonlocal opened
            found = kept(rows)  # type: ignore[arg-type]
            opened += len(found)
            return found

        monkeypatch.setattr(ws.parts.records, "opened_all", counted)
        assert ws.subjects.browse("person", count=10, page=3).total == 60
        assert opened <= 30
        opened = 0
        ws.subjects.amend("p07", name="Somebody Else")
        amending = opened
        assert [each.id for each in ws.subjects.browse("somebody").people] == ["p07"]
        assert opened - amending <= 10
    with TestClient(application(Workspaces(partial(volenti.open, tmp_path / "many"))), base_url=SITE) as app:
        assert app.get("/people", follow_redirects=False).headers["location"] == "/sign-in"


def test_what_is_sent_to_somebody_is_a_letter_and_a_link_is_shown_once(at: Path, officer: TestClient) -> None:
    form = form_of(officer.get("/people/ann").text)
    shown = officer.post("/people/ann/link", data={"form": form, "how": "show"}).text
    found = re.search(r"http://localhost/me/enter/([\w-]{43})", shown)
    assert found
    with workspace(at) as ws:
        assert ws.subjects.linked(found[1]).id == "ann"
    assert found[1] not in officer.get("/people/ann").text
    officer.post("/people/ann/link", data={"form": form, "how": "letter"})
    officer.post("/releases/rel_ann/letter", data={"form": form, "kind": "signed-copy"})
    digits = officer.post("/people/ben/code", data={"form": form}).text
    assert re.search(r"<strong>\d{3} \d{3}</strong>", digits)
    with workspace(at) as ws:
        assert {each.kind.value for each in ws.letters.list("ann")} == {"portal-link", "signed-copy"}
    assert "signed copy" in officer.get("/people/ann").text


def test_whoever_opens_a_person_s_page_is_among_those_who_looked(at: Path, officer: TestClient) -> None:
    officer.get("/people/ann")
    with workspace(at) as ws:
        [look] = ws.subjects.looks("ann")
        assert (look.name, look.why.value) == ("The officer", "grid")


def test_those_whose_releases_end_are_reminded_once(at: Path, officer: TestClient) -> None:
    with workspace(at) as ws:
        until = ws.parts.consent.today + timedelta(days=20)
        for name, contact in (("ends", "ends@example.org"), ("mute", "")):
            key = SigningKey.new()
            who = ws.subjects.add(f"Legal {name}", date(1990, 1, 1), contact=contact, key=key.public)
            given = {"controller": "A", "photographer": "P", "law": "DE", "first_day": date(2026, 1, 5)}
            release = ws.releases.issue(who.id, valid_until=until, grant=["commercial"], **given)
            ws.releases.sign(release.id, key)
    form = form_of(officer.get("/releases").text)
    page = officer.post("/releases", data={"form": form, "standing": "ends soon", "shoot": "*"}).text
    names = re.findall(r'name="release" value="(\w+)"', page)
    assert len(names) == 2
    for _ in range(2):
        said = {"form": form, "now": "ends soon", "release": names}
        done = officer.post("/releases/letters", data=said).text
        assert "1 reminder is on its way" in done
        assert "Legal mute" in done
    with workspace(at) as ws:
        assert [each.kind.value for each in ws.letters.list()] == ["release-ends"]


def test_names_are_read_before_anybody_asks(at: Path) -> None:
    workspaces = Workspaces(partial(volenti.open, at))
    read_lists(workspaces)
    with workspaces.one() as ws:
        known = directory_of(ws.path.resolve())
        assert ws.parts.directory is known
        before = ws.parts.records.opened_all
        opened: list[object] = []

        def counted(rows: Any) -> Any:
            found = before(rows)
            opened.extend(found)
            return found

        ws.parts.records.opened_all = counted  # type: ignore[method-assign]
        known.releases(ws.parts.records, ws.parts.consent)
        assert opened == []
    workspaces.close()
