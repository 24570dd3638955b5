"""Importing in bulk: everything or nothing, every fault by its row, twice the same as once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from volenti.consent import importing
from volenti.consent.importing import import_file
from volenti.consent.purpose import Grant
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.spreadsheet import COLUMNS, example
from volenti.consent.storedrelease import State
from volenti.core.errors import StorageError, UsageError


def entry_of(subject, signed: SignedRelease, reference: str | None = None) -> dict:
    return {"subject": subject.to_json(), **signed.to_json(), "reference": reference}


@pytest.fixture
def write(tmp_path):
    """Writes an import file (a list of entries, or text) and returns its path."""

    def write(content: object, name: str = "releases.json") -> Path:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def two(hands):
    """Entries of an adult and of a child, both signed."""
    adult, child = hands.subject(), hands.child()
    return [entry_of(adult, hands.signed(adult)), entry_of(child, hands.signed(child, id="rel_2"))]


def csv_of(*entries: dict) -> str:
    """The entries in the CSV template."""
    lines = [[column.name for column in COLUMNS]]
    for entry in entries:
        roles = {given["role"]: given["signature"] for given in entry["signatures"]}
        whole = {**entry, "signatures": roles}
        lines.append([_cell(whole, column.path) for column in COLUMNS])
    return "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)


def _cell(value: object, path: str) -> str:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value or "")


def counts(desk) -> tuple[int, ...]:
    kinds = ("subject", "release", "withdrawal", "event")
    return (*(desk.records.count(kind) for kind in kinds), desk.log.size)


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_signed_releases_come_in_and_cover(desk, write, two, kind):
    path = write(two) if kind == "json" else write(csv_of(*two), "releases.csv")
    report = import_file(desk.consent, path)
    assert [str(problem) for problem in report.problems] == []
    assert (report.imported, report.unchanged, report.rows) == (("rel_1", "rel_2"), (), 2)
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    assert desk.consent.coverage_for("sub_child", desk.hands.use()).covered
    assert desk.consent.subject("sub_child").guardian.name == "Grace Example"


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_importing_twice_changes_nothing(desk, write, two, kind):
    path = write(two) if kind == "json" else write(csv_of(*two), "releases.csv")
    import_file(desk.consent, path)
    before = counts(desk)
    desk.wait(60)
    report = import_file(desk.consent, path)
    assert (report.imported, report.unchanged) == ((), ("rel_1", "rel_2"))
    assert counts(desk) == before


def test_json_and_csv_of_the_same_releases_are_the_same(desk, write, two):
    import_file(desk.consent, write(two))
    assert import_file(desk.consent, write(csv_of(*two), "releases.csv")).unchanged == ("rel_1", "rel_2")


def test_a_dry_run_says_the_same_and_changes_nothing(desk, write, two):
    path = write(two)
    before = counts(desk)
    dry = import_file(desk.consent, path, dry_run=True)
    assert counts(desk) == before
    assert replace(dry, dry_run=False) == import_file(desk.consent, path)
    assert dry.dry_run


def test_the_whole_import_is_under_one_checkpoint(desk, write, two):
    import_file(desk.consent, write(two))
    assert desk.log.size == 4
    assert desk.events("subject-added") == desk.events("release-imported") == 2


def test_one_faulty_row_keeps_the_whole_file_out_and_every_fault_is_named(desk, write, two):
    del two[1]["release"]["controller"]
    two[1]["release"]["terms"]["valid_from"] = "soon"
    report = import_file(desk.consent, write([*two, "nonsense"]))
    assert [str(problem) for problem in report.problems] == [
        "row 2, release.controller: is missing.",
        "row 2, release.terms.valid_from: isn't a calendar date such as 2026-11-22.",
        "row 3 isn't a JSON object.",
    ]
    assert (report.refused, report.imported, report.unchanged, report.rows) == (True, (), (), 3)
    assert list(desk.consent.subjects()) == []


def test_faults_of_a_csv_file_are_named_by_column(desk, write, two):
    text = csv_of(*two).replace("1990-05-17", "17.5.1990").replace('"DE FR"', '"Europe"')
    report = import_file(desk.consent, write(text, "releases.csv"))
    assert [str(problem) for problem in report.problems if problem.row == 2] == [
        "row 2, birth_date: is in another notation than 2026-11-22: day first? --dates dd.mm.yyyy.",
        "row 2, territory: isn't an ISO 3166-1 country code: write two capital letters such as DE, or WORLD.",
    ]


def test_an_unclear_answer_is_told_once(desk, write, two):
    text = csv_of(two[0]).replace('"yes"', '"perhaps"')
    report = import_file(desk.consent, write(text, "releases.csv"))
    told = [str(problem) for problem in report.problems]
    assert told == [
        f"row 2, grant_{name}: is neither yes nor no." for name in ("commercial", "generative_training")
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file isn't JSON."),
        ("{", "the file isn't JSON."),
        ("[NaN]", "the file isn't JSON."),
        ("[" * 100_000, "the file isn't JSON."),
        ("{}", "the file isn't a list of entries."),
        ('[{"subject": {"id": "a", "id": "b"}}]', "the file holds an object that names a field twice."),
        ("[null]", "row 1 isn't a JSON object."),
        ("[[]]", "row 1 isn't a JSON object."),
    ],
    ids=range(8),
)
def test_what_isnt_an_import_file_is_said(desk, write, content, said):
    assert [str(problem) for problem in import_file(desk.consent, write(content)).problems] == [said]


def test_an_empty_list_imports_nothing(desk, write):
    report = import_file(desk.consent, write([]))
    assert (report.imported, report.problems, report.rows) == ((), (), 0)


def test_what_isnt_text_is_said(desk, tmp_path):
    (tmp_path / "x.csv").write_bytes(b"legal_name\xff\xfe")
    report = import_file(desk.consent, tmp_path / "x.csv")
    (problem,) = report.problems
    assert str(problem).startswith("the file isn't UTF-8 text; save it as 'CSV UTF-8'")


def test_a_file_that_is_too_large_isnt_read(desk, write, two, monkeypatch):
    monkeypatch.setattr(importing, "FILE_BYTES_MAX", 10)
    assert import_file(desk.consent, write(two)).refused


def test_other_kinds_of_file_and_absent_ones_are_errors(desk, tmp_path):
    with pytest.raises(UsageError):
        import_file(desk.consent, tmp_path / "releases.ods")
    with pytest.raises(StorageError):
        import_file(desk.consent, tmp_path / "absent.json")


def test_a_forged_release_comes_in_is_reported_and_covers_nothing(desk, write):
    subject = desk.hands.subject()
    report = import_file(desk.consent, write([entry_of(subject, desk.hands.forged())]))
    assert (report.imported, report.refused) == (("rel_1",), False)
    assert [str(problem) for problem in report.problems] == [
        "row 1, signatures.subject: was made with another key than the subject's on record."
    ]
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).code == "signature"


def test_a_field_changed_after_signing_is_reported(desk, write, two):
    two[0]["release"]["grants"]["redistribution"] = True
    report = import_file(desk.consent, write(two))
    assert [str(problem) for problem in report.problems] == [
        "row 1, signatures.subject: doesn't fit the document: one of the two was changed."
    ]
    assert not desk.consent.coverage_for("sub_ada", desk.hands.use(Grant.REDISTRIBUTION)).covered


def test_a_child_without_a_guardians_signature_is_reported(desk, write):
    child = desk.hands.child()
    signed = SignedRelease(desk.hands.release(child)).signed_by(
        desk.hands.key, Role.SUBJECT, datetime(2026, 11, 22, tzinfo=UTC)
    )
    report = import_file(desk.consent, write([entry_of(child, signed)]))
    assert [problem.field for problem in report.problems] == ["signatures.guardian"]
    assert desk.consent.coverage_for(child.id, desk.hands.use()).code == "minor"


def unsigned(hands) -> dict:
    """An entry that leaves out all it may."""
    release = hands.release().to_json()
    for name in ("type", "version", "id", "subject", "legal_name", "birth_date"):
        del release[name]
    subject = {"legal_name": "Ada Example", "birth_date": "1990-05-17", "public_key": str(hands.key.public)}
    return {"subject": subject, "release": release}


def test_an_unsigned_release_becomes_a_draft_that_can_be_signed(desk, write):
    report = import_file(desk.consent, write([unsigned(desk.hands)]))
    assert [str(problem) for problem in report.problems] == ["row 1, signatures: nobody has signed."]
    (release_id,) = report.imported
    assert desk.consent.state(release_id) is State.DRAFT
    signed = desk.consent.sign(release_id, desk.hands.key)
    assert desk.consent.coverage_for(signed.release.subject, desk.hands.use()).covered


def test_without_identifiers_the_content_tells_what_is_here_already(desk, write):
    path = write([unsigned(desk.hands), unsigned(desk.hands)])
    first = import_file(desk.consent, path)
    assert (len(first.imported), len(first.unchanged)) == (1, 1)
    again = import_file(desk.consent, path)
    assert (again.imported, again.unchanged) == ((), first.imported * 2)
    assert len(list(desk.consent.subjects())) == 1


def test_a_draft_that_was_signed_meanwhile_stays_signed(desk, write):
    path = write([unsigned(desk.hands)])
    (release_id,) = import_file(desk.consent, path).imported
    signed = desk.consent.sign(release_id, desk.hands.key)
    before = counts(desk)
    report = import_file(desk.consent, path)
    assert not report.imported
    assert counts(desk) == before
    assert desk.consent.release(release_id) == signed


def test_two_releases_of_one_person_share_the_subject(desk, write):
    other = unsigned(desk.hands)
    other["release"]["terms"]["territory"] = ["US"]
    report = import_file(desk.consent, write([unsigned(desk.hands), other]))
    assert len(report.imported) == 2
    assert len(list(desk.consent.subjects())) == 1


def test_a_signed_release_needs_its_identifiers(desk, write, two):
    del two[0]["release"]["id"]
    report = import_file(desk.consent, write(two))
    assert [str(problem) for problem in report.problems] == ["row 1, release.id: is missing."]


def test_a_release_about_somebody_else_is_refused(desk, write, two):
    two[0]["subject"]["id"] = "sub_bea"
    report = import_file(desk.consent, write(two))
    assert [str(problem) for problem in report.problems] == [
        "row 1, release.subject: isn't the identifier of the row's subject."
    ]


@pytest.mark.parametrize("where", ["on record", "in an earlier row"])
def test_a_subject_who_differs_from_who_is_known_is_refused(desk, write, two, where):
    stranger = entry_of(desk.hands.subject(legal_name="Eve Example"), desk.hands.signed(id="rel_9"))
    if where == "on record":
        import_file(desk.consent, write(two))
        report = import_file(desk.consent, write([stranger]))
    else:
        report = import_file(desk.consent, write([two[0], stranger]))
    assert [problem.field for problem in report.problems] == ["subject.legal_name"]
    assert report.refused


def test_another_key_for_a_known_subject_is_refused(desk, write, two):
    import_file(desk.consent, write(two))
    two[0]["subject"]["public_key"] = str(desk.hands.guardian_key.public)
    report = import_file(desk.consent, write(two))
    assert [problem.field for problem in report.problems] == ["subject.public_key"]


def test_when_a_subject_was_recorded_elsewhere_is_no_difference(desk, write, two):
    import_file(desk.consent, write(two))
    recorded = desk.consent.subject("sub_ada").created
    two[0]["subject"]["created"] = "2020-01-01T00:00:00Z"
    assert import_file(desk.consent, write(two)).unchanged == ("rel_1", "rel_2")
    assert desk.consent.subject("sub_ada").created == recorded == desk.now


def test_what_a_row_doesnt_say_of_a_known_subject_is_no_difference(desk, write, two):
    desk.enrolled(desk.hands.subject(contact="ada@example.test", notes="left-handed"))
    report = import_file(desk.consent, write(two))
    assert report.problems == ()
    assert desk.consent.subject("sub_ada").notes == "left-handed"


def test_another_document_under_a_known_identifier_is_refused(desk, write, two):
    two[1]["release"]["id"] = "rel_1"
    report = import_file(desk.consent, write(two))
    assert [(problem.row, problem.field) for problem in report.problems] == [(2, "release.id")]
    assert report.refused


@pytest.mark.parametrize("how", ["key destroyed", "row gone too"])
def test_an_erased_subject_doesnt_come_back_by_import(desk, write, two, how):
    import_file(desk.consent, write(two))
    desk.vault.destroy_key("sub_ada")
    if how == "row gone too":
        desk.records.delete("subject", ["sub_ada"])
        desk.records.delete("release", ["rel_1"])
    before = counts(desk)
    report = import_file(desk.consent, write(two))
    assert report.refused
    assert [(problem.row, problem.field) for problem in report.problems] == [(1, "subject.id")]
    assert counts(desk) == before


def test_a_withdrawn_release_stays_withdrawn(desk, write, two):
    path = write(two)
    import_file(desk.consent, path)
    desk.consent.withdraw("sub_ada")
    assert import_file(desk.consent, path).unchanged == ("rel_1", "rel_2")
    assert desk.consent.state("rel_1") is State.WITHDRAWN


@pytest.fixture
def with_photo(desk, write, tmp_path):
    """Writes a file whose one release names a photograph, referred to by the given path."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "ada.jpg").write_bytes(desk.photo.data)
    signed = desk.hands.signed(shoot=desk.hands.shoot(desk.photo.digest))

    def with_photo(reference: str | None, signed: SignedRelease = signed) -> Path:
        return write([entry_of(desk.hands.subject(), signed, reference)])

    return with_photo


