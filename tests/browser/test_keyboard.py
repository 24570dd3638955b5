"""Every page in a browser: by keyboard alone, open to everybody, light and still, on phone and desktop.

Each page is opened once on a desktop, in English, where a keyboard walks through it, and once on a phone, in
German and in dark: German words are the longest. What other tests look at are pages that come of something
that was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import volenti
from tests.browser.conftest import SIZES, served
from tests.browser.house import (
    BUDGET,
    House,
    Loaded,
    assert_fits,
    assert_open_to_everybody,
    prepare_axe,
    shift,
)
from tests.browser.keyboard import (
    assert_fields_take_what_is_typed,
    assert_nothing_needs_a_mouse,
    assert_reached_by_keyboard,
    assert_skips_the_navigation,
    listen,
    open_details,
)
from tests.web.addresses import address
from tests.web.conftest import PASSWORD
from tests.web.lived import SAFE, Lived, lived
from tests.web.routes import ALL, PERSON, ROUTES
from volenti.workspace.signings import ASKED

#: Routes that are no pages, and what they are instead.
OTHERS = {
    "/sign-in/provider": "leads to the identity provider (tests/web/test_provider.py)",
    "/requests/{request}/run": "leads to the plan",
    "/pictures/window": "tiles for the grid",
    "/jobs/{job}/events": "what a page of a job listens to",
    "/log/checkpoint": "text",
    "/log/{entry}/proof": "text",
    "/verify/page.html": "a file to keep",
}
#: How the paths of pictures, files to keep and scripts end.
FILES = (".jpg", ".svg", ".pdf", ".json", ".jsonld", ".js")
#: Who comes beside the users of each role; the last two have a second factor, and only the last has given it.
ANYBODY, VISITOR, WAITING, PROTECTED = "anybody", "person", "waiting", "protected"
#: Who opens a page, where it isn't everybody, the photographed person or a user of a role.
WHO = {
    "/sign-in/second": WAITING,
    "/account/factors/{factor}": PROTECTED,
    "/account/app": PROTECTED,
}
#: Pages that look otherwise to others, and what is shown where there is no page.
ALSO = [
    *(("/", role) for role in ("second-officer", "engineer", "licensee", "admin")),
    ("/api", "admin"),
    ("/pictures", "second-officer"),
    ("/desk/{question}", "second-officer"),
    ("/nowhere", ANYBODY),
    ("/people/nobody", "officer"),
]
#: What a page answers with, where that isn't 200.
STATUS = {("/nowhere", ANYBODY): 404, ("/people/nobody", "officer"): 404, ("/sign-in/back", ANYBODY): 400}
#: What a finger would miss on a phone.
SMALL = """[...document.querySelectorAll("button, summary, a.main, nav a, label:has(input[type=checkbox])")]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.9)
    .map((each) => each.outerHTML)"""
#: How much of a page may move by itself while it loads.
SHIFT_MAX = 0.01


def _who(path: str) -> str:
    """Who opens a page that some role may open."""
    roles = ROUTES["GET", path]
    if path in WHO:
        return WHO[path]
    if roles is None:
        return ANYBODY
    return VISITOR if roles == PERSON else "officer" if "officer" in roles else min(roles)


def _paths() -> list[str]:
    """The paths of the routes that are pages."""
    gets = [path for method, path in ROUTES if method == "GET"]
    return [path for path in gets if path not in OTHERS and not path.endswith(FILES)]


PAGES = [*((path, _who(path)) for path in _paths()), *ALSO]


@dataclass
class Visitors:
    """Whoever opens pages of one house, each in a browser of their own that stays signed in."""

    browser: Browser
    house: House
    lived: Lived
    tokens: dict[str, str] = field(default_factory=dict)
    pages: dict[tuple[str, str], tuple[Page, Loaded]] = field(default_factory=dict)

    def page(self, who: str, size: str) -> tuple[Page, Loaded]:
        """The page that somebody has open in a window of a size, and what counts what it loads."""
        if (who, size) not in self.pages:
            is_phone = size == "phone"
            made = self.browser.new_context(
                base_url=self.house.address,
                locale="de" if is_phone else "en",
                color_scheme="dark" if is_phone else "light",
                **SIZES[size],
            )
            made.set_default_timeout(15_000)
            listen(made)
            if who != ANYBODY:
                name = "volenti-person" if who == VISITOR else "volenti"
                made.add_cookies([{"name": name, "value": self._token(who), "url": self.house.address}])
            page = made.new_page()
            self.pages[who, size] = page, Loaded(page)
        return self.pages[who, size]

    def _token(self, who: str) -> str:
        """The token of somebody's session."""
        if who not in self.tokens:
            with volenti.open(self.house.folder) as ws:
                if who == VISITOR:
                    token = ws.subjects.enter(ws.subjects.link("ann"), ws.subjects.code("ann"))
                else:
                    login = SAFE if who in (WAITING, PROTECTED) else f"{who}@example.org"
                    token = ws.users.sign_in(login, PASSWORD)
                if who == PROTECTED:
                    token = ws.users.give_code(token, self.lived.recovery[0])
            self.tokens[who] = token
        return self.tokens[who]

    def address(self, path: str) -> str:
        """The address of a page, with identifiers that exist."""
        with volenti.open(self.house.folder) as ws:
            return address(path, ws, self.lived.given)


