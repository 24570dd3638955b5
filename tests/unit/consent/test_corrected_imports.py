"""A table that says something else than a release on record: no answer is lost, and what counts is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.unit.consent.test_attesting import OFFICER, PAPER
from tests.unit.consent.test_tables import FILLED, text_of
from volenti.consent.document import DocumentError
from volenti.consent.importing import import_document, import_file
from volenti.consent.papers import Papers
from volenti.consent.permissions import Permissions
from volenti.consent.purpose import Grant, Grants
from volenti.consent.storedrelease import State

YES = FILLED | {
    "release_id": "",
    "supersedes": "",
    "shoot_name": "",
    "valid_until": "",
    "grant_commercial": "yes",
    "grant_generative_training": "yes",
    "sublicensing": "yes",
    "signed_at": "2026-11-15",
    "scan_file": "a.pdf",
}
NO, OTHER, LATER = {"grant_commercial": "no"}, {"scan_file": "b.pdf"}, {"signed_at": "2026-11-20"}
EARLIER, OTHER_DAYS = {"signed_at": "2026-11-10"}, {"shoot_first_day": "2026-10-30"}

#: The row that is imported first, the one afterwards, and what becomes of the second beside the first.
ROWS = {
    "the same paper, a yes corrected to no": ({}, NO, "replaces"),
    "the same paper, a no corrected to yes": (NO, {}, "replaces"),
    "the same paper, another day and a no": ({}, NO | EARLIER, "replaces"),
    "the same paper, other countries": ({}, {"territory": "US"}, "replaces"),
    "a later paper that says no": ({}, NO | OTHER | LATER, "replaces"),
    "a later paper that says yes": (NO, OTHER | LATER, "replaces"),
    "a paper of that day that says no": ({}, NO | OTHER, "replaces"),
    "a paper of that day that says yes": (NO, OTHER, "refused"),
    "an earlier paper that says yes": (NO, OTHER | EARLIER, "refused"),
    "an earlier paper that says no": ({}, NO | OTHER | EARLIER, "refused"),
    "fewer countries": ({}, OTHER | {"territory": "DE"}, "replaces"),
    "other countries": ({}, NO | OTHER | {"territory": "US"}, "stands beside"),
    "an end": ({}, OTHER | {"valid_until": "2027-01-01"}, "replaces"),
    "a beginning later than today": ({}, OTHER | {"valid_from": "2027-01-01"}, "replaces"),
    "nothing to be passed on": ({}, OTHER | {"sublicensing": "no"}, "replaces"),
    "one shoot instead of any": ({}, OTHER | {"shoot_name": "spring"}, "replaces"),
    "another shoot": ({"shoot_name": "spring"}, NO | OTHER | {"shoot_name": "autumn"}, "stands beside"),
    "other days, later, no": ({}, NO | OTHER | LATER | OTHER_DAYS, "refused"),
    "other days, later, yes": (NO, OTHER | LATER | OTHER_DAYS, "stands beside"),
    "other days, earlier, yes": (NO, OTHER | EARLIER | OTHER_DAYS, "refused"),
    "other days, earlier, no": ({}, NO | OTHER | EARLIER | OTHER_DAYS, "stands beside"),
    "in place of it, as the row says": (
        {"release_id": "rel_1"},
        NO | OTHER | LATER | OTHER_DAYS | {"release_id": "rel_2", "supersedes": "rel_1"},
        "replaces",
    ),
    "the same but for the photographer": ({}, OTHER | {"photographer": "Kim"}, "stands beside"),
}


@pytest.fixture
def take(desk, tmp_path):
    """Imports a table of rows, each YES but for the changes, with an officer's key."""
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(PAPER + name.encode())

    def take(*rows, officer=OFFICER):
        path: Path = tmp_path / "people.csv"
        path.write_text(text_of(*(YES | row for row in rows)))
        return import_file(desk.consent, path, permissions=Permissions(officer=officer))

    return take


def commercial(desk) -> bool:
    [person] = desk.consent.subjects()
    return desk.consent.coverage_for(person.id, desk.hands.use(Grant.COMMERCIAL)).covered