def test_the_reference_photograph_comes_with_the_release(desk, with_photo):
    path = with_photo("photos/ada.jpg")
    assert import_file(desk.consent, path).problems == ()
    assert desk.consent.reference("rel_1") == desk.photo.data
    assert import_file(desk.consent, path).unchanged == ("rel_1",)


def test_a_photograph_can_come_later(desk, with_photo):
    import_file(desk.consent, with_photo(None))
    assert import_file(desk.consent, with_photo("photos/ada.jpg")).imported == ("rel_1",)
    assert desk.consent.reference("rel_1") == desk.photo.data


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("photos/bea.jpg", "isn't a file"),
        ("photos", "leads out of the folder"),
        ("photos/other.jpg", "SHA-256 differs"),
        ("../outside.jpg", "leads out of the folder"),
        ("/etc/hostname", "leads out of the folder"),
        ("photos/link.jpg", "leads out of the folder"),
        ("x" * 3000, "can't be read"),
        (7, "is neither a text"),
    ],
    ids=range(8),
)
def test_a_photograph_is_a_file_beside_the_import_and_the_one_named(
    desk, with_photo, tmp_path, reference, said
):
    (tmp_path / "photos" / "other.jpg").write_bytes(b"another")
    (tmp_path / "photos" / "link.jpg").symlink_to("/etc/hostname")
    report = import_file(desk.consent, with_photo(reference))
    assert [problem.field for problem in report.problems] == ["reference"]
    assert said in report.problems[0].message
    assert list(desk.consent.subjects()) == []


