"""People, releases, shoots, imports and policies in a browser: by phone and desktop, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import House, assert_open_to_everybody, sign_in

Make = Callable[..., BrowserContext]
TABLE = (
    "Vorname,Nachname,Geburtsdatum,grant_commercial\nAda,Lovelace,10.12.1985,ja\nLin,Clark,31.02.1990,ja\n"
)
FILL = {
    "Given to": "A studio",
    "Photographer": "Pat",
    "First day of the shoot": "2026-01-05",
    "Countries": "DE",
    "Law": "DE",
    "How it was signed": "paper",
    "May be passed on in turn": "no",
}


def test_people_are_found_while_one_types_and_no_name_stands_in_the_address(page: Page) -> None:
    sign_in(page, "officer")
    page.goto("/people")
    page.get_by_label("Name, contact or identifier").press_sequentially("ben", delay=20)
    expect(page.get_by_role("link", name="Legal ann")).to_have_count(0)
    expect(page.get_by_role("link", name="Legal ben")).to_be_visible()
    assert page.url.endswith("/people")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/ben")


def test_without_scripts_people_are_found_and_a_yes_is_taken_back(context: Make) -> None:
    page = context("phone", scripts=False).new_page()
    sign_in(page, "officer")
    page.goto("/people")
    page.get_by_label("Name, contact or identifier").fill("ann")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Legal ann").click()
    page.get_by_role("link", name="any shoot").click()
    page.get_by_role("link", name="They take it back").click()
    page.get_by_label("everything in this release").check()
    page.get_by_role("button", name="Take it back now").click()
    expect(page.get_by_text("withdrawn", exact=True)).to_be_visible()


def test_headings_are_dragged_onto_fields_and_a_fault_is_corrected_in_its_cell(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(TABLE)
    sign_in(page, "officer")
    page.goto("/imports")
    page.get_by_label("A table: CSV or Excel (.xlsx)").set_input_files(tmp_path / "list.csv")
    checked = page.locator("#checked")
    for place in (1, 2):
        page.locator(f'[data-place="{place}"]').drag_to(page.locator('[data-field="legal_name"]'))
        expect(page.locator(f"[name=column-{place}]")).to_have_value("legal_name", timeout=20_000)
        expect(checked).not_to_have_attribute("aria-busy", "true")
    for label, text in FILL.items():
        page.locator("section", has_text="The same in every row").get_by_label(label).fill(text)
    page.get_by_label("What the table has no column for is a no.").check()
    page.get_by_label("How days are written").select_option("dd.mm.yyyy")
    cell = page.get_by_label("Geburtsdatum in row 3")
    expect(cell).to_have_value("31.02.1990", timeout=20_000)
    expect(page.get_by_text("isn't a calendar date")).to_be_visible()
    assert_open_to_everybody(page)
    cell.fill("28.02.1990")
    page.get_by_role("button", name="Look at it again").last.click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="It is done")).to_be_visible()


def test_a_table_is_imported_without_scripts(context: Make, house: House, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(TABLE.replace("31.02", "28.02"))
    page = context(scripts=False).new_page()
    sign_in(page, "officer")
    page.goto("/imports")
    page.get_by_label("A table: CSV or Excel (.xlsx)").set_input_files(tmp_path / "list.csv")
    page.get_by_role("button", name="Look at it").click()
    for place in (1, 2):
        page.locator(f"[name=column-{place}]").select_option("legal_name")
    for label, text in FILL.items():
        page.locator("section", has_text="The same in every row").get_by_label(label).fill(text)
    page.get_by_label("What the table has no column for is a no.").check()
    page.get_by_label("How days are written").select_option("dd.mm.yyyy")
    page.get_by_role("button", name="Look at it again").last.click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("2 rows: 2 new")).to_be_visible()
