"""A complaint in the browser: opened, planned, carried out by the worker, and its certificate in hand."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

import volenti
from tests.browser.house import House, sign_in

Make = Callable[..., BrowserContext]


def test_a_complaint_ends_in_a_certificate(context: Make, house: House) -> None:
    page = context("phone", scripts=False).new_page()
    sign_in(page, "officer")
    page.goto("/requests")
    page.get_by_role("link", name="Open a request").click()
    page.get_by_label("Erase everything").check()
    page.get_by_label("Who asks?").fill("ann")
    page.get_by_role("button", name="Open it").click()
    page.get_by_label("I looked at an identity document").check()
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("link", name="See the plan").click()
    page.get_by_role("heading", name="What goes").wait_for()
    code = page.url.split("/")[-2][-4:]
    page.get_by_label(f"Type {code} to go on").fill(code)
    page.get_by_role("button", name="Erase them for good").click()
    with volenti.open(house.folder) as ws:
        assert ws.requests.named().state == "opened"  # asked for; the worker does it
        assert ws.jobs.work(once=True) == 1
    page.reload()
    page.get_by_role("heading", name="It is done, and this is the proof").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save it").click()
    certificate = saved.value.path()
    found = volenti.certificates.verify(certificate, house.folder / "public-key")
    assert found.stated.completed
