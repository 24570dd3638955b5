"""The pages that everybody meets, without scripts."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from tests.browser.house import sign_in

Make = Callable[..., BrowserContext]


def test_pages_work_without_scripts(context: Make) -> None:
    page = context(scripts=False).new_page()
    sign_in(page, "officer")
    page.get_by_role("link", name="Answer what is held").click()
    page.get_by_text("Leave it out …").wait_for()
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/sign-in")