def test_a_photograph_isnt_taken_where_the_release_names_none(desk, with_photo):
    report = import_file(desk.consent, with_photo("photos/ada.jpg", desk.hands.signed()))
    assert "names no reference photograph" in report.problems[0].message


def test_the_photograph_of_a_forged_release_isnt_kept_and_that_is_told(desk, with_photo):
    forged = desk.hands.forged(shoot=desk.hands.shoot(desk.photo.digest))
    path = with_photo("photos/ada.jpg", forged)
    report = import_file(desk.consent, path)
    assert [problem.field for problem in report.problems] == ["signatures.subject", "reference"]
    assert not report.refused
    assert desk.vault.size("sub_ada") == 0
    assert import_file(desk.consent, path).unchanged == ("rel_1",)


def test_an_import_that_fails_midway_leaves_nothing(desk, write, two, monkeypatch):
    imported = desk.consent.import_signed

    def fail_at_the_second(signed, photos=(), **how):
        if signed.release.id == "rel_2":
            raise StorageError("The disk is full.", "Free space.")
        return imported(signed, photos, **how)

    before = counts(desk)
    monkeypatch.setattr(desk.consent, "import_signed", fail_at_the_second)
    with pytest.raises(StorageError):
        import_file(desk.consent, write(two))
    assert counts(desk) == before


