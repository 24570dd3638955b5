"""The application as people meet it: served on a port, in a real browser, on a phone and on a desktop."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import volenti
from tests.browser.house import House
from tests.browser.keyboard import listen
from tests.web.conftest import at, studied  # noqa: F401
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

#: Where Debian's package puts it, and what others call it; VOLENTI_CHROMIUM names another.
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Nothing but the pages is asked for: no updates, no accounts.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: A small phone that is held upright, and a laptop.
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
SIZES = {"phone": PHONE, "desktop": DESKTOP}


def chromium() -> str | None:
    """The path of a chromium; None where there is none."""
    return os.environ.get("VOLENTI_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skips the test where there is none."""
    found = chromium()
    if found is None:
        pytest.skip(
            "there is no chromium here (apt-get install chromium), nor does VOLENTI_CHROMIUM name one"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def house(at: Path) -> Iterator[House]:  # noqa: F811
    """The application over a workspace of its own, on a port of this machine."""
    with served(at) as house:
        yield house


class served:  # noqa: N801
    """Serves the application over a workspace for as long as the `with` lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> House:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        made = application(Workspaces(partial(volenti.open, self.folder)))
        self._server = uvicorn.Server(uvicorn.Config(made, log_level="error", access_log=False))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return House(self.folder, f"http://localhost:{port}")

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


@pytest.fixture
def context(browser: Browser, house: House) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser of its own, with nothing in it: `context("phone", dark=True, scripts=False)`."""
    made: list[BrowserContext] = []

    def make(
        size: str = "desktop", *, dark: bool = False, scripts: bool = True, language: str = "en"
    ) -> BrowserContext:
        new = browser.new_context(
            base_url=house.address,
            locale=language,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            **SIZES[size],
        )
        new.set_default_timeout(15_000)
        listen(new)
        made.append(new)
        return new

    yield make
    for each in made:
        each.close()


@pytest.fixture
def page(context: Callable[..., BrowserContext]) -> Page:
    """A page of a desktop browser."""
    return context().new_page()