@pytest.fixture(scope="module")
def visitors(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """One house over a workspace that was lived in, and whoever comes."""
    made = lived(tmp_path_factory.mktemp("lived"))
    with served(made.path) as house:
        found = Visitors(browser, house, made)
        yield found
        for page, _ in found.pages.values():
            page.context.close()


def prepare(page: Page, path: str, url: str) -> None:
    """Do what there has to be before a page is shown."""
    if path == "/account/app":
        page.goto("/account")
        page.locator("form[action='/account/app'] button").click()
        page.wait_for_url("**/account/app")
    elif path == "/sign/{token}/summary":
        asked = dict.fromkeys((f"grant {each}" for each in ASKED), "no")
        said = {"name": "Ada Example", "birth_date": "1990-05-17", **asked}
        page.request.post(url.removesuffix("/summary"), form=said)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("path", "who"), PAGES)
def test_every_page_is_used_by_keyboard_and_keeps_nobody_out(
    visitors: Visitors, path: str, who: str, size: str
) -> None:
    (page, loaded), url = visitors.page(who, size), visitors.address(path)
    prepare(page, path, url)
    loaded.begin()
    answer = page.goto(url, wait_until="load")
    assert answer
    assert answer.status == STATUS.get((path, who), 200), url
    assert urlsplit(page.url).path == url or path == "/desk", f"{url} leads to {page.url}"
    prepare_axe(page)
    assert shift(page) < SHIFT_MAX
    assert loaded.bytes() < BUDGET
    if size == "phone":
        open_details(page)
        assert_fits(page)
        assert page.evaluate(SMALL) == [], url
        return
    if page.locator("nav").count():
        assert_skips_the_navigation(page)
    open_details(page)
    assert_open_to_everybody(page)
    assert_fields_take_what_is_typed(page)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", [VISITOR, *sorted(ALL)])
def test_the_navigation_is_walked_through(visitors: Visitors, who: str, size: str) -> None:
    """It is the same on all pages of somebody, which skip it."""
    page, _ = visitors.page(who, size)
    page.goto("/me" if who == VISITOR else "/")
    assert page.locator("header a").count() > 2
    assert_reached_by_keyboard(page, "header")


def test_every_route_is_a_page_or_is_listed_as_none(visitors: Visitors) -> None:
    gets = {path for method, path in ROUTES if method == "GET"}
    assert set(OTHERS) <= gets
    assert len(PAGES) > 60
    for path in sorted(gets - {each for each, _ in PAGES}):
        if path.endswith("/events"):
            continue  # it doesn't end
        request = visitors.page(_who(path), "desktop")[0].request
        answer = request.get(visitors.address(path), max_redirects=0)
        is_page = answer.status == 200 and "text/html" in answer.headers.get("content-type", "")
        assert not is_page or "<main" not in answer.text() or "content-disposition" in answer.headers, path
        assert path in OTHERS or answer.status == 200, f"{path}: {answer.status}"


