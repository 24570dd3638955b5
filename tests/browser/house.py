"""What tests in a browser do again and again: sign in, and look for what keeps people out of a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

import volenti
from tests.browser.keyboard import assert_nothing_needs_a_mouse, assert_reached_by_keyboard
from tests.web.conftest import PASSWORD

#: What a page may weigh without its pictures, in bytes.
BUDGET = 300_000
#: WCAG 2.2, levels A and AA, and what axe calls best practice.
_ALL: dict[str, object] = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
_COLOURS: dict[str, object] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
#: What depends on how large the window is, and on colours.
_OF_SIZE: dict[str, object] = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"],
}
_AXE = Axe()


@dataclass(frozen=True)
class House:
    """A served workspace: its folder, and the address that browsers reach it by."""

    folder: Path
    address: str


def sign_in(page: Page, role: str) -> None:
    """Sign in as the user of a role, as a person does."""
    type_password(page, f"{role}@example.org")
    page.wait_for_url(lambda url: urlsplit(url).path == "/")


def type_password(page: Page, login: str) -> None:
    """Sign in as far as the password goes."""
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def let_in(page: Page, at: Path, subject: str = "ann") -> None:
    """Open somebody's personal link, and type the code that an officer reads to them."""
    with volenti.open(at) as ws:
        link, code = ws.subjects.link(subject), ws.subjects.code(subject)
    page.goto(f"/me/enter/{link}")
    # Without a mail server no code is sent, and the page asks for it at once.
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/me")


def prepare_axe(page: Page) -> None:
    """Have axe in the page, which takes a moment."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_AXE.axe_script)


def assert_fits(page: Page) -> None:
    """Nothing on the page is wider than the window, too small for a finger, or too faint, as it is shown now.

    It is for a second size of a page that `assert_open_to_everybody` looked at in another.
    """
    prepare_axe(page)
    _assert_no_violation(page, _OF_SIZE, "as shown")
    _assert_within_the_window(page)


def assert_open_to_everybody(page: Page) -> None:
    """Nothing on the page keeps anybody out, in light and in dark; nothing is wider than the window.

    All is looked at in the scheme that the page has, and colours in the other, too: nothing else differs, as
    tests/browser/test_keyboard.py says. Where the page has scripts, a keyboard reaches everything in its
    content, too.
    """
    prepare_axe(page)
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    _assert_no_violation(page, _ALL, "dark" if is_dark else "light")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    _assert_no_violation(page, _COLOURS, "light" if is_dark else "dark")
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    _assert_within_the_window(page)
    if page.evaluate("Boolean(window.keyboard)"):
        assert_nothing_needs_a_mouse(page)
        assert_reached_by_keyboard(page)
        # The link to the content was followed: neither the address nor the way back is to show it.
        if page.url.endswith("#main"):
            page.evaluate("history.back()")
            page.wait_for_function("location.hash === ''")


def _assert_within_the_window(page: Page) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px wider than the window"


def _assert_no_violation(page: Page, rules: dict[str, object], scheme: str) -> None:
    found = page.evaluate(
        "(options) => axe.run(options).then((found) => found.violations)",
        {"runOnly": rules, "resultTypes": ["violations"]},
    )
    told = [(each["id"], each["help"], [node["html"] for node in each["nodes"]]) for each in found]
    assert not told, f"{page.url}, {scheme}: {told}"


class Loaded:
    """Counts what a page loads from here on."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", self._note)

    def _note(self, answer: Response) -> None:
        self._answers.append(answer)

    def begin(self) -> None:
        """Count from now on."""
        self._answers.clear()

    def bytes(self) -> int:
        """How many bytes came, without pictures."""
        # A redirection has no body; a stream has no end.
        bodies = [each for each in self._answers if not 300 <= each.status < 400 and not _is_stream(each)]
        return sum(each.request.sizes()["responseBodySize"] for each in bodies if not _is_picture(each))


def _is_picture(response: Response) -> bool:
    kind = response.headers.get("content-type", "")
    return kind.startswith("image/") and "svg" not in kind


def _is_stream(response: Response) -> bool:
    return response.headers.get("content-type", "").startswith("text/event-stream")


def shift(page: Page) -> float:
    """How much of the page moved by itself since it was opened (Cumulative Layout Shift)."""
    moved: float = page.evaluate("keyboard.moved()")
    return moved
