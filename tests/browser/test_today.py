"""The day and the audit in a browser: by phone and desktop, and an audit from the button to its report."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import volenti
from tests.browser.house import House, assert_open_to_everybody, sign_in

Make = Callable[..., BrowserContext]


def test_the_day_leads_to_where_things_are_done(page: Page, house: House) -> None:
    with volenti.open(house.folder) as ws:
        ws.requests.open("access", "ann", identity="in-person")
        ws.jobs.start("clear", {"purpose": "generative-training"})
        ws.letters.send("code", to="a@example.org", code="1")
        ws.letters.deliver()
    sign_in(page, "officer")
    assert page.get_by_text("1 letter wasn't sent.").is_visible()
    page.get_by_role("link", name="Judging pictures").click()
    page.get_by_role("heading", name="Judging pictures").wait_for()


@pytest.mark.parametrize(("size", "scripts"), [("phone", True), ("desktop", False)])
def test_an_audit_from_the_button_to_its_report(
    context: Make, house: House, size: str, scripts: bool
) -> None:
    page = context(size, scripts=scripts).new_page()
    sign_in(page, "officer")
    page.goto("/audit")
    page.get_by_label("Deep").check()
    page.get_by_role("button", name="Audit now").click()
    page.get_by_text("An audit runs").wait_for()
    if scripts:
        assert_open_to_everybody(page)

    def work() -> None:
        with volenti.open(house.folder) as ws:
            ws.jobs.work(once=True)

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    if not scripts:
        page.reload()
    expect(page.get_by_text("Everything is well")).to_be_visible()
    if scripts:
        assert_open_to_everybody(page)