@pytest.mark.parametrize("case", ROWS)
def test_a_row_that_differs_from_what_is_on_record_replaces_it_or_is_refused_or_stands_beside(
    desk, take, case
):
    first, second, outcome = ROWS[case]
    [old] = take(first).imported
    report = take(second)
    if outcome == "refused":
        assert (report.refused, report.imported) == (True, ())
        [fault] = [each.message for each in report.problems if each.fatal]
        assert old in fault
        assert "supersedes" in fault
        return
    [new] = report.imported
    replaces = outcome == "replaces"
    assert desk.consent.state(old) is (State.SUPERSEDED if replaces else State.SIGNED)
    told = [each.message for each in report.problems if old in each.message]
    assert len(told) == (replaces and not second.get("supersedes"))
    again = take(second)
    assert (again.imported, again.unchanged, again.problems) == ((), (new,), ())


@pytest.mark.parametrize("second", [NO, NO | LATER, NO | OTHER], ids=["same", "later", "other paper"])
def test_a_corrected_no_counts_and_the_old_table_doesnt_bring_the_yes_back(desk, take, second):
    take({})
    assert commercial(desk)
    [new] = take(second).imported
    assert not commercial(desk)
    [note] = take({}).problems
    assert f"volenti release amend {new}" in note.message
    assert not commercial(desk)


def test_a_draft_is_corrected_as_a_signed_one_is_and_a_paper_is_the_corrected_ones(desk, take, tmp_path):
    unsigned = {"signed_at": "", "scan_file": "", "valid_from": "2026-01-01"}
    [old] = take(unsigned, officer=None).imported
    [new] = take(unsigned | NO, officer=None).imported
    assert desk.consent.release(new).release.supersedes == old
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "Änne Müller.pdf").write_bytes(PAPER)
    papers = Papers(desk.consent, OFFICER, signed_on=date(2026, 11, 15))
    assert papers.attest_folder(scans).attested == (new,)


def test_what_was_withdrawn_isnt_brought_back_by_a_row_that_was_signed_before(desk, take):
    [old] = take({}).imported
    [person] = desk.consent.subjects()
    desk.consent.withdraw(person.id, release_id=old, grant=Grant.COMMERCIAL)
    report = take({"territory": "DE", "signed_at": "2026-11-15"})
    assert report.refused
    assert [(each.field, "was withdrawn" in each.message) for each in report.problems] == [
        ("grant_commercial", True)
    ]
    assert not take({"territory": "DE"} | NO).refused
    assert not commercial(desk)


def test_what_was_withdrawn_altogether_isnt_brought_back_either(desk, take):
    [old] = take({}).imported
    [person] = desk.consent.subjects()
    desk.consent.withdraw(person.id, release_id=old)
    assert take({"territory": "DE"}).refused
    desk.wait(86400)
    assert not take(OTHER | {"territory": "DE", "signed_at": "2026-11-22T18:00:00Z"}).refused
    assert commercial(desk)


def test_a_row_that_differs_from_two_releases_says_so_of_both(desk, take):
    [one] = take({}).imported
    [two] = take(OTHER | {"photographer": "Kim"}).imported
    messages = [each.message for each in take(NO | LATER | OTHER).problems]
    assert [sum(each in message for message in messages) for each in (one, two)] == [1, 1]


def test_a_signed_document_that_says_less_is_kept_out_until_what_it_contradicts_is_taken_back(desk, hands):
    desk.enrolled()
    import_document(desk.consent, hands.signed().to_json())
    less = hands.signed(id="rel_2", grants=Grants.only(Grant.GENERATIVE_TRAINING)).to_json()
    for dry_run in (True, False):
        with pytest.raises(DocumentError, match="volenti release withdraw rel_1 --grant commercial"):
            import_document(desk.consent, less, dry_run=dry_run)
    desk.consent.withdraw("sub_ada", release_id="rel_1", grant=Grant.COMMERCIAL)
    assert import_document(desk.consent, less).imported == ("rel_2",)
