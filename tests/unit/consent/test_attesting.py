"""Paper counts: an officer attests scanned papers, one, a folder or a table at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.portraits import portrait
from tests.unit.consent.conftest import TODAY
from tests.unit.consent.test_tables import FILLED, text_of, workbook
from volenti.consent.attestation import Attestation, Method
from volenti.consent.coverage import coverage
from volenti.consent.document import DocumentError
from volenti.consent.importing import import_document, import_file
from volenti.consent.papers import Papers
from volenti.consent.permissions import Permissions
from volenti.consent.receipt import receipt
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, UsageError
from volenti.core.signing import SigningKey

OFFICER = SigningKey(b"\x0f" * 32)
PAPER = b"%PDF-1.7 signed by hand"
DAY = date(2026, 11, 2)
SCANS = {
    "pdf": PAPER,
    "jpeg": b"\xff\xd8\xff\xe0 a scan",
    "png": b"\x89PNG\r\n\x1a\n a scan",
    "tiff": b"II*\0 a scan",
    "tiff of a Mac": b"MM\0* a scan",
}


def drafted(desk, subject=None):
    """A release that waits for a signature."""
    return desk.draft(subject or desk.enrolled())


def stored(desk, release_id: str) -> SignedRelease:
    return desk.consent.release(release_id)


@pytest.mark.parametrize("kind", SCANS)
def test_an_attested_release_covers_as_a_signed_one_does(desk, kind):
    release = drafted(desk)
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    desk.consent.attest(release.id, SCANS[kind], OFFICER, signed_on=DAY)
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    assert desk.consent.state(release.id) is State.SIGNED
    assert desk.consent.scans(release.id) == [SCANS[kind]]
    assert desk.events("release-attested") == 1


@pytest.mark.parametrize(
    "scan", [b"", b"signed, believe me", b"PK\x03\x04", b"<svg/>", b"GIF89a", b"%PDF"], ids=range(6)
)
def test_what_isnt_a_scan_is_refused(desk, scan):
    release = drafted(desk)
    with pytest.raises(DocumentError, match="neither a PDF nor a picture"):
        desk.consent.attest(release.id, scan, OFFICER, signed_on=DAY)
    assert desk.consent.state(release.id) is State.DRAFT


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "on which day"),
        ({"signed_on": date(2026, 11, 23)}, "in the future"),
        ({"signed_on": date(1990, 5, 16)}, "before the birth date"),
        ({"signed_on": DAY, "role": Role.GUARDIAN}, "the subject had to sign"),
    ],
)
def test_what_cant_be_attested_is_told(desk, given, said):
    release = drafted(desk)
    with pytest.raises(DocumentError) as caught:
        desk.consent.attest(release.id, PAPER, OFFICER, **given)
    assert said in str(caught.value)


def test_nobody_attests_their_own_paper(desk):
    release = drafted(desk)
    with pytest.raises(DocumentError, match="their own key"):
        desk.consent.attest(release.id, PAPER, desk.hands.key, signed_on=DAY)


NEW_KEY = SigningKey(b"\x0b" * 32)
#: Keys that are or were somebody's, and aren't an officer's.
SOMEBODYS = {
    "their former key": lambda desk: desk.hands.key,
    "another person's": lambda desk: NEW_KEY,
    "another one's guardian's": lambda desk: desk.hands.guardian_key,
    "one that signed a release": lambda desk: SigningKey(b"\x0c" * 32),
}


@pytest.mark.parametrize("whose", SOMEBODYS)
def test_no_key_that_is_or_was_somebodys_is_an_officers(desk, whose):
    hands, key = desk.hands, SOMEBODYS[whose](desk)
    release = drafted(desk)
    ada = desk.consent.subject(release.subject)
    desk.consent.amend(replace(ada, public_key=SigningKey(b"\x0d" * 32).public), OFFICER, "lost")
    bob = desk.enrolled(hands.subject(id="sub_bob", legal_name="Bob Example", public_key=NEW_KEY.public))
    desk.enrolled(hands.child(id="sub_kim", legal_name="Kim Example"))
    odd = SignedRelease(hands.release(bob, id="rel_odd"))
    desk.consent.import_signed(odd.signed_by(SigningKey(b"\x0c" * 32), Role.SUBJECT, TODAY))
    with pytest.raises(DocumentError, match="is or was the key of somebody on record"):
        desk.consent.attest(release.id, PAPER, key, signed_on=DAY)
    again = replace(desk.consent.subject(ada.id), public_key=SigningKey(b"\x0e" * 32).public)
    with pytest.raises(DocumentError, match="is or was the key of somebody on record"):
        desk.consent.amend(again, key, "lost again")
    assert desk.consent.amend(again, OFFICER, "lost again") == desk.consent.subject(ada.id)


def test_a_minor_s_paper_was_signed_by_their_guardian(desk):
    child = desk.enrolled(desk.hands.child())
    release = drafted(desk, child)
    desk.consent.attest(release.id, PAPER, OFFICER, signed_on=DAY)
    assert [each.role for each in stored(desk, release.id).attestations] == [Role.GUARDIAN]
    assert desk.consent.coverage_for(child.id, desk.hands.use()).covered
    orphan = desk.enrolled(desk.hands.child(id="sub_2", legal_name="Lee Example", guardian=None))
    with pytest.raises(DocumentError, match="no guardian"):
        desk.consent.attest(drafted(desk, orphan).id, PAPER, OFFICER, signed_on=DAY)


def test_the_same_paper_twice_adds_nothing(desk):
    release = drafted(desk)
    first = desk.consent.attest(release.id, PAPER, OFFICER, signed_on=DAY)
    desk.wait(60)
    assert desk.consent.attest(release.id, PAPER, OFFICER) == first
    assert desk.events("release-attested") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"controller": "Elsewhere"},
        {"legal_name": "Eve Example"},
        {"birth_date": date(1991, 1, 1)},
        {"id": "rel_other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_word_that_changes_voids_the_attestation(desk, change):
    signed = desk.consent.attest(drafted(desk).id, PAPER, OFFICER, signed_on=DAY)
    forged = replace(signed, release=replace(signed.release, **change))
    assert not coverage(desk.hands.subject(), forged, desk.hands.use()).covered


@pytest.mark.parametrize(
    "change",
    [
        {"signed_on": date(2026, 11, 1)},
        {"scan": sha256(b"another paper")},
        {"role": Role.GUARDIAN},
        {"officer": SigningKey(b"\x0e" * 32).public},
        {"signature": bytes(64)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_attestation_is_void(desk, change):
    signed = desk.consent.attest(drafted(desk).id, PAPER, OFFICER, signed_on=DAY)
    (given,) = signed.attestations
    forged = replace(signed, attestations=(replace(given, **change),))
    assert not forged.holds(desk.hands.subject())


def test_an_attestation_in_a_file_doesnt_count(desk, hands):
    desk.enrolled()
    release = hands.release()
    dated = replace(release, evidence=replace(release.evidence, signed_at=desk.now))
    plain = Attestation(Role.SUBJECT, DAY, sha256(PAPER), desk.now, OFFICER.public)
    forged = SignedRelease(dated)
    forged = replace(forged, attestations=(plain.signed_by(OFFICER, forged.digest),))
    import_document(desk.consent, forged.to_json())
    assert desk.consent.state("rel_1") is State.DRAFT
    assert not desk.consent.coverage_for("sub_ada", hands.use()).covered


def test_attested_releases_are_withdrawn_superseded_and_read_again_as_signed_ones_are(desk):
    release = drafted(desk)
    desk.consent.attest(release.id, PAPER, OFFICER, signed_on=DAY)
    later = desk.consent.supersede(release.id)
    desk.consent.attest(later.id, PAPER + b" anew", OFFICER, signed_on=date(2026, 11, 5))
    assert desk.consent.state(release.id) is State.SUPERSEDED
    read = SignedRelease.from_json(stored(desk, later.id).to_json())
    assert read == stored(desk, later.id)
    desk.consent.withdraw("sub_ada")
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    with pytest.raises(ConflictError, match="withdrawn"):
        desk.consent.attest(later.id, PAPER, OFFICER)


def test_a_key_can_be_added_to_a_paper(desk):
    release = drafted(desk)
    desk.consent.attest(release.id, PAPER, OFFICER, signed_on=DAY)
    assert stored(desk, release.id).method(desk.hands.subject()) is Method.ATTESTED
    signed = desk.consent.sign(release.id, desk.hands.key)
    assert signed.method(desk.hands.subject()) is Method.SIGNED
    assert len(signed.attestations) == 1


@pytest.mark.parametrize(
    ("methods", "signed", "attested"),
    [
        ((), True, True),
        (("signed",), True, False),
        (("attested",), False, True),
        (("attested", "signed"), True, True),
    ],
)
def test_a_use_says_which_methods_suffice(desk, methods, signed, attested):
    bea = desk.enrolled(desk.hands.subject(id="sub_bea", legal_name="Bea Example"))
    desk.signed_release()
    desk.consent.attest(drafted(desk, bea).id, PAPER, OFFICER, signed_on=DAY)
    use = replace(desk.hands.use(), methods=methods)
    answers = [desk.consent.coverage_for(each, use) for each in ("sub_ada", "sub_bea")]
    assert [each.covered for each in answers] == [signed, attested]
    assert {each.code for each in answers if not each.covered} <= {"method"}


def test_a_receipt_says_who_signed_and_who_attested_it(desk):
    signed = desk.consent.attest(drafted(desk).id, PAPER, OFFICER, signed_on=DAY)
    (given,) = receipt(signed, [], desk.now)["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    assert given["@type"][0] == "dpv:ConsentGiven"
    assert given["volenti:attested"] == [each.to_json() for each in signed.attestations]


# -- a folder


@pytest.fixture
def scans(tmp_path) -> Path:
    (tmp_path / "scans").mkdir()
    return tmp_path / "scans"


NAMES = {
    "the release": lambda release: release.id,
    "the subject": lambda release: release.subject,
    "their name": lambda release: "Ada Example",
    "their name in capitals": lambda release: "ADA  EXAMPLE",
    "their name with underscores": lambda release: "Ada_Example",
    "their pseudonym": lambda release: "adora",
}


@pytest.mark.parametrize("named", NAMES)
def test_a_file_is_named_after_the_release_or_the_person(desk, scans, named):
    release = drafted(desk, desk.enrolled(desk.hands.subject(pseudonym="Adora")))
    (scans / f"{NAMES[named](release)}.pdf").write_bytes(PAPER)
    (scans / ".DS_Store").write_bytes(b"x")
    (scans / "Thumbs.db").write_bytes(b"x")
    papers = Papers(desk.consent, OFFICER, DAY)
    assert papers.attest_folder(scans, dry_run=True).attested == (release.id,)
    assert desk.consent.state(release.id) is State.DRAFT
    assert papers.attest_folder(scans).attested == (release.id,)
    assert papers.attest_folder(scans).unchanged == (release.id,)
    assert desk.events("release-attested") == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nobody.pdf", PAPER, "nobody on record"),
        ("Ada Example.txt", b"text", "neither a PDF"),
        ("Ada Example.pdf", PAPER, "could be of rel_"),
        ("Bea Example.pdf", PAPER, "no release that waits"),
    ],
)
def test_one_wrong_file_keeps_all_papers_out(desk, scans, name, content, said):
    ada = desk.enrolled()
    desk.enrolled(desk.hands.subject(id="sub_bea", legal_name="Bea Example"))
    cleo = desk.enrolled(desk.hands.subject(id="sub_cleo", legal_name="Cleo Example"))
    right = drafted(desk, cleo)
    drafted(desk, ada)
    drafted(desk, ada)
    (scans / "Cleo Example.pdf").write_bytes(PAPER + b" of Cleo")
    (scans / name).write_bytes(content)
    report = Papers(desk.consent, OFFICER, DAY).attest_folder(scans)
    assert (report.refused, report.attested) == (True, ())
    assert [each.file for each in report.problems] == [name]
    assert said in report.problems[0].message
    assert desk.consent.state(right.id) is State.DRAFT


def test_a_folder_without_papers_is_an_error(desk, scans):
    with pytest.raises(UsageError, match="no scanned paper"):
        Papers(desk.consent, OFFICER).attest_folder(scans)


# -- a table


@pytest.fixture
def sixty(desk, tmp_path) -> Path:
    """A workbook of sixty people who signed on paper, with their scans and photographs."""
    rows = []
    for number in range(60):
        (tmp_path / f"{number}.pdf").write_bytes(PAPER + bytes([number]))
        (tmp_path / f"{number}.jpg").write_bytes(portrait(desk.detector, f"person-{number}").data)
        rows.append(
            FILLED
            | {
                "legal_name": f"Person {number}",
                "signed_at": DAY,
                "birth_date": date(1990, 1, 1 + number % 28),
            }
            | {"scan_file": f"{number}.pdf", "reference_file": f"{number}.jpg"}
            | {"grant_generative_training": "ja", "grant_biometric_templates": "ja"}
        )
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook(list(rows[0]), *(list(row.values()) for row in rows)))
    return path


def test_sixty_papers_count_after_one_import(desk, sixty):
    permissions = Permissions(officer=OFFICER)
    dry = import_file(desk.consent, sixty, permissions=permissions, dry_run=True)
    assert (len(dry.attested), desk.consent.count_subjects()) == (60, 0)
    report = import_file(desk.consent, sixty, permissions=permissions)
    assert (len(report.imported), len(report.attested), report.problems) == (60, 60, ())
    people = list(desk.consent.subjects())
    assert all(desk.consent.coverage_for(each.id, desk.hands.use()).covered for each in people)
    assert all(desk.consent.photo_of(each.id) for each in people)
    again = import_file(desk.consent, sixty, permissions=permissions)
    assert (again.imported, again.attested, len(again.unchanged)) == ((), (), 60)
    later = import_file(desk.consent, sixty)
    assert (len(later.unchanged), later.problems) == (60, ())


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ({"signed_at": ""}, "signed_at", "on which day"),
        ({"signed_at": "2030-01-01"}, "signed_at", "in the future"),
        ({"scan_file": "absent.pdf"}, "scan_file", "isn't a file"),
        ({"scan_file": "../b.pdf"}, "scan_file", "leads out"),
        ({"scan_file": "b.txt"}, "scan_file", "neither a PDF"),
        ({"birth_date": "2015-01-01"}, "subject.guardian", "no guardian"),
    ],
    ids=range(6),
)
def test_what_is_wrong_with_a_paper_is_a_fault_of_its_row(desk, tmp_path, row, field, said):
    (tmp_path / "a.pdf").write_bytes(PAPER)
    (tmp_path / "b.txt").write_bytes(b"text")
    filled = FILLED | {"signed_at": "2026-11-02", "scan_file": "a.pdf"} | row
    (tmp_path / "people.csv").write_text(text_of(filled))
    report = import_file(desk.consent, tmp_path / "people.csv", permissions=Permissions(officer=OFFICER))
    assert [(each.row, each.field) for each in report.problems] == [(2, field)]
    assert said in report.problems[0].message
    assert desk.consent.count_subjects() == 0


def test_one_scan_isnt_two_people_s(desk, tmp_path):
    (tmp_path / "a.pdf").write_bytes(PAPER)
    filled = FILLED | {"signed_at": "2026-11-02", "scan_file": "a.pdf"}
    (tmp_path / "people.csv").write_text(text_of(filled, filled | {"legal_name": "Bea Example"}))
    report = import_file(desk.consent, tmp_path / "people.csv", permissions=Permissions(officer=OFFICER))
    assert ["another person's" in str(each) for each in report.problems] == [True]


@pytest.mark.parametrize("how", ["table", "command", "folder"])
def test_one_scan_isnt_two_people_s_whenever_they_come(desk, tmp_path, how):
    filled = FILLED | {"signed_at": "2026-11-02", "scan_file": "a.pdf"}
    (tmp_path / "a.pdf").write_bytes(PAPER)
    (tmp_path / "people.csv").write_text(text_of(filled))
    officer = Permissions(officer=OFFICER)
    import_file(desk.consent, tmp_path / "people.csv", permissions=officer)
    [first] = desk.consent.subjects()
    (tmp_path / "more.csv").write_text(text_of(filled | {"legal_name": "Bea Example"}))
    if how == "table":
        report = import_file(desk.consent, tmp_path / "more.csv", permissions=officer)
        assert report.refused
        told = str(report.problems[0])
    else:
        [release] = import_file(desk.consent, tmp_path / "more.csv").imported
        papers = Papers(desk.consent, OFFICER)
        if how == "command":
            with pytest.raises(DocumentError) as raised:
                papers.attest({release: PAPER})
            told = str(raised.value)
        else:
            (tmp_path / "scans").mkdir()
            (tmp_path / "scans" / f"{release}.pdf").write_bytes(PAPER)
            told = str(papers.attest_folder(tmp_path / "scans").problems[0])
        assert desk.consent.state(release) is State.DRAFT
    assert f"the paper of {first.id}, too" in told
    [before] = desk.consent.releases(first.id)
    desk.consent.withdraw(first.id, release_id=before.release.id)
    assert not import_file(desk.consent, tmp_path / "more.csv", permissions=officer).refused


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_stands_twice_is_here_already_also_with_a_photograph(desk, tmp_path, dry_run):
    (tmp_path / "a.pdf").write_bytes(PAPER)
    (tmp_path / "ada.jpg").write_bytes(portrait(desk.detector, "ada").data)
    row = FILLED | {"signed_at": "2026-11-02", "scan_file": "a.pdf", "reference_file": "ada.jpg"}
    (tmp_path / "people.csv").write_text(text_of(row, row))
    officer = Permissions(officer=OFFICER)
    report = import_file(desk.consent, tmp_path / "people.csv", permissions=officer, dry_run=dry_run)
    assert (len(report.imported), report.unchanged, report.problems) == (1, report.imported, ())


def test_a_draft_without_a_day_of_signing_is_attested_once_the_table_has_one(desk, tmp_path):
    (tmp_path / "a.pdf").write_bytes(PAPER)
    row = {name: text for name, text in FILLED.items() if name != "valid_from"}
    (tmp_path / "people.csv").write_text(text_of(row))
    officer = Permissions(officer=OFFICER)
    [draft] = import_file(desk.consent, tmp_path / "people.csv", permissions=officer).imported
    assert desk.consent.state(draft) is State.DRAFT
    (tmp_path / "people.csv").write_text(text_of(row | {"scan_file": "a.pdf"}))
    [fault] = import_file(desk.consent, tmp_path / "people.csv", permissions=officer).problems
    assert (fault.field, "is missing" in fault.message) == ("signed_at", True)
    (tmp_path / "people.csv").write_text(text_of(row | {"scan_file": "a.pdf", "signed_at": "2026-11-15"}))
    report = import_file(desk.consent, tmp_path / "people.csv", permissions=officer)
    assert (report.attested, report.problems) == ((draft,), ())
    again = import_file(desk.consent, tmp_path / "people.csv", permissions=officer)
    assert (again.imported, again.unchanged) == ((), (draft,))


def test_without_an_officer_a_paper_is_a_draft_and_that_is_told(desk, tmp_path):
    (tmp_path / "a.pdf").write_bytes(PAPER)
    (tmp_path / "people.csv").write_text(text_of(FILLED | {"signed_at": "2026-11-02", "scan_file": "a.pdf"}))
    report = import_file(desk.consent, tmp_path / "people.csv")
    assert not report.refused
    assert "--key FILE" in str(report.problems[0])
    assert desk.consent.state(report.imported[0]) is State.DRAFT
    again = import_file(desk.consent, tmp_path / "people.csv", permissions=Permissions(officer=OFFICER))
    assert again.attested == report.imported
