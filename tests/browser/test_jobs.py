"""Jobs in a browser: the bar moves by itself, and without scripts a reload shows the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

import volenti
from tests.browser.house import House, assert_open_to_everybody, shift, sign_in
from volenti.core.progress import Progress
from volenti.workspace import job_verbs

Make = Callable[..., BrowserContext]


class Worker:
    """A worker in a thread; its audits stand still at their middle for as long as the `with` lasts."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._go_on = threading.Event()
        patch.setattr(job_verbs, "do", self._do)

    def _do(self, ws: volenti.Workspace, verb: str, arguments: object, progress: Progress) -> object:
        progress.begin("Opening every row", 200)
        time.sleep(1.1)
        progress.advance(100)
        self._go_on.wait(20)
        return ws.audit()

    def _work(self) -> None:
        with volenti.open(self._folder) as ws:
            ws.jobs.work(once=True)

    def __enter__(self) -> Worker:
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        return self

    def go_on(self) -> None:
        """End what stands still."""
        self._go_on.set()
        self._thread.join()

    def __exit__(self, *_: object) -> None:
        self.go_on()


def test_a_job_is_seen_from_its_beginning_to_its_end(
    context: Make, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with volenti.open(house.folder) as ws:
        ws.jobs.stop(ws.jobs.start("dataset cut", {"name": "a", "purpose": "generative-training"}).id)
        job = ws.jobs.start("audit", by=ws.users.list()[0].id).id
    page, plain = context("phone").new_page(), context(scripts=False).new_page()
    for each in (page, plain):
        sign_in(each, "officer")
    with Worker(house.folder, monkeypatch) as worker:
        page.goto("/jobs")
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "50")
        assert shift(page) < 0.01
        assert_open_to_everybody(page)
        page.locator("main").get_by_role("link", name="Audit").click()
        expect(page.get_by_text("Opening every row: 100 of 200")).to_be_visible()
        plain.goto(f"/jobs/{job}")
        assert plain.get_by_role("progressbar").get_attribute("value") == "50"
        worker.go_on()
        expect(page.get_by_text("done", exact=True)).to_be_visible()
        plain.reload()
        assert plain.get_by_text("done", exact=True).is_visible()


def test_a_job_is_stopped_in_two_steps_without_scripts(context: Make, house: House) -> None:
    with volenti.open(house.folder) as ws:
        job = ws.jobs.start("audit").id
    page = context(scripts=False).new_page()
    sign_in(page, "officer")
    page.goto(f"/jobs/{job}")
    page.get_by_text("Stop it …").click()
    page.get_by_role("button", name="Stop it now").click()
    page.get_by_text("stopped", exact=True).wait_for()
