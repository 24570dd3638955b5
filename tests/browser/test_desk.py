"""The review desk in a browser: by keys and by thumb, without waiting, and with what was given taken back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import volenti
from tests.browser.conftest import served
from tests.browser.house import House, assert_open_to_everybody, sign_in
from tests.studio import Studio
from tests.web.conftest import PASSWORD

Make = Callable[..., BrowserContext]
#: Questions that are answered for the figure, and how many a minute have to be possible.
MANY, A_MINUTE = 30, 30


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with more strangers than are answered, one picture of each."""
    studio = Studio.open(tmp_path_factory.mktemp("many"), on_disk=True)
    studio.person("ann")
    for number in range(MANY + 5):
        studio.photo("ann", f"stranger {number}")
    studio.clear()
    added = studio.ws.users.add("officer@example.org", name="The officer", roles=["officer"])
    studio.ws.users.choose_password(added.token, PASSWORD)
    studio.ws.close()
    return studio.ws.path


@pytest.fixture
def desk(context: Make, request: pytest.FixtureRequest) -> Page:
    """The desk, open in a browser."""
    page = context(getattr(request, "param", "desktop")).new_page()
    sign_in(page, "officer")
    page.goto("/desk")
    return page


def held(house: House) -> int:
    with volenti.open(house.folder) as ws:
        return ws.status().totals["held"]


@pytest.fixture
def crowd(many: Path) -> Iterator[House]:
    with served(many) as house:
        yield house


def test_thirty_questions_a_minute_are_answered_by_keys(browser: object, crowd: House) -> None:
    page = browser.new_context(base_url=crowd.address).new_page()  # type: ignore[attr-defined]
    sign_in(page, "officer")
    page.goto("/desk")
    begun = time.monotonic()
    for _ in range(MANY):
        before = page.locator("#desk").get_attribute("data-question")
        page.keyboard.press("x")
        page.keyboard.press("x")
        page.wait_for_function(
            "(was) => document.getElementById('desk').dataset.question !== was", arg=before
        )
        # Whoever looks sees the pictures: they are there with the question.
        page.wait_for_function(
            "() => [...document.querySelectorAll('#desk img')].every((each) => each.complete)"
        )
    took = time.monotonic() - begun
    print(f"\n{60 * MANY / took:.0f} questions a minute")
    page.goto("/")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    deadline = time.monotonic() + 20
    while held(crowd) > 5 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert held(crowd) == 5
    assert 60 * MANY / took > A_MINUTE
    page.context.close()


def test_an_answer_is_taken_back_before_it_goes_out(desk: Page, house: House) -> None:
    asked, count = desk.url, held(house)
    desk.keyboard.press("x")
    desk.keyboard.press("x")
    desk.wait_for_url(lambda url: url != asked)
    desk.keyboard.press("Control+z")
    desk.wait_for_url(asked)
    assert desk.locator("[data-status]").inner_text() == "Taken back."
    desk.goto("/")
    assert held(house) == count


def test_a_refused_answer_comes_back_with_its_reason(desk: Page, house: House) -> None:
    asked = desk.locator("#desk").get_attribute("data-question")
    assert asked
    with volenti.open(house.folder) as ws:
        picture = ws.review.question(asked.split()[0]).images[-1].id
        ws.review.decide(picture, clear=False, reviewer="Another", purpose=asked.split()[1])
    desk.keyboard.press("x")
    desk.keyboard.press("x")
    # It is the last but one question: once that is skipped, the refused one is next.
    desk.wait_for_function("(was) => document.getElementById('desk').dataset.question !== was", arg=asked)
    desk.keyboard.press("x")
    desk.keyboard.press("x")
    expect(desk.locator(".problem")).to_contain_text("has changed meanwhile")
    assert desk.locator("#desk").get_attribute("data-question") == asked


def test_who_answered_otherwise_meanwhile_is_said_next(desk: Page, house: House) -> None:
    asked = desk.locator("#desk").get_attribute("data-question")
    assert asked
    desk.keyboard.press("b")
    desk.wait_for_function("(was) => document.getElementById('desk').dataset.question !== was", arg=asked)
    with volenti.open(house.folder) as ws:
        ws.review.decide(asked.split()[0], clear=False, reviewer="Olga X.", purpose=asked.split()[1])
    desk.keyboard.press("x")
    desk.keyboard.press("x")
    expect(desk.locator("[data-decided]")).to_contain_text("Olga X. said on")
    desk.get_by_role("link", name="Next question").click()
    expect(desk.get_by_role("heading", name="Nothing is held")).to_be_visible()


def test_somebody_is_found_while_one_types(desk: Page) -> None:
    desk.keyboard.press("p")
    desk.keyboard.type("legal ben")
    expect(desk.locator("#found")).to_contain_text("Legal ben")
    expect(desk.locator("#found")).to_contain_text("isn't like theirs")
    assert "ben" not in desk.url
    assert_open_to_everybody(desk)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_long_name_stays_in_its_card_and_words_are_whole(context: Make, size: str) -> None:
    page = context(size).new_page()
    sign_in(page, "officer")
    page.goto("/desk")
    page.locator("[name=who]").fill("legal ben")
    expect(page.locator("#found .person")).to_contain_text("Legal ben")
    found = page.evaluate(
        """() => [...document.querySelectorAll("#found .person")].map((card) => {
          card.querySelector(".name strong").textContent = "Wolfeschlegelstein".repeat(4);
          const inner = card.querySelector(".name strong").getBoundingClientRect();
          const outer = card.getBoundingClientRect();
          return [outer.width, outer.right - inner.right, card.scrollWidth - card.clientWidth];
        })"""
    )
    assert found
    for width, room, over in found:
        assert width >= 136
        assert room >= 0
        assert over <= 0


def test_back_leads_to_the_question_before(desk: Page) -> None:
    asked, question = desk.url, desk.locator("#desk").get_attribute("data-question")
    desk.keyboard.press("j")
    desk.wait_for_url(lambda url: url != asked)
    expect(desk.locator("#desk")).not_to_have_attribute("data-question", question or "")
    desk.go_back()
    desk.wait_for_url(asked)
    expect(desk.locator("#desk")).to_have_attribute("data-question", question or "")


def test_without_scripts_one_answer_leads_to_the_next_question(context: Make, house: House) -> None:
    page = context(scripts=False).new_page()
    sign_in(page, "officer")
    page.goto("/desk")
    asked, count = page.url, held(house)
    page.get_by_label("Somebody else").fill("legal")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#found")).to_contain_text("Legal ann")
    page.goto(asked)
    page.get_by_label("Take out").first.check()
    page.get_by_text("Leave it out …").click()
    page.get_by_role("button", name="Leave it out, for good").click()
    assert re.search(r"/desk/img_\w+", page.url)
    assert page.url != asked
    assert held(house) == count - 1
