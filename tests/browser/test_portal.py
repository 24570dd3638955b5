"""The portal as people meet it: on phone and desktop, without scripts; and how soon a withdrawal counts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

import volenti
from tests.browser.house import House, assert_open_to_everybody, let_in
from tests.studio import Studio
from volenti.workspace.workspace import Workspace

Make = Callable[..., BrowserContext]

#: What another process sees: when the first part of a model isn't served any more.
WATCH = """
import sys, time, volenti
with volenti.open(sys.argv[1]) as ws:
    store, [run] = ws.parts.training.model_store, ws.parts.training.runs()
    assert not store.suspensions(run.id)
    print("ready", flush=True)
    while not store.suspensions(run.id):
        time.sleep(0.01)
    print(time.time(), flush=True)
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose model learned from two people, who are also in one picture."""
    studio = Studio.open(tmp_path_factory.mktemp("trained"), on_disk=True)
    studio.shoot("ann", "ben", photos=4)
    studio.photo("ann", "ben")
    studio.photo("ann", "a stranger")
    studio.trained()
    studio.ws.close()
    return studio.ws.path


@pytest.fixture
def at(trained: Path, tmp_path: Path) -> Path:
    """A copy of it, which `house` serves."""
    return Path(shutil.copytree(trained, tmp_path / "workspace"))


def test_somebody_takes_everything_back_with_the_keyboard_and_without_scripts(
    context: Make, at: Path
) -> None:
    page = context("phone", scripts=False, language="de").new_page()
    let_in(page, at)
    assert page.get_by_role("heading", name="Guten Tag, Legal ann").is_visible()
    everything = page.locator("summary", has_text="Alles zurücknehmen")
    everything.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Zurückgenommen: das gilt ab diesem Moment.").wait_for()
    page.goto("/me")
    assert page.locator("details").count() == 0


def test_a_yes_taken_back_stops_what_learned_from_it_within_a_second(
    context: Make, at: Path, house: House
) -> None:
    page = context("phone").new_page()
    let_in(page, at)
    other = subprocess.Popen([sys.executable, "-c", WATCH, str(at)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        training = page.locator("li", has_text="Train models that make new pictures.")
        training.locator("summary").click()
        pressed = time.time()
        training.get_by_role("button", name="Yes, take it back now").click()
        stopped = float(other.stdout.readline())
        page.get_by_text("Taken back: it counts from this moment on.").wait_for()
    finally:
        other.kill()
        other.wait()
    assert stopped - pressed < 1
    page.goto("/me/uses")
    assert page.get_by_text("Nothing that learned from you is served").is_visible()


def test_requests_are_made_followed_and_answered(context: Make, at: Path) -> None:
    page = context("phone").new_page()
    let_in(page, at)
    page.goto("/me/requests")
    page.get_by_role("link", name="See everything that is held of me").click()
    page.get_by_role("button", name="Ask for it").click()
    assert_open_to_everybody(page)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download everything").click()
    assert started.value.suggested_filename.endswith(".zip")
    page.goto("/me/requests")
    page.get_by_role("link", name="Erase everything").click()
    page.get_by_role("button", name="Yes, erase everything").click()
    assert_open_to_everybody(page)
    page.get_by_role("link", name="Follow my erasure").click()
    page.get_by_text("30 days are left").or_(page.get_by_text("29 days are left")).wait_for()
    assert_open_to_everybody(page)


@pytest.mark.parametrize("path", ["/am-i-in-there", "/me/link"])
def test_whoever_speaks_spanish_finds_the_way(context: Make, path: str) -> None:
    page = context("phone", language="es").new_page()
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "es"
    assert_open_to_everybody(page)


def test_another_person_in_the_picture_is_made_unrecognisable(context: Make, at: Path) -> None:
    page = context().new_page()
    let_in(page, at)
    with volenti.open(at) as ws:
        both = _of_both(ws)
    page.goto(f"/me/pictures/{both}")
    page.get_by_text("Others in it are made unrecognisable here.").wait_for()
    colours = page.evaluate(
        """async (path) => {
          const bitmap = await createImageBitmap(await (await fetch(path)).blob());
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          canvas.drawImage(bitmap, 0, 0);
          const at = (left, number) =>
            canvas.getImageData(left + (number % 20), 10 + Math.floor(number / 20), 1, 1).data.join();
          const count = (left) => new Set(Array.from({ length: 400 }, (_, number) => at(left, number))).size;
          return [count(10), count(60)];
        }""",
        f"/me/pictures/{both}/large.jpg",
    )
    assert sorted(each == 1 for each in colours) == [False, True], "one of the two faces is one colour"


def _of_both(ws: Workspace) -> str:
    for each in ws.pictures.find(person="ann").pictures:
        if set(each.people) == {"ann", "ben"}:
            return each.id
    raise AssertionError("no picture of both")
