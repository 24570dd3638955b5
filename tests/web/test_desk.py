"""The review desk: what is offered and taken; nothing is decided twice, or seen by whoever may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.studio import Studio, reopened
from tests.web.conftest import PASSWORD, SITE, fields_of
from volenti.clearance.policyfile import find_policy
from volenti.clearance.review import MANUAL
from volenti.perception.sight.faces import unit
from volenti.web.application import application
from volenti.web.desk_answers import BACK, Given, LastAnswers, place_of
from volenti.web.visit import pages
from volenti.web.workspaces import Workspaces

SignIn = Callable[[str], TestClient]


def first(at: Path) -> str:
    with volenti.open(at) as ws:
        return ws.review.list()[0].id


def another_signs_in(app: TestClient, role: str) -> None:
    """Begin a session of another user's in a browser that keeps nothing of the one before."""
    app.cookies.clear()
    app.post("/sign-in", data={"login": f"{role}@example.org", "password": PASSWORD})


def offered(page: str) -> list[str]:
    """What the buttons of a page answer."""
    return re.findall(r'name="?answer"?[^>]* value="([^"]+)"', page)


def test_only_what_is_taken_is_offered(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    page = app.get(f"/desk/{question}").text
    with volenti.open(at) as ws:
        choices = ws.review.choices(question, reviewer="The officer")
    assert sorted(offered(page)) == sorted(each.answer for each in choices)
    assert "A face belongs to nobody with a release." in page


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("is nobody-at-all", 400),
        ("is ben", 400),
        ("clear", 400),
        ("no-face", 400),
        ("faces", 400),
        ("sing", 400),
    ],
)
def test_what_isnt_taken_is_said_and_decides_nothing(
    at: Path, signed_in: SignIn, answer: str, status: int
) -> None:
    app, question = signed_in("officer"), first(at)
    fields = fields_of(app.get(f"/desk/{question}").text)
    said = app.post(f"/desk/{question}", data={**fields, "answer": answer}, follow_redirects=False)
    assert said.status_code in (status, 403)
    assert 'class="problem"' in said.text or "This is no answer." in said.text
    assert first(at) == question


def test_an_answer_leads_to_the_next_question_and_sent_again_changes_nothing(
    at: Path, signed_in: SignIn
) -> None:
    app = signed_in("officer")
    with volenti.open(at) as ws:
        question, after = (each.id for each in ws.review.list())
        data = {**fields_of(app.get(f"/desk/{question}").text), "answer": "reject"}
        answers = [app.post(f"/desk/{question}", data=data, follow_redirects=False) for _ in range(3)]
        assert {each.headers["location"].partition("?")[0] for each in answers} == {f"/desk/{after}"}
        assert [each.id for each in ws.review.list()] == [after]
        stays = app.post(f"/desk/{question}", data={**data, "stay": "1"}, follow_redirects=False)
        assert stays.status_code == 204


def test_another_answer_than_was_decided_meanwhile_is_refused_with_who_said_what(
    at: Path, signed_in: SignIn
) -> None:
    app = signed_in("second-officer")
    with volenti.open(at) as ws:
        question, after = (each.id for each in ws.review.list())
        page = app.get(f"/desk/{question}").text
        ws.review.decide(question, clear=False, reviewer="Olga X.")
    data = {**fields_of(page), "stay": "1"}
    said = app.post(f"/desk/{question}", data={**data, "answer": "blur"}, follow_redirects=False)
    assert said.status_code == 409
    assert f'data-question="{question} ' in said.text
    assert "Olga X. said on" in said.text
    assert "Leave it out" in said.text
    assert f"/desk/{after}?" in said.text
    assert app.post(f"/desk/{question}", data={**data, "answer": "reject"}).status_code == 204


