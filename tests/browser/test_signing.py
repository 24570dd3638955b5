"""Signing on a phone: with fingers and without a script, with a network and without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import BrowserContext, Page

import volenti
from tests.browser.house import House, assert_open_to_everybody, sign_in
from tests.signings import OPENED, Phone, photo, statement
from volenti.signings.session import SigningSession
from volenti.workspace.signings import SigningInFull

Make = Callable[..., BrowserContext]
#: Taps, fields and strokes that a signing takes at most; at four seconds each that is under two minutes.
STEPS_MAX, SECONDS_A_STEP = 24, 4


def opened(house: House, **changes: Any) -> SigningSession:
    with volenti.open(house.folder) as ws:
        return ws.signings.open("march", **{**OPENED, **changes})


def signed(house: House, session: SigningSession) -> SigningInFull:
    with volenti.open(house.folder) as ws:
        return ws.signings.show(session.id)


class Person:
    """Somebody with a phone, whose steps are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.steps += 1

    def screen(self, kind: str) -> None:
        self.page.locator(f".screen.now[data-screen={kind}]").wait_for()

    def answers(self, *answers: str) -> None:
        for number, each in enumerate(answers):
            question = self.page.locator("[data-screen=grant]").nth(number)
            question.locator("label", has_text=each).click()
            self.steps += 1
            question.wait_for(state="hidden")

    def fills(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)
        self.steps += 1

    def draws(self, pad: str = "signer") -> None:
        canvas = self.page.locator(f"[data-pad={pad}] canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + 20, box["y"] + 90)
        self.page.mouse.down()
        for step in range(30):
            wave = 30 * (1 if step % 4 < 2 else -1)
            self.page.mouse.move(box["x"] + 20 + 9 * step, box["y"] + 90 + wave)
        self.page.mouse.up()
        self.steps += 1

    def gives_photo(self) -> None:
        file = {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        self.page.locator("[data-screen=photos] input").first.set_input_files(file)
        self.steps += 1


def to_the_signature(person: Person, *answers: str, takes_photo: bool = True) -> None:
    person.press("Next")
    person.press("Next")
    person.answers(*answers)
    if takes_photo:
        person.screen("photos")
        person.gives_photo()
        person.press("Next")
    person.screen("person")
    person.fills("Name, as in your papers", "Ada Example")
    person.fills("Date of birth", "1990-05-17")
    person.press("Next")
    person.screen("summary")
    person.press("Next")
    person.screen("sign")


def test_somebody_signs_on_a_phone_in_under_two_minutes(context: Make, house: House) -> None:
    session = opened(house)
    person = Person(context("phone").new_page())
    person.page.goto(session.path)
    to_the_signature(person, *["Yes"] * len(session.asks))
    person.draws()
    person.press("Sign")
    person.page.wait_for_url("**/receipt/*")
    assert person.page.get_by_role("heading", name="Signed").is_visible()
    assert_open_to_everybody(person.page)
    assert person.steps <= STEPS_MAX
    assert person.steps * SECONDS_A_STEP < 120
    with volenti.open(house.folder) as ws:
        [(done, release)] = ws.signings.show(session.id).signed
        assert (release.method, release.is_in_force) == ("web-ceremony", True)
        assert ws.subjects.show_references(done.subject)


def test_refusing_everything_takes_no_more_steps_than_agreeing(context: Make, house: House) -> None:
    session, steps = opened(house, ask=["commercial", "redistribution"]), []
    for answer in ("Yes", "No"):
        person = Person(context("phone").new_page())
        person.page.goto(session.path)
        to_the_signature(person, answer, answer, takes_photo=False)
        steps.append(person.steps)
    assert steps[1] <= steps[0]


def test_a_tap_on_next_right_after_an_answer_is_the_same_tap(context: Make, house: House) -> None:
    session = opened(house, ask=["commercial", "redistribution", "identification"])
    person = Person(context("phone").new_page())
    person.page.goto(session.path)
    person.press("Next")
    person.press("Next")
    questions = person.page.locator("[data-screen=grant]")
    for number in range(2):
        answer = questions.nth(number).locator("label", has_text="Yes")
        answer.dblclick()
        person.press("Next")
        questions.nth(number + 1).wait_for()
    person.page.wait_for_timeout(400)
    assert questions.nth(2).is_visible()
    assert not person.page.locator("[data-problem]").is_visible()
    # Somebody who reads first is told what is missing, as ever.
    person.page.wait_for_timeout(800)
    person.press("Next")
    assert person.page.locator("[data-problem]").is_visible()


def test_what_was_signed_without_a_network_is_sent_when_there_is_one(context: Make, house: House) -> None:
    session, phone = opened(house, ask=["commercial", "biometric-templates"]), context("phone")
    person = Person(phone.new_page())
    person.page.goto(session.path)
    person.page.get_by_text("ready to work without a network").wait_for()
    phone.set_offline(True)
    person.page.close()
    # A tab that was closed is opened anew, without a network.
    person.page = phone.new_page()
    person.page.goto(session.path)
    to_the_signature(person, "No", "Yes")
    person.draws()
    person.press("Sign")
    person.page.get_by_text("sealed on this device").first.wait_for()
    assert signed(house, session).signed == ()
    kept = person.page.evaluate(
        """async () => {
          const store = await import("/static/signing-store.js");
          const [one] = await store.waiting();
          return new TextDecoder("latin1").decode(await one.sealed.arrayBuffer()) + JSON.stringify(one);
        }"""
    )
    assert "Ada" not in kept
    person.page.close()
    phone.set_offline(False)
    person.page = phone.new_page()
    with person.page.expect_response("**/send") as sent:
        person.page.goto(session.path)
    assert sent.value.ok
    person.page.get_by_text("has arrived").wait_for()
    person.page.get_by_role("link", name="See the receipt").click()
    person.page.get_by_text("Ada Example").first.wait_for()
    [(_, release)] = signed(house, session).signed
    assert release.is_in_force
    assert [str(each) for each in release.release.grants.yes] == ["biometric-templates"]
    assert len(release.release.shoot.references) == 1


def test_what_was_signed_without_a_network_is_sent_also_after_the_session_was_closed(
    context: Make, house: House
) -> None:
    session, phone = opened(house, ask=["commercial"]), context("phone")
    person = Person(phone.new_page())
    person.page.goto(session.path)
    person.page.get_by_text("ready to work without a network").wait_for()
    phone.set_offline(True)
    to_the_signature(person, "Yes", takes_photo=False)
    person.draws()
    person.press("Sign")
    person.page.get_by_text("sealed on this device").first.wait_for()
    # Moments are kept in seconds.
    person.page.wait_for_timeout(1100)
    person.page.close()
    with volenti.open(house.folder) as ws:
        ws.signings.close(session.id)
    phone.set_offline(False)
    person.page = phone.new_page()
    person.page.goto(session.path)
    person.page.get_by_text("has arrived").wait_for()
    [(_, release)] = signed(house, session).signed
    assert release.is_in_force
    person.page.get_by_role("link", name="See the receipt").click()
    person.page.get_by_text("Ada Example").first.wait_for()


def test_what_isnt_taken_any_more_is_told_and_deleted_at_a_word(context: Make, house: House) -> None:
    session, phone = opened(house, ask=["commercial"], people=1), context("phone")
    person = Person(phone.new_page())
    person.page.goto(session.path)
    person.page.get_by_text("ready to work without a network").wait_for()
    phone.set_offline(True)
    to_the_signature(person, "Yes", takes_photo=False)
    person.draws()
    person.press("Sign")
    person.page.get_by_text("sealed on this device").first.wait_for()
    with volenti.open(house.folder) as ws:
        said = statement(session, name="Bob Example")
        ws.signings.receive(session.token, Phone(ws, Ed25519PrivateKey.generate()).sealed(said))
    phone.set_offline(False)
    person.page.reload()
    person.page.get_by_role("heading", name="As many people have signed").wait_for()
    waiting = person.page.locator("[data-waiting=refused]")
    waiting.wait_for()
    assert "As many people have signed" in (waiting.text_content() or "")
    person.press("Delete it from this device")
    waiting.wait_for(state="hidden")
    person.page.reload()
    person.page.wait_for_timeout(300)
    assert not person.page.locator(".waiting").first.is_visible()
    assert len(signed(house, session).signed) == 1


def test_a_draft_survives_a_closed_tab(context: Make, house: House) -> None:
    session, phone = opened(house, ask=["commercial"]), context("phone")
    person = Person(phone.new_page())
    person.page.goto(session.path)
    person.press("Next")
    person.press("Next")
    person.answers("No")
    person.fills("Name, as in your papers", "Ada Example")
    person.page.get_by_label("Date of birth").fill("1990-05-17")
    person.press("Next")
    person.screen("summary")
    person.page.close()
    person.page = phone.new_page()
    person.page.goto(session.path)
    person.screen("summary")
    assert person.page.locator("[data-answer=name]").text_content() == "Ada Example"
    assert person.page.locator("[data-answer='grant commercial']").text_content() == "No"
    # Whoever has the device next begins anew, and finds nothing of it.
    person.press("Begin anew")
    person.screen("text")
    assert not person.page.locator("[data-resumed]").is_visible()
    assert person.page.locator("[name=name]").input_value() == ""
    person.page.reload()
    person.screen("text")
    assert "Ada" not in person.page.content()


def test_somebody_signs_by_keyboard_for_a_minor_before_a_witness(context: Make, house: House) -> None:
    session = opened(house, ask=["commercial"], witness=True)
    page = context().new_page()
    person = Person(page)
    page.goto(session.path)
    for _ in range(2):
        page.get_by_role("button", name="Next").press("Enter")
    page.get_by_role("radio", name="Yes").press("Space")
    person.screen("grant")
    page.get_by_role("button", name="Next").press("Enter")
    person.fills("Name, as in your papers", "Kim Example")
    person.fills("Date of birth", "2015-05-17")
    page.keyboard.press("Enter")
    person.screen("guardian")
    page.get_by_role("button", name="Next").press("Enter")
    assert page.get_by_role("alert").filter(has_text="guardian").is_visible()
    person.fills("Name of the parent or guardian", "Bea Example")
    person.fills("What they are to you", "mother")
    page.keyboard.press("Enter")
    person.screen("summary")
    page.get_by_role("button", name="Next").press("Enter")
    for pad, name in (("signer", "Bea Example"), ("witness", "Cid Witness")):
        person.screen("witness" if pad == "witness" else "sign")
        if pad == "witness":
            person.fills("Name of the witness", name)
        page.locator(f"[data-pad={pad}] summary").press("Enter")
        page.locator(f"[data-pad={pad}] [data-typed]").fill(name)
        page.locator("[data-next]").press("Enter")
    page.wait_for_url("**/receipt/*")
    [(_, release)] = signed(house, session).signed
    assert (release.signed.roles, release.release.evidence.witness) == (("guardian",), "Cid Witness")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_each_screen_is_open_to_everybody(context: Make, house: House, size: str) -> None:
    session = opened(house, ask=["commercial", "biometric-templates"], witness=True)
    person = Person(context(size).new_page())
    page = person.page
    page.goto(session.path)
    kinds = []
    person_said = {"Name, as in your papers": "Ada Example", "Date of birth": "2015-05-17"}
    guardian_said = {"Name of the parent or guardian": "Bea Example", "What they are to you": "mother"}
    while True:
        page.wait_for_timeout(250)
        kinds.append(page.locator(".screen.now").get_attribute("data-screen"))
        if kinds[-1] == "photos":
            person.gives_photo()
            page.get_by_text("One clear face").wait_for()
        for label, said in (
            person_said if kinds[-1] == "person" else guardian_said if kinds[-1] == "guardian" else {}
        ).items():
            person.fills(label, said)
        if kinds[-1] == "witness":
            person.fills("Name of the witness", "Cid Witness")
            person.draws("witness")
        if kinds[-1] == "sign":
            person.draws()
        if kinds[-1] == "grant":
            page.locator(".screen.now .choice").first.click()
            continue
        assert_open_to_everybody(page)
        if kinds[-1] == "witness":
            break
        person.press("Next")
    assert kinds == [
        *("text", "notice", "grant", "grant", "photos", "person", "guardian", "summary", "sign", "witness"),
    ]


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_somebody_signs_without_scripts(context: Make, house: House, size: str, tmp_path: Path) -> None:
    session = opened(house, ask=["commercial", "biometric-templates"])
    page = context(size, scripts=False).new_page()
    page.goto(session.path)
    page.locator("[data-screen=grant] .choice", has_text="No").first.click()
    page.locator("[data-screen=grant] .choice", has_text="Yes").last.click()
    page.get_by_label("Name, as in your papers").fill("Ada Example")
    page.get_by_label("Date of birth").fill("1990-05-17")
    page.get_by_role("button", name="Go on to the summary").click()
    page.get_by_label("Name as signature").fill("Ada Example")
    page.get_by_role("button", name="Sign").click()
    page.get_by_role("heading", name="Signed").wait_for()
    assert len(signed(house, session).signed) == 1


def test_an_officer_opens_a_session_and_holds_up_its_code(page: Page) -> None:
    sign_in(page, "officer")
    page.goto("/signings")
    page.get_by_role("link", name="Open a session").click()
    for label, text in (
        ("Name of the shoot", "march"),
        ("Photographer", "Pat P."),
        ("Given to", "Example Studio, Berlin"),
        ("Governing law", "DE"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("Earning money").check()
    page.get_by_role("button", name="Open it").click()
    page.get_by_alt_text("QR code").wait_for()