@pytest.mark.parametrize("name", ["release-1.json", "releases-1.csv"])
def test_a_file_from_the_first_version_comes_in_as_it_was_signed(desk, name):
    report = import_file(desk.consent, Path(__file__).parent / name)
    assert (report.imported, report.problems) == (("rel_1",), ())
    assert desk.consent.release("rel_1").release.version == 1
    assert desk.consent.coverage_for("sub_ada", desk.hands.use()).covered
    assert import_file(desk.consent, Path(__file__).parent / name).unchanged == ("rel_1",)


def test_the_example_of_the_template_comes_in_as_a_draft(desk, write):
    report = import_file(desk.consent, write([example()]))
    assert [problem.field for problem in report.problems if problem.fatal] == []
    (release_id,) = report.imported
    assert desk.consent.state(release_id) is State.DRAFT
    assert desk.consent.release(release_id).release.version == 2


def test_an_unsigned_entry_may_leave_out_the_shoots_name_and_the_notices_digest(desk, write, hands):
    entry = {**entry_of(hands.subject(), SignedRelease(hands.release()))}
    del entry["release"]["shoot"]["name"], entry["release"]["evidence"]["notice_sha256"]
    report = import_file(desk.consent, write([entry]))
    assert report.imported == ("rel_1",)
    assert desk.consent.release("rel_1").release == hands.release()


