"""Offers: a page shows a button or a link to those alone who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.routing import compile_path
from starlette.testclient import TestClient

import volenti
from tests.web.addresses import address
from tests.web.conftest import PASSWORD, SITE
from tests.web.lived import Lived, lived
from volenti.users.user import UserRole
from volenti.web.application import application, doors
from volenti.web.room import Door
from volenti.web.workspaces import Workspaces

#: What a path says by name comes before what it leaves open.
DOORS = sorted(
    ((compile_path(each.path)[0], each) for each in doors()),
    key=lambda pair: [part.startswith("{") for part in pair[1].path.split("/")],
)


class Offers(HTMLParser):
    """What a page offers: methods and addresses of its links, forms and buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self._at = urlsplit(page).path
        self._method = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and "href" in given:
            self._add("GET", given["href"])
        elif tag == "form":
            self._method = (given.get("method") or "get").upper()
            self._add(self._method, given.get("action"))
        elif "formaction" in given:
            self._add(self._method, given["formaction"])

    def _add(self, method: str, href: str | None) -> None:
        self.found.add((method, urlsplit(urljoin(self._at, href or "")).path))


def door_of(method: str, path: str) -> Door | None:
    """The door that an address leads to; None for a file, and for what is elsewhere."""
    return next((each for way, each in DOORS if each.method == method and way.match(path)), None)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lived, TestClient]]:
    """A workspace that was lived in, and a browser at the application over it."""
    made = lived(tmp_path_factory.mktemp("lived"))
    with TestClient(application(Workspaces(partial(volenti.open, made.path))), base_url=SITE) as client:
        yield made, client


@pytest.mark.parametrize("role", sorted(UserRole))
def test_no_page_offers_what_is_shut(house: tuple[Lived, TestClient], role: str) -> None:
    made, browser = house
    browser.cookies.clear()
    browser.post("/sign-in", data={"login": f"{role}@example.org", "password": PASSWORD})
    seen: set[str] = set()
    with volenti.open(made.path) as ws:
        for door in doors():
            if door.method != "GET" or door.path.endswith("/events") or "provider" in door.path:
                continue
            if door.open_to is None or not door.lets_in([role]):
                continue
            page = browser.get(address(door.path, ws, made.given))
            if "text/html" not in page.headers.get("content-type", ""):
                continue
            offers = Offers(str(page.url))
            offers.feed(page.text)
            for method, path in offers.found:
                to = door_of(method, path)
                if to is not None:
                    assert to.open_to is None or to.lets_in([role]), f"{page.url} offers {method} {path}"
                    seen.add(f"{method} {to.path}")
    assert seen >= {"POST /sign-out", "GET /account"}
    if role == UserRole.OFFICER:
        assert seen >= {"POST /requests/{request}/run", "POST /people/{subject}/link", "GET /requests/new"}