#: A page as they should be; what makes a fault in it, and what is then said.
GOOD = """<!doctype html><title>a</title><style>:focus-visible { outline: 3px solid } input { display: block }
.low { margin-top: 2000px }</style><a class="skip" href="#main">skip</a><nav><a href="/a">a</a></nav>
<main id="main" tabindex="-1"><a href="/b">b</a><label>c <input name="c"></label><button>d</button>
<label>e <input type="radio" name="e"></label><label>f <input type="radio" name="e"></label>
<a class="low" href="/g">g</a></main>"""
FAULTS = {
    "a link out of the way": ('<a href="/b">', '<a href="/b" tabindex="-1">', "doesn't reach"),
    "an order of its own": ("<button>", '<button tabindex="1">', "first is"),
    "no mark": ("outline: 3px", "outline: 0px", "isn't marked"),
    "a bar above": (
        "</nav>",
        '</nav><p style="position: fixed; top: 0; height: 80vh; width: 90%; background: red">a</p>',
        "is below <p>",
    ),
    "out of sight": ("<button>", '<button style="position: fixed; left: -50px">', "px across"),
    "a trap": (
        "</main>",
        """<script>document.querySelector("button").onkeydown =
        (event) => event.preventDefault()</script></main>""",
        "doesn't get out",
    ),
    "no arrows": (
        "</main>",
        """<script>document.querySelector("[type=radio]").onkeydown =
        (event) => { if (event.key === "ArrowDown") event.preventDefault(); }</script></main>""",
        "arrow keys don't reach",
    ),
    "a click": (
        "</main>",
        """<span id="x">x</span><script>document.getElementById("x").addEventListener("click", () => {})
        </script></main>""",
        "<span id=x>",
    ),
    "a hand": ("</main>", '<div style="cursor: pointer">x</div></main>', "<div>"),
    "a button that is none": ("</main>", '<div role="button">x</div></main>', "<div>"),
    "nothing that skips": ('<a class="skip" href="#main">skip</a><nav>', "<nav>", "first is"),
    "skipping comes late": (
        '<a class="skip" href="#main">skip</a><nav>',
        '<nav><a href="/x">x</a><a class="skip" href="#main">skip</a>',
        "first is",
    ),
    "skipping leads nowhere": ('id="main" tabindex="-1"', 'id="content"', "leads elsewhere"),
    "keys in fields": (
        "</main>",
        """<script>document.addEventListener("keydown",
        (event) => { if (event.key === "x") event.preventDefault(); })</script></main>""",
        "takes what is typed",
    ),
    "keys beside fields": (
        "</main>",
        """<script>document.addEventListener("keydown",
        (event) => { if (event.key === "x") document.querySelector("button").click(); })</script></main>""",
        "taken for a command",
    ),
}


@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_each_fault_is_found(context: Callable[..., BrowserContext], fault: str) -> None:
    before, after, said = FAULTS.get(fault, ("</main>", "</main>", "none"))
    assert GOOD.count(before) == 1
    page = context().new_page()
    text = GOOD.replace(before, after)
    page.route("**/good", lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto("/good")

    def look() -> None:
        assert_skips_the_navigation(page)
        assert_nothing_needs_a_mouse(page)
        assert_reached_by_keyboard(page)
        assert_fields_take_what_is_typed(page)

    if fault == "none":
        look()
        return
    with pytest.raises(AssertionError, match=said):
        look()


def test_light_and_dark_differ_in_colours_alone() -> None:
    folder = Path(volenti.__file__).parent / "web" / "static"
    asking = [each.name for each in folder.glob("*.css") if "prefers-color-scheme" in each.read_text()]
    assert asking == ["tokens.css"]
    [dark] = re.findall(
        r"prefers-color-scheme: dark\) {\s*:root {(.*?)}", (folder / "tokens.css").read_text(), re.S
    )
    assert re.fullmatch(r"(\s*--[\w-]+: #[0-9a-f]{6};)+\s*", dark)