def test_an_answer_about_somebody_is_refused_with_their_name(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    data = {**fields_of(app.get(f"/desk/{question}").text), "stay": "1"}
    with volenti.open(at) as ws:
        record = ws.parts.records.get("decision", f"{question.partition('.')[0]}/generative-training")
        assert record is not None
        yes = {"reviewer": "Olga X.", "at": "2026-03-02T09:00:00Z", "subjects": ["ann", "ben"]}
        number = question.partition(".")[2]
        for each in ws.review.question(question).images:
            body = {**record.body, "verdict": "cleared", "by": "review:Olga X."}
            body["approvals"] = [{**yes, "public_key": "", "signature": "", "answers": [f"{number}=ben"]}]
            row = ws.parts.records.get("decision", f"{each.id}/generative-training")
            assert row is not None
            ws.parts.records.put_all([replace(row, body=body, state="cleared")])
    said = app.post(f"/desk/{question}", data={**data, "answer": "is ann"}, follow_redirects=False)
    assert said.status_code == 409
    assert "Olga X. said on" in said.text
    assert "It is Legal ben." in said.text
    assert app.post(f"/desk/{question}", data={**data, "answer": "is ben"}).status_code == 204


def test_the_same_answer_about_some_of_the_pictures_is_taken_once(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    page = app.get(f"/desk/{question}").text
    out = re.findall(r'name="without" value="([^"]+)"', page)
    data = {**fields_of(page), "answer": "reject", "without": out[:1], "stay": "1"}
    for _ in range(3):
        assert app.post(f"/desk/{question}", data=data, follow_redirects=False).status_code == 204
    other = {**data, "answer": "blur"}
    assert app.post(f"/desk/{question}", data=other, follow_redirects=False).status_code == 409


def test_single_pictures_are_taken_out(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    page = app.get(f"/desk/{question}").text
    out = re.findall(r'name="without" value="([^"]+)"', page)
    assert len(out) == 2
    url, data = f"/desk/{question}", {**fields_of(page), "answer": "reject"}
    assert app.post(url, data={**data, "without": out}).status_code == 400
    app.post(url, data={**data, "without": out[1:]})
    with volenti.open(at) as ws:
        assert {each.id for one in ws.review.list() for each in one.images} & {*out} == {out[1]}


def test_a_question_that_has_changed_is_shown_again(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    fields = fields_of(app.get(f"/desk/{question}").text)
    with volenti.open(at) as ws:
        last = ws.review.list()[0].images[-1].id
        ws.review.decide(last, clear=False, reviewer="Another")
    said = app.post(f"/desk/{question}", data={**fields, "answer": "reject"}, follow_redirects=False)
    assert (said.status_code, "has changed" in said.text) == (409, True)
    with volenti.open(at) as ws:
        assert question in {each.id for each in ws.review.list()}


def test_the_last_answer_is_taken_back_where_it_can_be(at: Path, signed_in: SignIn, models: Path) -> None:
    app, question = signed_in("officer"), first(at)
    page = app.get(f"/desk/{question}").text
    form = fields_of(page)["form"]
    assert "hidden" in re.findall(r"<form[^>]*data-undo[^>]*>", page)[0]
    app.post(f"/desk/{question}", data={**fields_of(page), "answer": "blur"})
    with volenti.open(at) as ws:
        assert ws.status().totals["held"] == 2
    assert "hidden" not in re.findall(r"<form[^>]*data-undo[^>]*>", app.get("/desk").text)[0]
    back = app.post("/desk/undo", data={"form": form}, follow_redirects=False)
    assert back.headers["location"].startswith(f"/desk/{question}")
    with volenti.open(at) as ws:
        assert ws.status().totals["held"] == 4
    assert app.post("/desk/undo", data={"form": form}).status_code == 409
    app.post(f"/desk/{question}", data={**fields_of(app.get(f"/desk/{question}").text), "answer": "reject"})
    assert app.post("/desk/undo", data={"form": form}).status_code == 409


def test_a_question_whose_answer_is_taken_back_is_as_before(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann", "ben")
    away = unit(studio.people["ann"][::-1])
    studio.people["like ben"] = unit(studio.people["ben"] + 2.0 * away)
    studio.photo("ann", "like ben")
    studio.clear()
    added = studio.ws.users.add("officer@example.org", name="The officer", roles=["officer"])
    studio.ws.users.choose_password(added.token, PASSWORD)
    studio.ws.close()
    opened = partial(reopened, studio.ws.path, detector=studio.detector)
    with TestClient(application(Workspaces(opened)), base_url=SITE) as app:
        another_signs_in(app, "officer")
        with opened() as ws:
            question = ws.review.list()[0].id
        page = app.get(f"/desk/{question}").text
        assert {"is ben", "blur"} < {*offered(page)}
        app.post(f"/desk/{question}", data={**fields_of(page), "answer": "is ben"})
        assert app.get(f"/desk/{question}", follow_redirects=False).status_code == 303
        back = app.post("/desk/undo", data={"form": fields_of(page)["form"]})
        assert back.url.path == f"/desk/{question}"
        assert what_is_asked(back.text) == what_is_asked(page)


def what_is_asked(page: str) -> list[str]:
    """The parts of a page that say something of the question."""
    return re.findall(r'<svg viewBox="0 0 1000.*?</svg>|<div class="answers">.*', page, re.DOTALL)


def test_another_user_takes_nothing_of_ones_own_back() -> None:
    last = LastAnswers()
    for number in range(BACK + 5):
        last.add("one", Given(f"img_{number}", "p", (f"img_{number}",), can_be_undone=True))
    assert last.last("another") is None
    for number in reversed(range(5, BACK + 5)):
        given = last.last("one")
        assert given is not None
        assert given.question == f"img_{number}"
        last.drop("one", given)
    assert last.last("one") is None


def test_somebody_is_found_by_typing_and_no_name_is_in_an_address(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    fields = fields_of(app.get(f"/desk/{question}").text)
    found = app.post(f"/desk/{question}/people", data={**fields, "who": "legal be"}, follow_redirects=False)
    assert found.status_code == 200
    assert "Legal ben" in found.text.partition('id="found"')[2]
    assert f"/desk/{question}/reference/ben/0.jpg" in found.text
    nobody = app.post(f"/desk/{question}/people", data={**fields, "who": "zebra"})
    assert "Nobody is called that." in nobody.text


def test_what_nobody_looked_for_is_added(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    fields = fields_of(app.get(f"/desk/{question}").text)
    elsewhere = {**fields, "code": "watermark", "image": "img_other"}
    assert app.post(f"/desk/{question}/flag", data=elsewhere).status_code == 404
    page = app.post(f"/desk/{question}/flag", data={**fields, "code": "watermark"}).text
    assert "an owner&#39;s mark" in page
    assert 'value="watermark"' not in page


def test_pictures_are_for_whoever_decides_and_of_the_question_alone(at: Path, app: TestClient) -> None:
    question = first(at)
    with volenti.open(at) as ws:
        cleared = next(each.image for each in ws.status().files if each.verdict == "cleared")
    paths = ["picture-0.jpg", "small-1.jpg", "face-0.jpg", "reference/ann/0.jpg"]
    wrong = ["picture-9.jpg", "picture-x.jpg", "face-9.jpg", "reference/nobody/0.jpg", "reference/ann/7.jpg"]
    for role, expected in (("officer", 200), ("second-officer", 200), ("engineer", 403), ("admin", 403)):
        another_signs_in(app, role)
        for path in paths:
            answer = app.get(f"/desk/{question}/{path}")
            assert answer.status_code == expected, (role, path)
            assert answer.headers["cache-control"] == "no-store"
        for path in wrong:
            assert app.get(f"/desk/{question}/{path}").status_code == (404 if expected == 200 else 403)
        for other in (cleared, f"{cleared}.0", "img_none.0", "none"):
            assert app.get(f"/desk/{other}/picture-0.jpg").status_code == (404 if expected == 200 else 403)


def test_a_look_at_a_question_is_on_record_once(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("second-officer"), first(at)

    def looks() -> list[tuple[str, int]]:
        with volenti.open(at) as ws:
            return [(each.why, each.pictures) for who in ("ann", "ben") for each in ws.subjects.looks(who)]

    assert app.get(f"/desk/{question}").status_code == 200
    assert looks() == []  # no picture was seen
    for path in ("face-0.jpg", "picture-0.jpg", "small-1.jpg"):
        assert app.get(f"/desk/{question}/{path}").status_code == 200
    assert looks() == [("review", 1)] * 2
    for _ in range(2):
        assert app.get(f"/desk/{question}/reference/ann/0.jpg").status_code == 200
    assert sorted(looks()) == [("reference", 1), ("review", 1), ("review", 1)]


def test_how_near_a_boxed_face_comes_is_said_as_on_the_cards(at: Path, signed_in: SignIn) -> None:
    app, question = signed_in("officer"), first(at)
    with volenti.open(at) as ws:
        beside = max(face.score / face.needed for face in ws.review.question(question).images[0].faces)
        cleared = next(each.image for each in ws.status().files if each.verdict == "cleared")
        ws.review.flag(cleared, "watermark", reviewer="The officer")
    assert beside > 1
    page = app.get(f"/desk/{question}").text
    assert re.findall(r"Legal ann a match</tspan>", page)
    assert not [each for each in re.findall(r"(\d+) %", page) if int(each) >= 100]
    # Nothing measured is left of who was recognised in a picture that was cleared.
    page = app.get(f"/desk/{cleared}").text
    boxed = re.findall(r'<g class="known">.*?</g>', page)
    assert boxed
    assert all("Legal" in each and "%" not in each for each in boxed)
    assert " 0 %" not in page


def test_the_second_yes_is_another_users(app: TestClient, at: Path) -> None:
    with volenti.open(at) as ws:
        policy = find_policy("generative-training")
        two = policy.review.model_copy(update={"reviewers": 2})
        ws.clear(policy=policy.model_copy(update={"name": "two", "review": two}))
        question = ws.review.list()[0]
    url = f"/desk/{question.id}?for={question.purpose}"

    def page(role: str) -> str:
        another_signs_in(app, role)
        return app.get(url).text

    first_page = page("officer")
    assert "Each yes waits for a second person." in first_page
    data = {**fields_of(first_page), "answer": "blur"}
    for _ in range(2):  # the same answer sent again is no second yes
        assert app.post(url, data={**data, "stay": "1"}).status_code == 204
    other = app.post(url, data={**data, "answer": "no-face", "stay": "1"})
    assert other.status_code != 204
    assert offered(app.get(url).text) == ["reject"]
    assert "Somebody else has to agree" in app.get(url).text
    assert offered(page("second-officer")) == ["blur", "reject"]
    assert "The officer said yes on" in app.get(url).text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "/desk"),
        ("img_1.0 generative-training", "/desk/img_1.0?for=generative-training"),
        ("img_1", "/desk/img_1"),
        ("//evil.example x", "/desk"),
        ("img_1 x&y=z", "/desk/img_1"),
        ("img_1\r\nset-cookie: a", "/desk"),
    ],
)
def test_a_form_leads_to_the_desk_alone(text: str, place: str) -> None:
    assert place_of(text) == place


def test_whatever_a_reviewer_may_find_has_its_sentence() -> None:
    flagged = pages("de").get_template("desk-parts.html").module.flagged
    assert all(str(flagged(each)).strip() != each for each in MANUAL)
