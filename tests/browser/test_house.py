"""The pages that everybody meets: by phone and desktop, light and dark, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.house import BUDGET, assert_open_to_everybody, shift, sign_in, weight

Make = Callable[..., BrowserContext]


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_signing_in_leads_to_today(context: Make, size: str) -> None:
    page = context(size).new_page()
    page.goto("/desk")
    assert page.url.endswith("/sign-in")
    assert_open_to_everybody(page)
    sign_in(page, "officer")
    assert page.get_by_role("heading", name="Today").is_visible()
    assert_open_to_everybody(page)


def test_pages_work_without_scripts(context: Make) -> None:
    page = context(scripts=False).new_page()
    sign_in(page, "officer")
    page.get_by_role("link", name="Answer what is held").click()
    page.get_by_text("Leave it out …").wait_for()
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/sign-in")


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("path", ["/", "/desk"])
def test_pages_are_light_and_stand_still(context: Make, size: str, path: str) -> None:
    page = context(size).new_page()
    sign_in(page, "officer")
    assert weight(page, path) < BUDGET
    assert shift(page) < 0.01
    assert_open_to_everybody(page)
