"""The CSV template: its columns, and how a row is read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from volenti.consent.columns import COLUMNS, Cell, column_of
from volenti.consent.document import DocumentError
from volenti.consent.headings import Notation
from volenti.consent.purpose import Grant
from volenti.consent.release import Release
from volenti.consent.spreadsheet import example, rows_of, template
from volenti.consent.subject import Subject
from volenti.consent.tablefile import lines_of
from volenti.consent.wording import LANGUAGES, WordingKind, wording, words

FILLED = {
    "legal_name": "Ada Example",
    "birth_date": "1990-05-17",
    "subject_id": "sub_ada",
    "release_id": "rel_1",
    "controller": "Studio",
    "photographer": "Pat",
    "shoot_first_day": "2026-11-01",
    "shoot_last_day": "2026-11-02",
    **{f"grant_{grant.replace('-', '_')}": "no" for grant in Grant},
    "grant_commercial": "yes",
    "territory": "DE FR",
    "valid_from": "2026-01-01",
    "sublicensing": "no",
    "governing_law": "DE",
    "method": "paper",
}


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows_of(text: str, **notation):
    return rows_of(lines_of(text), Notation(**notation))


def the_one(text: str):
    ((number, entry, problems),) = _rows_of(text)
    assert problems == []
    return number, entry


def test_the_template_is_the_header_of_every_column():
    assert template().strip().split(",") == [column.name for column in COLUMNS]
    [(row, entry, problems)] = _rows_of(template())
    assert (row, entry, [str(each) for each in problems]) == (
        *(0, None),
        ["has headings, and no row below them."],
    )


def test_every_column_has_its_own_name_place_and_meaning():
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    assert len({column.path for column in COLUMNS}) == len(COLUMNS)
    assert all(column.meaning.endswith((".", "?")) for column in COLUMNS)


def test_no_grant_has_a_default():
    grants = [column for column in COLUMNS if column.path.startswith("release.grants.")]
    assert len(grants) == len(Grant)
    assert all(column.default is None and column.cell is Cell.YES_NO for column in grants)


def test_the_columns_fill_every_field_of_a_release_and_a_subject():
    _, entry = the_one(table(FILLED))
    subject, release = Subject.from_json(entry["subject"]), Release.from_json(entry["release"])
    assert entry["release"] == release.to_json()
    assert entry["subject"].keys() == subject.to_json().keys() - {"attributes", "created"}
    assert release.grants[Grant.COMMERCIAL]
    assert release.terms.territory == ("DE", "FR")
    assert release.subject == "sub_ada"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_may_be_separated_in_three_ways(delimiter):
    assert the_one(table(FILLED, delimiter=delimiter)) == the_one(table(FILLED))


def test_columns_may_come_in_any_order():
    assert the_one(table(dict(reversed(FILLED.items())))) == the_one(table(FILLED))


def test_rows_are_counted_as_a_spreadsheet_does_and_blank_ones_are_passed_over():
    blank = dict.fromkeys(FILLED, "")
    many_lines = FILLED | {"controller": "Studio\nSecond line"}
    assert [number for number, _, _ in _rows_of(table(many_lines, blank, FILLED))] == [2, 4]


def test_line_ends_inside_a_cell_are_the_same_on_every_system():
    _, entry = the_one(table(FILLED | {"notes": "one\r\ntwo"}))
    assert entry["subject"]["notes"] == "one\ntwo"


def test_a_guardian_is_there_when_one_of_their_cells_is_filled():
    assert the_one(table(FILLED))[1]["subject"]["guardian"] is None
    _, entry = the_one(table(FILLED | {"guardian_name": "Grace"}))
    assert entry["subject"]["guardian"] == {"name": "Grace", "relation": "", "public_key": None}


def test_signatures_are_listed_with_the_keys_of_the_same_row():
    keys = {"subject_public_key": "K1", "guardian_public_key": "K2", "guardian_name": "Grace"}
    _, entry = the_one(table(FILLED | keys | {"guardian_signature": "S2"}))
    assert entry["signatures"] == [{"role": "guardian", "public_key": "K2", "signature": "S2"}]


@pytest.mark.parametrize("answer", ["", "maybe", "2", "oui", "yes and no", "-"])
def test_an_answer_is_yes_or_no(answer):
    ((number, _, problems),) = _rows_of(table(FILLED | {"grant_commercial": answer}))
    assert (number, [str(problem) for problem in problems]) == (
        2,
        ["grant_commercial: is neither yes nor no."],
    )


@pytest.mark.parametrize(("answer", "meant"), [("YES", True), (" No ", False)])
def test_an_answers_case_and_margins_dont_matter(answer, meant):
    _, entry = the_one(table(FILLED | {"grant_commercial": answer}))
    assert entry["release"]["grants"]["commercial"] is meant


def test_faults_of_the_header_come_alone():
    header = {name: text for name, text in FILLED.items() if name != "legal_name"} | {"shoe_size": "42"}
    ((number, entry, problems),) = _rows_of(table(header, header))
    assert (number, entry) == (1, None)
    assert [str(problem) for problem in problems] == [
        "shoe_size: isn't a column of the template: "
        "say which it is, --map 'shoe_size=COLUMN', or leave it out, --map 'shoe_size='.",
        "legal_name: is missing in the header.",
    ]


def test_a_column_stands_in_the_header_once():
    ((_, _, problems),) = _rows_of(template().strip() + ",method\r\n")
    assert [str(problem) for problem in problems] == ["method: stands in the header twice."]


def test_a_row_with_too_many_cells_is_told():
    text = table(FILLED).rstrip() + ",extra\r\n"
    ((number, entry, problems),) = _rows_of(text)
    assert (number, entry) == (2, None)
    assert "cells where the header has" in problems[0].message


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_an_empty_file_lacks_its_header(text):
    ((number, _, problems),) = _rows_of(text)
    assert number == 1
    assert problems


def test_an_unclosed_quotation_mark_is_told():
    *_, (number, entry, problems) = _rows_of(table(FILLED) + '"never closed')
    assert (number, entry) == (3, None)
    assert "quotation marks" in problems[0].message


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_usual_follows_the_language_of_the_row(language):
    _, entry = the_one(table(FILLED | {"language": language}))
    shown, terms = entry["release"]["evidence"], entry["release"]["terms"]
    assert shown["text_sha256"] == wording(WordingKind.RELEASE, language).sha256
    assert shown["notice_sha256"] == wording(WordingKind.NOTICE, language).sha256
    assert terms["withdrawal_effect"] == words(language)["terms"]["withdrawal_effect"]


def test_in_a_language_without_a_text_of_ours_nothing_is_usual():
    _, entry = the_one(table(FILLED | {"language": "fr"}))
    with pytest.raises(DocumentError) as caught:
        Release.from_json(entry["release"])
    assert {problem.field for problem in caught.value.problems} == {
        *("evidence.text_sha256", "evidence.notice_version", "evidence.notice_sha256"),
        *("terms.compensation", "terms.withdrawal_method", "terms.withdrawal_effect"),
    }


def test_a_signed_row_of_the_first_template_is_a_document_of_version_1():
    ((_, entry, problems),) = _rows_of((Path(__file__).parent / "releases-1.csv").read_text())
    assert problems == []
    (as_signed,) = json.loads((Path(__file__).parent / "release-1.json").read_text())
    assert entry["release"] == as_signed["release"]
    assert entry["signatures"] == as_signed["signatures"]


@pytest.mark.parametrize(
    ("cells", "version"),
    [
        ({}, 2),
        ({"subject_signature": "S", "subject_public_key": "K"}, 2),
        ({"subject_signature": "S", "subject_public_key": "K", "shoot_name": ""}, 2),
        ({"subject_signature": "S", "subject_public_key": "K", "document_version": "1"}, 1),
        ({"document_version": "2"}, 2),
    ],
)
def test_which_version_a_row_is_follows_from_its_columns(cells, version):
    _, entry = the_one(table(FILLED | cells))
    assert entry["release"]["version"] == version


@pytest.mark.parametrize("version", ["3", "two", "²"])
def test_another_version_is_a_fault_of_its_own_column(version):
    _, entry = the_one(table(FILLED | {"document_version": version}))
    with pytest.raises(DocumentError) as caught:
        Release.from_json(entry["release"])
    assert "version" in [problem.field for problem in caught.value.problems]
    assert column_of("release.version") == "document_version"


def test_the_example_is_an_entry_that_says_no_to_everything():
    release = Release.from_json(example()["release"] | {"id": "rel_1", "subject": "sub_1"})
    assert not release.grants.yes
    assert Subject.from_json(example()["subject"] | {"id": "sub_1"}).legal_name == "Ada Example"


def test_a_field_is_called_by_its_column():
    assert column_of("release.terms.valid_from") == "valid_from"
    assert column_of("release.legal_name") == "legal_name"
    assert column_of("signatures.guardian") == "guardian_signature"
    assert column_of("something.else") == "something.else"


def test_the_how_to_explains_every_column_as_the_code_does():
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "import-releases.md").read_text(encoding="utf-8")
    told = [line for line in page.splitlines() if line.startswith("| ") and "if empty" not in line]
    assert told == [f"| {each.name} | {each.if_empty} | {each.explained} |" for each in COLUMNS]
