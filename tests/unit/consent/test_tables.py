"""Tables as spreadsheets save them: whatever they make of a cell or a file is read, or told."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from volenti.consent.cells import CellError, answer_in, check_dates, day_in, moment_in, place_in, places_in
from volenti.consent.columns import COLUMNS, Cell
from volenti.consent.countries import country_named
from volenti.consent.headings import Notation
from volenti.consent.importing import import_file
from volenti.consent.purpose import Grant
from volenti.consent.spreadsheet import rows_of
from volenti.consent.tablefile import decoded, lines_of, lines_of_workbook, trimmed
from volenti.consent.territory import COUNTRIES, WORLD
from volenti.core.errors import UsageError

FILLED = {
    "legal_name": "Änne Müller",
    "birth_date": "1990-05-17",
    "controller": "Studio",
    "photographer": "Pat",
    "shoot_first_day": "2026-11-01",
    "shoot_last_day": "2026-11-02",
    **{f"grant_{grant.replace('-', '_')}": "no" for grant in Grant},
    "territory": "DE FR",
    "valid_from": "2026-01-01",
    "sublicensing": "no",
    "governing_law": "DE",
    "method": "paper",
}


def text_of(*rows: dict[str, str], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.fixture
def write(tmp_path):
    """Writes a table and returns its path."""

    def write(content: str | bytes, name: str = "people.csv") -> Path:
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


# -- cells


@pytest.mark.parametrize(
    "text",
    ["yes", "Yes", "y", "ja", "JA", "j", "sí", "Sí", "SI", "s", "x", "X", "1", "true", "WAHR", "VERDADERO"],
)
def test_a_yes_is_a_yes_in_three_languages(text):
    assert answer_in(text) is True


@pytest.mark.parametrize("text", ["no", "No", "NEIN", "nein", "n", "0", "false", "FALSCH", "Falso"])
def test_a_no_is_a_no_in_three_languages(text):
    assert answer_in(text) is False


@pytest.mark.parametrize("text", ["", "-", "?", "maybe", "oui", "ja?", "2", "yes no", "#N/A"])
def test_what_is_neither_is_told(text):
    with pytest.raises(CellError, match="neither yes nor no"):
        answer_in(text)


@pytest.mark.parametrize(
    ("text", "dates", "day"),
    [
        ("1990-05-17", "", "1990-05-17"),
        ("1990-05-17 00:00:00", "", "1990-05-17"),
        ("1990-05-17T00:00:00", "", "1990-05-17"),
        ("1990-05-17 13:30", "", "1990-05-17"),
        ("1990-05-17 13:30:59", "dd.mm.yyyy", "1990-05-17"),
        ("1990-05-17", "dd.mm.yyyy", "1990-05-17"),
        ("17.05.1990", "dd.mm.yyyy", "1990-05-17"),
        ("17.5.1990", "dd.mm.yyyy", "1990-05-17"),
        ("3.4.1990", "dd.mm.yyyy", "1990-04-03"),
        ("17. 5. 1990", "dd.mm.yyyy", "1990-05-17"),
        ("03/04/1990", "dd/mm/yyyy", "1990-04-03"),
        ("03/04/1990", "mm/dd/yyyy", "1990-03-04"),
        ("17-05-1990", "dd-mm-yyyy", "1990-05-17"),
        ("1990/05/17", "yyyy/mm/dd", "1990-05-17"),
        ("29.02.2000", "dd.mm.yyyy", "2000-02-29"),
        ("17.05.1990 00:00:00", "dd.mm.yyyy", "1990-05-17"),
    ],
)
def test_a_day_is_read_as_it_was_said_to_be_written(text, dates, day):
    assert day_in(text, dates) == day


@pytest.mark.parametrize(
    ("text", "dates", "said"),
    [
        ("17.05.1990", "", "--dates dd.mm.yyyy"),
        ("3.4.1990", "", "day first? --dates dd.mm.yyyy"),
        ("03/04/1990", "", "Month first? --dates mm/dd/yyyy"),
        ("17/05/1990", "", "--dates dd/mm/yyyy"),
        ("1990/05/17", "", "--dates yyyy/mm/dd"),
        ("17.05.90", "", "--dates"),
        ("17.05.90", "dd.mm.yyyy", "four digits"),
        ("17/05/1990", "dd.mm.yyyy", "one written dd.mm.yyyy"),
        ("31.02.1990", "dd.mm.yyyy", "isn't a calendar date"),
        ("05.17.1990", "dd.mm.yyyy", "isn't a calendar date"),
        ("1990-02-30", "", "isn't a calendar date"),
        ("33010", "", "is a number, which spreadsheets show as 1990-05-17 in a cell formatted as a date"),
        ("33010", "dd.mm.yyyy", "which spreadsheets show as 1990-05-17"),
        ("33010.5625", "", "which spreadsheets show as 1990-05-17"),
        ("123", "", "isn't a calendar date"),
        ("soon", "", "isn't a calendar date"),
        ("1990-05-17T23:30:00Z", "", "isn't a calendar date"),
        ("1990-05-17 25:00", "", "isn't a calendar date"),
        ("1990-02-30 13:30", "", "isn't a calendar date"),
        ("17 May 1990", "dd.mm.yyyy", "one written dd.mm.yyyy"),
    ],
)
def test_a_day_is_never_guessed(text, dates, said):
    with pytest.raises(CellError) as caught:
        day_in(text, dates)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "notation",
    ["dd.mm.yy", "d.m.y", "dd.mm", "german", "dd.mm/yyyy", "dd.dd.yyyy", "yyyy-dd-mm", "dd/yyyy/mm"],
)
def test_what_isnt_a_notation_of_dates_is_an_error(notation):
    with pytest.raises(UsageError, match="isn't a notation of dates"):
        check_dates(notation)


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.permutations(["dd", "mm", "yyyy"]).filter(lambda parts: parts[1] != "yyyy"),
    st.sampled_from(["/", ".", "-", " "]),
)
def test_whatever_the_notation_a_day_comes_back(day, parts, mark):
    written = {"dd": f"{day.day:02d}", "mm": f"{day.month:02d}", "yyyy": f"{day.year:04d}"}
    assume(parts != ["yyyy", "dd", "mm"] or mark != "-")
    text = mark.join(written[each] for each in parts)
    assert day_in(text, check_dates(mark.join(parts))) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "dates", "moment"),
    [
        ("2026-11-01", "", "2026-11-01T00:00:00Z"),
        ("01.11.2026", "dd.mm.yyyy", "2026-11-01T00:00:00Z"),
        ("2026-11-01T12:30:00Z", "", "2026-11-01T12:30:00Z"),
        ("2026-11-01 00:00:00", "", "2026-11-01T00:00:00Z"),
    ],
)
def test_a_day_of_signing_is_its_beginning(text, dates, moment):
    assert moment_in(text, dates) == moment


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[
            (name, "DE")
            for name in ("Germany", "Deutschland", "Alemania", "deutschland", "DEUTSCHLAND", "DE")
        ],
        *[(name, "AT") for name in ("Austria", "Österreich", "osterreich")],
        *[(name, "ES") for name in ("Spain", "Spanien", "España", "Espana")],
        *[
            (name, "US")
            for name in ("United States", "USA", "Vereinigte Staaten", "Estados Unidos", "EE. UU.")
        ],
        *[
            (name, "GB")
            for name in ("United Kingdom", "Vereinigtes Königreich", "Reino Unido", "Great Britain")
        ],
        *[(name, "CH") for name in ("Switzerland", "Schweiz", "Suiza", " schweiz ")],
        *[(name, "TR") for name in ("Türkiye", "Turkey", "Türkei")],
        *[(name, None) for name in ("Germania", "EX", "DEX", "UK", "de", "no", "Europe", "")],
    ],
)
def test_a_country_is_known_by_its_names_in_three_languages(text, code):
    assert country_named(text) == code


def test_every_country_has_a_name_in_every_language():
    from babel import Locale

    for language in ("en", "de", "es"):
        names = Locale(language).territories
        assert {code for code in COUNTRIES if country_named(names[code]) != code} == set()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("DE FR", ["DE", "FR"]),
        ("DE,FR;AT", ["DE", "FR", "AT"]),
        ("Deutschland, Österreich", ["DE", "AT"]),
        ("Vereinigte Staaten; Spanien", ["US", "ES"]),
        ("DE\nFR", ["DE", "FR"]),
        ("weltweit", [WORLD]),
        ("Todo el mundo", [WORLD]),
        ("WORLD", [WORLD]),
        ("Germania", ["Germania"]),
        ("", []),
    ],
)
def test_territories_are_lists_of_countries(text, places):
    assert places_in(text) == places


def test_what_names_no_country_stays_to_be_refused():
    assert place_in("the law of the sea") == "the law of the sea"


# -- files


@pytest.mark.parametrize(
    ("before", "encoding", "given"),
    [
        ("", "utf-8", ""),
        ("", "utf-8-sig", ""),
        ("", "utf-16", ""),
        ("\ufeff", "utf-16-le", ""),
        ("\ufeff", "utf-16-be", ""),
        ("", "cp1252", "cp1252"),
        ("", "mac-roman", "mac-roman"),
        ("sep=;\r\n", "utf-8-sig", ""),
        ("sep=;\n", "cp1252", "cp1252"),
        ("SEP=;\r\n", "utf-16", ""),
    ],
)
def test_a_file_is_read_however_it_was_saved(desk, write, before, encoding, given):
    delimiter = ";" if "=" in before else ","
    path = write((before + text_of(FILLED, delimiter=delimiter)).encode(encoding))
    report = import_file(desk.consent, path, notation=Notation(encoding=given))
    assert not report.refused, report.problems
    assert [each.legal_name for each in desk.consent.subjects()] == ["Änne Müller"]


@pytest.mark.parametrize(
    ("data", "encoding", "said"),
    [
        ("Müller".encode("cp1252"), "", "--encoding cp1252"),
        ("legal_name".encode("utf-16-le"), "", "isn't text"),
        (b"\xef\xbb\xbfM\xfcller", "", "isn't UTF-8 text"),
        (b"\xff\xfeM", "", "isn't UTF-16 text"),
        (b"\x81\x8d", "cp1252", "isn't CP1252 text"),
        (b"PK\x03\x04\0\0\0", "", "isn't text"),
    ],
)
def test_bytes_that_arent_text_say_how_to_save(desk, write, data, encoding, said):
    (problem,) = import_file(desk.consent, write(data), notation=Notation(encoding=encoding)).problems
    assert said in str(problem)
    assert ".xlsx" in str(problem)


@pytest.mark.parametrize("encoding", ["cp99999", "hex", "rot13", "nothing"])
def test_what_isnt_an_encoding_is_an_error(encoding):
    with pytest.raises(UsageError, match="no encoding"):
        decoded(b"Ada", encoding)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\r\n", ";;;\r\n"),
        lambda text: text + ";;;;;;;\r\n" * 3,
        lambda text: "\r\n\r\n" + text,
        lambda text: text.replace("\r\n", "\n"),
        lambda text: text.replace("legal_name", " Legal Name ").replace("birth_date", "BIRTH-DATE"),
        lambda text: text.replace("legal_name", '"Legal\nName"'),
        lambda text: text.replace("Änne Müller", "  Änne   Müller "),
        lambda text: text.replace("Änne Müller", '"Änne\nMüller"'),
    ],
    ids=[
        "trailing",
        "empty rows",
        "begins later",
        "unix",
        "headings",
        "heading lines",
        "spaces",
        "name lines",
    ],
)
def test_what_spreadsheets_add_doesnt_matter(change):
    plain = text_of(FILLED, delimiter=";")
    ((_, wanted, _),) = rows_of(lines_of(plain))
    ((_, entry, problems),) = rows_of(lines_of(change(plain)))
    assert problems == []
    assert entry == wanted


def test_a_row_may_end_where_its_last_filled_cell_is():
    row = FILLED | {"notes": "", "witness": ""}
    text = text_of(row).replace("paper,,", "paper")
    ((_, entry, problems),) = rows_of(lines_of(text))
    assert (problems, entry["subject"]["notes"]) == ([], "")


def test_upper_case_digests_are_digests(desk, write, tmp_path):
    (tmp_path / "ada.jpg").write_bytes(desk.photo.data)
    row = FILLED | {"reference_file": "ada.jpg", "reference_sha256": desk.photo.digest.upper()}
    report = import_file(desk.consent, write(text_of(row)))
    assert not report.refused
    assert desk.consent.release(report.imported[0]).release.shoot.reference == desk.photo.digest


@pytest.mark.parametrize("name", ["photos/ada.jpg", "photos\\ada.jpg"])
def test_a_digest_is_taken_from_the_file_beside_the_table(desk, write, tmp_path, name):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "ada.jpg").write_bytes(desk.photo.data)
    report = import_file(desk.consent, write(text_of(FILLED | {"reference_file": name})))
    assert not report.refused
    assert desk.consent.release(report.imported[0]).release.shoot.reference == desk.photo.digest


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"])), min_size=1), min_size=1),
    st.sampled_from([",", ";", "\t"]),
    st.integers(0, 3),
)
def test_cells_come_back_whatever_separates_them(rows, delimiter, trailing):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([*row, *[""] * trailing] for row in rows)
    found = trimmed(lines_of(f"sep={delimiter}\r\n" + text.getvalue()))
    wanted = [(number, row) for number, row in enumerate(rows, 1)]
    assert list(found) == list(trimmed(wanted))


# -- workbooks


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(1990, 5, 17), "1990-05-17"),
        (datetime(1990, 5, 17), "1990-05-17"),
        (datetime(1990, 5, 17, 13, 5), "1990-05-17 13:05:00"),
        (True, "yes"),
        (False, "no"),
        (2, "2"),
        (2.0, "2"),
        (2.5, "2.5"),
        ("Änne", "Änne"),
        (time(13, 5), "13:05:00"),
    ],
)
def test_a_cell_of_a_workbook_is_as_in_csv(value, text):
    assert list(lines_of_workbook(workbook(["a", value]))) == [(1, ["a", text])]


def test_a_workbook_comes_in_as_its_csv_does(desk, write):
    row = {
        **FILLED,
        "birth_date": date(1990, 5, 17),
        "valid_from": datetime(2026, 1, 1),
        "sublicensing": False,
    }
    first = import_file(desk.consent, write(workbook(list(row), [], list(row.values())), "people.xlsx"))
    assert (len(first.imported), first.refused) == (1, False)
    again = import_file(desk.consent, write(text_of(FILLED)))
    assert (again.imported, again.unchanged) == ((), first.imported)


def test_rows_of_a_workbook_are_counted_as_excel_does(desk, write):
    row = FILLED | {"sublicensing": "perhaps"}
    table = workbook(["", ""], list(row), [], list(row.values()))
    (problem,) = import_file(desk.consent, write(table, "people.xlsx")).problems
    assert (problem.row, problem.field) == (4, "sublicensing")


def bomb() -> bytes:
    """A workbook whose sheet declares entities that grow tenfold each."""
    grown = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    sheet = (
        f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{grown}]><worksheet><sheetData>&a9;</sheetData></worksheet>'
    )
    data, out = io.BytesIO(workbook(["a"])), io.BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            new.writestr(each, sheet if "sheet1.xml" in each else old.read(each))
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"not a workbook", workbook(["a"])[:200], bomb()],
    ids=["empty", "text", "cut off", "bomb"],
)
def test_what_isnt_a_workbook_is_told(desk, write, data):
    (problem,) = import_file(desk.consent, write(data, "people.xlsx")).problems
    assert "can't be read as a workbook" in str(problem)


def test_of_several_filled_sheets_none_is_guessed(desk, write):
    book = Workbook()
    for _ in range(2):
        book.create_sheet().append(["legal_name"])
    data = io.BytesIO()
    book.save(data)
    (problem,) = import_file(desk.consent, write(data.getvalue(), "people.xlsx")).problems
    assert "several sheets" in str(problem)


# -- headings


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("Name", {"Name": "legal_name"}),
        ("name", {"Name": "legal_name"}),
        (" NAME ", {"name": "legal_name"}),
        ("Vor- und Nachname", {"vor und nachname": "legal_name"}),
        ("Legal name", {}),
        ("LEGAL_NAME", {}),
        ("legal-name", {}),
    ],
)
def test_a_heading_stands_for_a_column(heading, columns):
    text = text_of(FILLED).replace("legal_name", heading)
    ((_, entry, problems),) = rows_of(lines_of(text), Notation(columns))
    assert (problems, entry["subject"]["legal_name"]) == ([], "Änne Müller")


def test_a_heading_can_be_left_out():
    text = text_of(FILLED | {"Bemerkung": "ruft an"})
    ((_, entry, problems),) = rows_of(lines_of(text), Notation({"Bemerkung": ""}))
    assert problems == []
    assert "ruft an" not in str(entry)


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (
            {"Vorname": "x"},
            "Vorname: isn't a column of the template: say which it is, --map 'Vorname=COLUMN'",
        ),
        ({"Legal Name": "x"}, "legal_name: stands in the header twice."),
    ],
)
def test_headings_that_arent_known_say_how_to_name_them(headings, said):
    ((_, entry, (problem,)),) = rows_of(lines_of(text_of(FILLED | headings)))
    assert entry is None
    assert str(problem).startswith(said)


def test_a_heading_is_mapped_to_a_column_that_there_is():
    with pytest.raises(UsageError, match="isn't a column of the template"):
        list(rows_of(lines_of(text_of(FILLED)), Notation({"Name": "nmae"})))


JOINED = {"Vorname + Nachname": "legal_name"}


@pytest.mark.parametrize(
    ("headings", "columns", "cells", "name"),
    [
        (("Vorname", "Nachname"), JOINED, ("Änne", "Müller"), "Änne Müller"),
        # In the order said, not in that of the table.
        (("Nachname", "Vorname"), JOINED, ("Müller", "Änne"), "Änne Müller"),
        (("NACHNAME", "vorname"), {"vorname+nachname": "legal_name"}, ("Müller", "Änne"), "Änne Müller"),
        (
            ("Titel", "Vorname", "Nachname"),
            {"Titel + Vorname + Nachname": "legal_name"},
            ("", "Ä", "M"),
            "Ä M",
        ),
        # A heading that itself has a plus is that heading.
        (("Vorname + Nachname",), JOINED, ("Änne Müller",), "Änne Müller"),
    ],
)
def test_headings_may_make_one_column_together(headings, columns, cells, name):
    rest = {each: text for each, text in FILLED.items() if each != "legal_name"}
    row = dict(zip(headings, cells, strict=True)) | rest
    ((_, entry, problems),) = rows_of(lines_of(text_of(row)), Notation(columns))
    assert (problems, entry["subject"]["legal_name"]) == ([], name)


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        # Half a name is another name.
        (
            ("Nachname",),
            ["Nachname: isn't a column of the template", "legal_name: is missing in the header."],
        ),
        (("Vorname", "Nachname", "Nachname"), ["legal_name: stands in the header twice."]),
        (("Vorname", "Nachname", "Legal name"), ["legal_name: stands in the header twice."]),
    ],
)
def test_headings_that_cant_be_joined_are_faults(headings, said):
    rest = {each: text for each, text in FILLED.items() if each != "legal_name"}
    text = "\n".join(
        ",".join((*row, *cells)) for row, cells in ((headings, rest), (["x"] * len(headings), rest))
    )
    ((_, entry, problems),) = rows_of(lines_of(text), Notation(JOINED))
    assert entry is None
    assert all(str(problem).startswith(start) for problem, start in zip(problems, said, strict=True))


# -- what is the same in every row


def without(*names: str) -> dict[str, str]:
    return {name: text for name, text in FILLED.items() if name not in names}


def test_what_a_table_lacks_is_filled_in_and_what_it_has_is_not():
    lacking = without("controller", "method", *(name for name in FILLED if name.startswith("grant_com")))
    filled = {"controller": "Studio", "method": "Papier", "grant_*": "nein", "photographer": "somebody else"}
    row = lacking | {"grant_generative_training": "ja"}
    ((_, entry, problems),) = rows_of(lines_of(text_of(row)), Notation(filled=filled))
    assert problems == []
    release = entry["release"]
    assert (release["controller"], release["evidence"]["method"]) == ("Studio", "Papier")
    assert (release["grants"]["commercial"], release["grants"]["generative-training"]) == (False, True)
    assert release["shoot"]["photographer"] == "Pat"


def test_a_cell_that_is_left_empty_is_not_filled_in():
    ((_, _, (problem,)),) = rows_of(
        lines_of(text_of(FILLED | {"grant_commercial": ""})), Notation(filled={"grant_*": "no"})
    )
    assert str(problem) == "grant_commercial: is neither yes nor no."


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        *(({column.name: "ja"}, "A yes isn't filled in") for column in COLUMNS if column.cell is Cell.YES_NO),
        ({"grant_*": "yes"}, "A yes isn't filled in"),
        ({"grant_*": ""}, "is neither yes nor no"),
        ({"nmae": "x"}, "isn't a column of the template"),
        *(
            ({name: "x"}, "is each person's own")
            for name in (
                "subject_id",
                "legal_name",
                "birth_date",
                "guardian_name",
                "release_id",
                "reference_sha256",
                "subject_signature",
                "reference_file",
                "scan_file",
                "supersedes",
            )
        ),
    ],
    ids=str,
)
def test_no_yes_and_nothing_of_a_persons_own_is_filled_in(filled, said):
    with pytest.raises(UsageError, match=said):
        list(rows_of(lines_of(text_of(FILLED)), Notation(filled=filled)))


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({}, ("2026-11-01", "2026-10-30")),
        ({"shoot_last_day": "2026-11-02"}, ("2026-11-02", "2026-10-30")),
        ({"valid_from": "2026-01-01"}, ("2026-11-01", "2026-01-01")),
        ({"signed_at": "2026-10-29T22:15:00Z"}, ("2026-11-01", "2026-10-29")),
        ({"signed_at": ""}, ("2026-11-01", "2026-11-01")),
    ],
)
def test_a_day_that_is_left_out_is_the_day_that_it_follows(given, means):
    row = without("shoot_last_day", "valid_from") | {"signed_at": "2026-10-30"} | given
    ((_, entry, problems),) = rows_of(lines_of(text_of(row)))
    assert problems == []
    assert (entry["release"]["shoot"]["last_day"], entry["release"]["terms"]["valid_from"]) == means


# -- what stands above the header


@pytest.mark.parametrize(
    "above",
    [
        [],
        [["Model-Releases 2026"]],
        [["Model-Releases 2026"], [], ["Stand", "1.11.2026"]],
        [["Studio", "Licht", "Hamburg"]],
    ],
)
def test_a_title_above_the_header_is_no_row(above):
    data = workbook(*above, list(FILLED), list(FILLED.values()))
    ((number, entry, problems),) = rows_of(lines_of_workbook(data))
    assert (number, problems) == (len(above) + 2, [])
    assert entry["subject"]["legal_name"] == "Änne Müller"


def test_a_header_that_names_no_column_is_told_and_not_its_title():
    ((number, entry, problems),) = rows_of(lines_of("Unsere Leute\n\nName,Geboren\nÄnne,1990-05-17\n"))
    assert (number, entry) == (3, None)
    assert [each.field for each in problems][:2] == ["Name", "Geboren"]


# -- reports


def test_faults_are_summarised_by_kind(desk, write):
    rows = [FILLED | {"legal_name": f"Person {n}", "birth_date": f"{n}.5.1990"} for n in range(1, 13)]
    rows[4]["sublicensing"] = "perhaps"
    report = import_file(desk.consent, write(text_of(*rows)))
    assert len(report.problems) == 13
    assert [str(each) for each in report.kinds] == [
        "birth_date: 12 rows (2-13): is in another notation than 2026-11-22: day first? --dates dd.mm.yyyy.",
        "row 6, sublicensing: is neither yes nor no.",
    ]


def test_every_fault_of_a_row_is_told_in_one_go(desk, write):
    row = FILLED | {"birth_date": "17.5.1990", "territory": "Germania", "reference_file": "absent.jpg"}
    report = import_file(desk.consent, write(text_of(row | {"sublicensing": "", "controller": ""})))
    assert {each.field for each in report.problems} == {
        *("birth_date", "territory", "reference_file", "sublicensing", "controller"),
    }


@pytest.mark.parametrize("law", ["DEX", "EX", "German law", "BGB", "US-CALIF", "DE-"])
def test_a_law_that_cant_be_is_refused_while_nobody_has_signed(desk, write, law):
    (problem,) = import_file(desk.consent, write(text_of(FILLED | {"governing_law": law}))).problems
    assert problem.field == "governing_law"
    assert problem.fatal


@pytest.mark.parametrize(("law", "code"), [("Deutschland", "DE"), ("US-CA", "US-CA"), ("GB-ENG", "GB-ENG")])
def test_a_law_is_a_country_s_or_a_part_s(desk, write, law, code):
    report = import_file(desk.consent, write(text_of(FILLED | {"governing_law": law})))
    assert desk.consent.release(report.imported[0]).release.terms.governing_law == code


def test_a_row_without_a_version_is_of_the_current_one_unless_its_signature_says_otherwise(
    desk, write, hands
):
    subject = hands.subject()
    signed = hands.signed(subject)
    entry = {**signed.to_json(), "subject": subject.to_json(), "signatures": {}}
    entry["signatures"][signed.signatures[0].role] = signed.to_json()["signatures"][0]["signature"]
    left_out = ("shoot_name", "supersedes", "notice_sha256", "document_version", "scan_file")
    row = {each.name: _cell(entry, each.path) for each in COLUMNS if each.name not in left_out}
    report = import_file(desk.consent, write(text_of(row)))
    assert [str(each) for each in report.problems] == []
    assert desk.consent.coverage_for("sub_ada", hands.use()).covered


def _cell(value: object, path: str) -> str:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "ja" if value else "nein"
    return " ".join(value) if isinstance(value, list) else str(value or "")


# -- whole tables


def test_a_date_cell_with_a_time_and_a_serial_number_formatted_as_a_date_are_days(desk, write):
    born, first = datetime(1990, 5, 17, 13, 30), 46327.5625
    book = Workbook()
    book.active.append(list(FILLED))
    book.active.append(list((FILLED | {"birth_date": born, "shoot_first_day": first}).values()))
    book.active.cell(2, list(FILLED).index("shoot_first_day") + 1).number_format = "DD.MM.YYYY"
    data = io.BytesIO()
    book.save(data)
    report = import_file(desk.consent, write(data.getvalue(), "people.xlsx"))
    assert not report.refused
    [subject] = desk.consent.subjects()
    [release] = desk.consent.releases(subject.id)
    assert (subject.birth_date, release.release.shoot.first_day) == (date(1990, 5, 17), date(2026, 11, 1))


def test_a_number_in_a_cell_that_isnt_formatted_as_a_date_is_refused(desk, write):
    report = import_file(
        desk.consent,
        write(workbook(list(FILLED), list((FILLED | {"birth_date": 33010}).values())), "people.xlsx"),
    )
    [problem] = [each for each in report.problems if each.fatal]
    assert (problem.row, problem.field) == (2, "birth_date")
    assert "show as 1990-05-17" in problem.message


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_a_table_of_headings_alone_is_a_fault(desk, write, name):
    content = ",".join(FILLED) if name.endswith("csv") else workbook(list(FILLED))
    report = import_file(desk.consent, write(content, name))
    assert (report.refused, report.rows) == (True, 0)
    assert [str(each) for each in report.problems] == ["the file has headings, and no row below them."]


#: A second row of the same person, and whether it contradicts the first.
BESIDE = {
    "a yes where the first says no": ({"grant_commercial": "yes"}, True),
    "the same": ({}, False),
    "about another shoot": ({"grant_commercial": "yes", "shoot_name": "autumn"}, False),
    "about other days of the shoot": ({"grant_commercial": "yes", "shoot_last_day": "2026-11-03"}, True),
    "for other countries": ({"grant_commercial": "yes", "territory": "US"}, False),
    "of another person": ({"grant_commercial": "yes", "legal_name": "Bo Berg"}, False),
    "in place of the first": (
        {"grant_commercial": "yes", "release_id": "rel_2", "supersedes": "rel_1"},
        False,
    ),
}


@pytest.mark.parametrize("case", BESIDE)
def test_rows_that_contradict_each_other_are_a_fault_that_names_both(desk, write, case):
    changes, is_fault = BESIDE[case]
    whole = FILLED | {"shoot_name": "spring", "release_id": "", "supersedes": ""}
    named = {"release_id": "rel_1"} if "supersedes" in changes else {}
    report = import_file(desk.consent, write(text_of(whole | named, whole | changes)))
    told = [each for each in report.problems if each.fatal]
    assert [(each.row, each.field) for each in told] == ([(3, "grant_commercial")] if is_fault else [])
    assert all("row 2 says something else of commercial" in each.message for each in told)
