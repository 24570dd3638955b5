"""The rooms about pictures in a real browser: scrolled, chosen, dropped, and without scripts."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page

import volenti
from tests.browser.house import House, assert_open_to_everybody, sign_in

Make = Callable[..., BrowserContext]


def png(red: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (red % 256, red // 256, 90)).save(out, "PNG")
    return out.getvalue()


def fill(house: House, count: int) -> None:
    """Take in so many pictures that a window shows only some of them."""
    with volenti.open(house.folder) as ws:
        for number in range(count):
            ws.pictures.add(f"{number:04d}.png", png(number), shoot="many")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_what_changes_a_picture_is_open_to_everybody(context: Make, size: str) -> None:
    page = context(size).new_page()
    sign_in(page, "officer")
    page.goto("/pictures?state=cleared")
    page.locator(".tile a").first.click()
    page.get_by_role("button", name="Correct …").click()
    assert_open_to_everybody(page)
    page.go_back()
    page.get_by_role("button", name="Remove …").click()
    assert_open_to_everybody(page)


def test_the_scroll_bar_goes_over_all_pictures(context: Make, house: House) -> None:
    fill(house, 300)
    page = context().new_page()
    sign_in(page, "officer")
    page.goto("/pictures", wait_until="networkidle")
    last = oldest(house)
    assert page.locator(f'a[href="/pictures/{last}"]').count() == 0
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.locator(f'a[href="/pictures/{last}"] img').wait_for()
    assert page.locator(".tile").count() < 250
    page.wait_for_url(re.compile("start="))
    page.reload(wait_until="networkidle")
    page.locator(f'a[href="/pictures/{last}"] img').wait_for()


def oldest(house: House) -> str:
    with volenti.open(house.folder) as ws:
        window = ws.pictures.window(count=1000, states=["cleared", "held", "waiting"])
        return window.pictures[-1].id


def test_what_was_chosen_is_corrected_together(context: Make, house: House) -> None:
    page = context().new_page()
    sign_in(page, "officer")
    page.goto("/pictures?state=cleared")
    for box in page.locator(".pick input").all()[:2]:
        box.check()
    page.get_by_role("button", name="Correct …").click()
    page.get_by_label("Shoot", exact=True).fill("autumn")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("button", name="Change it").click()
    page.wait_for_url("**/pictures")
    with volenti.open(house.folder) as ws:
        assert ws.pictures.window(shoot="autumn").total == 2


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Choose files, as dropping them does."""
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "", "buffer": data} for name, data in files.items()]
    )


def test_files_are_sent_one_by_one_and_again_without_doubling(context: Make, house: House) -> None:
    page = context().new_page()
    sign_in(page, "officer")
    page.goto("/pictures/add")
    page.get_by_label("Shoot").fill("spring")
    files = {f"{each}.png": png(each) for each in range(5)} | {"0.txt": b"a red wall", "x.xmp": b"<x/>"}
    drop(page, files)
    page.get_by_text("6 / 6: ").wait_for()
    drop(page, files)
    page.get_by_text("12 / 12: ").wait_for()
    assert "5 taken in" in page.locator("[data-sum]").inner_text()
    assert "5 was taken in before" in page.locator("[data-sum]").inner_text()
    with volenti.open(house.folder) as ws:
        found = ws.pictures.list(state="waiting").pictures
        assert {each.file for each in found} == {f"{each}.png" for each in range(5)}
        assert {each.shoot for each in found} == {"spring"}
        assert [each.caption for each in found if each.file == "0.png"] == ["a red wall"]
    page.get_by_role("link", name="See what waits").click()
    page.locator(".tile").nth(4).wait_for()


def test_the_grid_and_adding_work_without_scripts(context: Make, house: House, tmp_path: Path) -> None:
    fill(house, 80)
    page = context(scripts=False).new_page()
    sign_in(page, "officer")
    page.goto("/pictures")
    assert page.locator(".tile").count() == 60
    page.get_by_role("link", name="Older").click()
    assert page.locator(".tile").count() > 20
    page.goto("/pictures/add")
    drop(page, {"by hand.png": png(5000)})
    page.get_by_role("button", name="Take them in").click()
    page.get_by_text("by hand.png").wait_for()
