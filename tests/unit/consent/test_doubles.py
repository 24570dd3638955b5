"""One person is one person: however they are written, in one table, across tables, after an erasure."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from tests.unit.consent.test_tables import FILLED, text_of
from volenti.consent.doubles import KnownPeople, check_new
from volenti.consent.importing import import_file
from volenti.consent.names import are_near, plain_name, words_of
from volenti.consent.permissions import Permissions
from volenti.core.errors import ConflictError

NAME = "Zoë Nguyễn"
SPELLINGS = {
    "as it is": NAME,
    "composed": unicodedata.normalize("NFC", NAME),
    "decomposed": unicodedata.normalize("NFD", NAME),
    "in compatibility form": unicodedata.normalize("NFKD", NAME),
    "with two spaces": "Zoë  Nguyễn",
    "with a margin": " Zoë Nguyễn ",
    "with a no-break space": "Zoë\u00a0Nguyễn",
    "with a tab": "Zoë\tNguyễn",
    "in capitals": NAME.upper(),
    "in small letters": NAME.lower(),
    "in full width": "Ｚoë Nguyễn",
}
#: Not the same as it is written, and still likely theirs.
NEARLY = {
    "family name first": "Nguyễn Zoë",
    "family name first, with a comma": "Nguyễn, Zoë",
    "with a hyphen": "Zoë-Nguyễn",
    "with a sign that nobody sees": "Zo\u200bë Nguyễn",
    "with a byte order mark": "\ufeffZoë Nguyễn",
    "with a soft hyphen": "Zoë Nguy\u00adễn",
    "with a Cyrillic letter": "Zоë Nguyễn",
    "with Greek capitals": "ΖOË NGUYỄΝ",
}
SLIPS = {
    "an accent left out": "Zoë Nguyen",
    "a letter left out": "Zoë Nguyễ",
    "a letter too many": "Zoëe Nguyễn",
    "another letter, and family name first": "Nguyễn Zoé",
}
OTHERS = ["Zoe Nguyen", "Zoë Nguyễn Jr", "Zoë", "Zoë Trần", "Zoë Nguyễn 2"]


@pytest.fixture
def people_csv(tmp_path):
    def people_csv(*names: str, name: str = "people.csv", **changes: str):
        rows = [FILLED | {"legal_name": each} | changes for each in names]
        (tmp_path / name).write_text(text_of(*rows), encoding="utf-8")
        return tmp_path / name

    return people_csv


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_name_is_one_person_across_tables(desk, people_csv, spelling):
    first = import_file(desk.consent, people_csv(NAME))
    again = import_file(desk.consent, people_csv(SPELLINGS[spelling], name="again.csv"))
    assert (again.imported, again.unchanged, again.problems[:-1]) == ((), first.imported, ())
    assert [each.legal_name for each in desk.consent.subjects()] == [NAME]


def test_one_name_is_one_person_in_one_table(desk, people_csv):
    report = import_file(desk.consent, people_csv(*SPELLINGS.values()))
    assert (len(report.imported), desk.consent.count_subjects()) == (1, 1)


@pytest.mark.parametrize("name", OTHERS)
def test_another_name_is_another_person(desk, people_csv, name):
    assert plain_name(name) != plain_name(NAME)
    import_file(desk.consent, people_csv(NAME))
    assert len(import_file(desk.consent, people_csv(name)).imported) == 1
    assert desk.consent.count_subjects() == 2


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_who_is_added_and_may_be_somebody_is_asked_about(hands, spelling):
    known = hands.subject(legal_name=NAME)
    new = hands.subject(legal_name=SPELLINGS[spelling], id="sub_2", public_key=None)
    with pytest.raises(ConflictError, match="sub_ada") as caught:
        check_new(new, [known], None)
    assert "--another-person" in caught.value.remedy


@pytest.mark.parametrize("spelling", NEARLY)
def test_nearly_their_name_is_asked_about_whatever_the_birth_date(desk, people_csv, hands, spelling):
    given = NEARLY[spelling]
    assert plain_name(given) != plain_name(NAME)
    import_file(desk.consent, people_csv(NAME))
    path = people_csv(given, name="b.csv")
    (problem,) = [each for each in import_file(desk.consent, path).problems if each.fatal]
    assert (problem.row, problem.field) == (2, "subject_id")
    assert "of nearly this name and of this birth date is on record: sub_" in problem.message
    other = people_csv(given, name="c.csv", birth_date="1990-05-18")
    (problem,) = [each for each in import_file(desk.consent, other).problems if each.fatal]
    assert "of nearly this name is on record with another birth date" in problem.message
    assert import_file(desk.consent, path, permissions=Permissions(another_person=True)).imported
    with pytest.raises(ConflictError, match="sub_ada"):
        check_new(hands.subject(legal_name=given, id="sub_2"), [hands.subject(legal_name=NAME)], None)


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_one_letter_is_asked_about_where_the_birth_date_is_theirs(desk, people_csv, slip):
    import_file(desk.consent, people_csv(NAME))
    (problem,) = [
        each
        for each in import_file(desk.consent, people_csv(SLIPS[slip], name="b.csv")).problems
        if each.fatal
    ]
    assert "of nearly this name and of this birth date" in problem.message
    other = people_csv(SLIPS[slip], name="c.csv", birth_date="1990-05-18")
    assert import_file(desk.consent, other).imported


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Anna Alder", "Ana Alder", True),
        ("Anna Alder", "Alder, Ana", True),
        ("Ana Alder", "Eva Alder", False),
        ("Model 1", "Model 2", False),
        ("Model Person 12", "Model Person 2", False),
        ("Al Ba", "Al Bo", False),
        ("O'Brien Pat", "Pat OBrien", True),
        ("Straße Max", "MAX STRASSE", True),
        ("Анна Волкова", "Анна Волкова", True),
        ("Анна Волкова", "Инна Волков", False),
        ("Ana Maria Ruiz", "Ana Ruiz", False),
    ],
)
def test_names_are_near_by_their_words_and_one_letter(one, other, near):
    assert are_near(words_of(one), words_of(other)) is are_near(words_of(other), words_of(one)) is near


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"birth_date": "1991-05-17"}, "birth_date"), ({"subject_id": "sub_other"}, "subject_id")],
)
def test_a_likely_double_keeps_the_table_out_unless_it_is_another_person(desk, people_csv, changes, field):
    import_file(desk.consent, people_csv(NAME))
    path = people_csv(NAME.upper(), name="b.csv", **changes)
    (problem,) = import_file(desk.consent, path).problems
    assert (problem.field, problem.fatal) == (field, True)
    assert "--another-person" in problem.message
    report = import_file(desk.consent, path, permissions=Permissions(another_person=True))
    assert (len(report.imported), desk.consent.count_subjects()) == (1, 2)


def test_a_likely_double_in_one_table_is_asked_about(desk, people_csv, tmp_path):
    rows = [FILLED, FILLED | {"birth_date": "1990-05-18"}]
    (tmp_path / "a.csv").write_text(text_of(*rows), encoding="utf-8")
    (problem,) = [each for each in import_file(desk.consent, tmp_path / "a.csv").problems if each.fatal]
    assert (problem.row, problem.field) == (3, "birth_date")


def test_who_is_named_by_their_identifier_isnt_asked_about(desk, people_csv):
    import_file(desk.consent, people_csv(NAME, subject_id="sub_zoe"))
    report = import_file(desk.consent, people_csv(NAME.upper(), subject_id="sub_zoe", method="paper, anew"))
    assert not report.refused
    assert desk.consent.count_subjects() == 1


@pytest.mark.parametrize("spelling", SPELLINGS | NEARLY)
def test_a_table_brings_nobody_back_who_was_erased(desk, people_csv, spelling):
    import_file(desk.consent, people_csv(NAME))
    (zoe,) = desk.consent.subjects()
    desk.consent.remember_erased(zoe.id, "req_1")
    desk.vault.destroy_key(zoe.id)
    path = people_csv((SPELLINGS | NEARLY)[spelling], name="again.csv")
    (problem,) = [each for each in import_file(desk.consent, path).problems if each.fatal]
    assert "was erased on 2026-11-22 (request req_1)" in problem.message
    assert "--after-erasure" in problem.message
    assert import_file(desk.consent, path, permissions=Permissions(after_erasure=True)).imported
    assert desk.events("subject-added-after-erasure") == 1


def test_an_erasure_that_an_earlier_version_kept_is_known(desk):
    born = date(1990, 5, 17)
    earlier = desk.vault.person_digest(f"{plain_name(NAME)}\n{born.isoformat()}")
    desk.records.put("erased-person", earlier, {"day": "2026-01-02", "request": "req_0"})
    for spelling in SPELLINGS.values():
        assert str(desk.consent.erased(spelling, born)).endswith("on 2026-01-02 (request req_0)")


@pytest.mark.parametrize("changes", [{"legal_name": "Zoë Nguyen"}, {"birth_date": date(1990, 5, 18)}])
def test_who_wasnt_erased_isnt_asked_about(desk, hands, changes):
    zoe = desk.enrolled(hands.subject(legal_name=NAME))
    desk.consent.remember_erased(zoe.id, "req_1")
    given = {"legal_name": NAME, "birth_date": zoe.birth_date} | changes
    assert desk.consent.erased(given["legal_name"], given["birth_date"]) is None


def test_of_an_erased_person_nothing_is_kept_that_can_be_read(desk, hands):
    zoe = desk.enrolled(hands.subject(legal_name=NAME))
    desk.consent.remember_erased(zoe.id, "req_1")
    (row,) = desk.records.find("erased-person")
    assert row.body == {"day": "2026-11-22", "request": "req_1"}
    assert row.owners == ()
    said = str((row.id, row.body))
    assert not any(told in said for told in (zoe.id, "Zo", "Nguy", "1990"))


def test_the_first_one_known_is_the_one_that_is_meant(hands):
    first, second = hands.subject(id="sub_1"), hands.subject(id="sub_2")
    assert KnownPeople([first, second]).find("ADA EXAMPLE", "1990-05-17") == first
