"""Other systems: an admin gives one a token, has one told what happens, and reads what they can call."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

import volenti
from tests.browser.house import House, assert_open_to_everybody, sign_in

Make = Callable[..., BrowserContext]


@pytest.mark.parametrize(("size", "scripts"), [("phone", True), ("desktop", False)])
def test_a_token_is_added_shown_once_and_removed(
    context: Make, house: House, size: str, scripts: bool
) -> None:
    page = context(size, scripts=scripts).new_page()
    sign_in(page, "admin")
    page.goto("/tokens")
    page.get_by_label("Which system").fill("Booking system")
    page.get_by_label("See what people agreed to").check()
    page.get_by_role("button", name="Add it").click()
    secret = page.locator("code.secret").inner_text()
    assert secret.startswith("volenti_")
    if scripts:
        assert_open_to_everybody(page)
    with volenti.open(house.folder) as ws:
        assert [each.name for each in ws.tokens.list()] == ["Booking system"]
    page.goto("/tokens")
    assert secret not in page.content()
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove this token").click()
    page.get_by_text("No other system has a token.").wait_for()


def test_a_webhook_is_refused_added_and_says_that_it_is_dead(context: Make, house: House) -> None:
    page = context("phone").new_page()
    sign_in(page, "admin")
    page.goto("/webhooks")
    page.get_by_label("Address").fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("alert").get_by_text("private network").wait_for()
    page.get_by_label("Address").fill("https://hook.example/volenti")
    page.get_by_role("button", name="Add it").click()
    assert page.locator("code.secret").inner_text().startswith("whsec_")
    with volenti.open(house.folder) as ws:
        [hook] = ws.webhooks.list()
        records = ws.parts.records
        row = records.require("webhook", hook.id)
        dead = {"is_dead": True, "said": "it answered 410", "failing": "2026-11-22T20:37:00Z"}
        records.put(row.kind, row.id, {**row.body, **dead}, owners=row.owners)
    page.goto("/webhooks")
    page.get_by_text("Nothing more is sent.").wait_for()
    assert_open_to_everybody(page)