def test_a_digest_that_is_another_languages_is_a_fault_before_it_is_signed(desk, write, hands):
    mixed = replace(hands.release().evidence, language="de")
    entry = entry_of(hands.subject(), SignedRelease(hands.release(evidence=mixed)))
    report = import_file(desk.consent, write([entry]))
    assert report.refused
    assert "row 1, release.evidence.language: the text named is in en." in map(str, report.problems)


def test_a_successor_in_the_same_file_supersedes(desk, write, hands):
    first, second = hands.signed(), hands.signed(id="rel_2", supersedes="rel_1")
    entries = [entry_of(hands.subject(), each) for each in (second, first)]
    import_file(desk.consent, write(entries))
    assert desk.consent.state("rel_1") is State.SUPERSEDED
    assert desk.consent.coverage_for("sub_ada", hands.use()).release == "rel_2"


def test_what_fails_in_the_middle_leaves_nothing_half_imported(desk, write, two, monkeypatch):
    path, before = write(two), counts(desk)
    taken = desk.consent.import_signed

    def fail_on_the_second(signed, photos=(), **how):
        if signed.release.id == "rel_2":
            raise StorageError("The disk is full.")
        return taken(signed, photos, **how)

    monkeypatch.setattr(desk.consent, "import_signed", fail_on_the_second)
    with pytest.raises(StorageError):
        import_file(desk.consent, path)
    assert counts(desk) == before
    monkeypatch.undo()
    assert import_file(desk.consent, path).imported == ("rel_1", "rel_2")
