"""What tests in a browser do again and again: sign in, and look for what keeps people out of a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.web.conftest import PASSWORD

#: What a page may weigh without its pictures, in bytes.
BUDGET = 300_000
#: WCAG 2.2, levels A and AA, and what axe calls best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class House:
    """A served workspace: its folder, and the address that browsers reach it by."""

    folder: Path
    address: str


def sign_in(page: Page, role: str) -> None:
    """Sign in as the user of a role, as a person does."""
    page.goto("/sign-in")
    page.get_by_label("Login").fill(f"{role}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def assert_open_to_everybody(page: Page) -> None:
    """Nothing on the page keeps anybody out, in light and in dark; nothing is wider than the window."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert not found.response["violations"], f"{scheme}: {found.generate_report()}"
    page.emulate_media(color_scheme="light")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px wider than the window"


def weight(page: Page, path: str) -> int:
    """How many bytes a page loads, without its pictures."""
    loaded: list[Response] = []

    def note(response: Response) -> None:
        loaded.append(response)

    page.on("response", note)
    page.goto(path, wait_until="networkidle")
    page.remove_listener("response", note)
    # A redirection has no body.
    bodies = [each for each in loaded if not 300 <= each.status < 400]
    return sum(each.request.sizes()["responseBodySize"] for each in bodies if not _is_picture(each))


def _is_picture(response: Response) -> bool:
    kind = response.headers.get("content-type", "")
    return kind.startswith("image/") and "svg" not in kind


def shift(page: Page) -> float:
    """How much of the page moved by itself since it was opened (Cumulative Layout Shift)."""
    moved: float = page.evaluate(
        """() => new Promise((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const each of list.getEntries()) if (!each.hadRecentInput) sum += each.value;
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(sum), 200);
        })"""
    )
    return moved
