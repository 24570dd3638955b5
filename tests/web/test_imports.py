"""Imports in the browser: a table is mapped, looked at, corrected and brought in; everything or nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.portraits import portrait
from tests.studio import Studio
from tests.web.conftest import form_of
from volenti.consent.tablefile import as_workbook
from volenti.core.signing import SigningKey

SignIn = Callable[[str], TestClient]
TABLE = (
    "Vorname,Nachname,Geburtsdatum,grant_commercial,Größe\r\n"
    "Ada,Lovelace,10.12.1985,ja,1.70\r\n"
    "Lin,Clark,31.02.1990,vielleicht,1.80\r\n"
)
FILL = {
    "controller": "A studio",
    "photographer": "Pat",
    "shoot_first_day": "2026-01-05",
    "territory": "DE",
    "governing_law": "DE",
    "method": "paper",
    "sublicensing": "no",
}
MAPPED = ("legal_name", "legal_name", "birth_date", "grant_commercial", "")


@pytest.fixture
def officer(signed_in: SignIn) -> TestClient:
    return signed_in("officer")


def said(form: str, text: str, *columns: str) -> dict[str, str]:
    """What the page sends once everything is chosen."""
    headings = text.splitlines()[0].split(",")
    mapped = {f"heading-{place}": each for place, each in enumerate(headings, 1)}
    mapped |= {f"column-{place}": each for place, each in enumerate(columns, 1)}
    fill = {f"fill-{name}": each for name, each in FILL.items()}
    return {"form": form, "text": text, "dates": "dd.mm.yyyy", "rest": "1", **mapped, **fill}


def text_of(page: str) -> str:
    found = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("made", [str.encode, as_workbook], ids=["csv", "xlsx"])
def test_a_table_is_mapped_corrected_in_place_and_brought_in_once(
    at: Path, officer: TestClient, made: Callable[[str], bytes]
) -> None:
    form = form_of(officer.get("/imports").text)
    first = officer.post(
        "/imports", data={"form": form, "do": "look"}, files={"table": ("t", made(TABLE))}
    ).text
    # What is known and what may be meant is chosen already; nothing comes in.
    assert re.findall(r'value="(\w+)" selected', first)[-2:] == ["birth_date", "grant_commercial"]
    text = text_of(first)
    given = said(form, text, *MAPPED)
    looked = officer.post("/imports", data={**given, "do": "look"}).text
    assert set(re.findall(r'name="(cell-\d+-\d+)"', looked)) == {"cell-3-3", "cell-3-4"}
    assert 'value="import"' not in looked
    refused = officer.post("/imports", data={**given, "do": "import"}).text
    assert "faults keep everything out" in refused
    corrected = {**given, "cell-3-3": "28.02.1990", "cell-3-4": "nein"}
    again = officer.post("/imports", data={**corrected, "do": "look"}).text
    assert 'value="import"' in again
    assert "28.02.1990" in text_of(again)
    with volenti.open(at) as ws:
        before = len(ws.subjects.list())
        final = said(form, text_of(again), *MAPPED)
        for new in (2, 0):
            done = officer.post("/imports", data={**final, "do": "import"}).text
            assert f"2 rows: {new} new" in done
            assert len(ws.subjects.list()) == before + 2
        [lin] = ws.subjects.find("lin clark")
        [release] = ws.releases.list(lin.id)
        assert not release.release.grants.yes


def test_photographs_and_scans_come_from_memory_and_nothing_lies_in_the_clear(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    photo, key = portrait(studio.detector, "ada"), SigningKey.new()
    scan = b"%PDF-1.4\n%a paper nobody else has\n%%EOF\n"
    table = "legal_name,birth_date,reference_file,scan_file\nAda Example,1990-05-17,fotos/ada.png,ada.pdf\n"
    fill = {**FILL, "grant_*": "no"}
    known = {**dict.fromkeys(("signed_at",), "2026-01-05"), **fill}

    def imported(beside: dict[str, bytes], *, dry_run: bool = False) -> list[str]:
        report = studio.ws.subjects.import_(
            table.encode(), beside=beside, fill=known, key=key.to_bytes(), dry_run=dry_run
        )
        return [each.field for each in report.problems if each.fatal] or list(report.imported)

    assert imported({"ada.pdf": scan}) == ["reference_file"]
    assert imported({"a/ada.png": photo.data, "b/ada.png": b"x", "ada.pdf": scan}) == ["reference_file"]
    assert imported({"ada.png": photo.data}) == ["scan_file"]
    assert len(imported({"ada.png": photo.data, "ada.pdf": scan}, dry_run=True)) == 1
    [name] = imported({"ada.png": photo.data, "ada.pdf": scan})
    found = studio.ws.releases.show(name)
    assert (found.method, found.today) == ("attested", "signed")
    assert studio.ws.subjects.show(found.subject.id).references[0].digest == photo.digest
    studio.ws.close()
    for each in tmp_path.rglob("*"):
        if each.is_file():
            data = each.read_bytes()
            assert photo.data[100:200] not in data, each
            assert b"nobody else has" not in data, each
            assert b"Ada Example" not in data, each


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"PK\x03\x04 no workbook", 400),
        (b"\xff\xfe\x00", 400),
        (b"\x00\x01", 400),
        (b"one\n", 200),
    ],
)
def test_what_is_no_table_is_said(officer: TestClient, data: bytes, status: int) -> None:
    form = form_of(officer.get("/imports").text)
    answer = officer.post("/imports", data={"form": form, "do": "import"}, files={"table": ("t.csv", data)})
    assert answer.status_code == status
    assert 'value="import"' not in answer.text


def test_a_table_in_another_encoding_is_read_once_it_is_said_which(officer: TestClient) -> None:
    form, data = form_of(officer.get("/imports").text), TABLE.encode("cp1252")
    for encoding, status in (("", 400), ("cp1252", 200), ("no-such", 400)):
        said = {"form": form, "do": "look", "encoding": encoding}
        answer = officer.post("/imports", data=said, files={"table": ("t.csv", data)})
        assert answer.status_code == status, encoding
        assert ("Größe" in answer.text) is (status == 200)


def test_script_in_a_cell_is_text(officer: TestClient) -> None:
    form = form_of(officer.get("/imports").text)
    table = b'legal_name,"<script>x</script>"\n<b>Ada</b>,</textarea><script>y</script>\n'
    page = officer.post("/imports", data={"form": form, "do": "look"}, files={"table": ("t", table)}).text
    assert "<script>x" not in page
    assert "<script>y" not in page
    assert "<b>Ada" not in page
