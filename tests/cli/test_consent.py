"""volenti subject, release: from a name to a signature that holds, and back."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import PEOPLE, Call, key_of, portrait, signed_entry, volenti
from volenti.consent.purpose import Grant
from volenti.core.signing import SigningKey

ISSUE = (
    "--controller",
    "Example Studio",
    "--photographer",
    "Pat P.",
    "--shot-on",
    "2026-11-01",
    "--law",
    "DE",
)


def ada(call: Call, *more: object) -> str:
    """Somebody new on record, with a key in ada.key; returns their identifier."""
    answer = call(
        "subject",
        "add",
        "--name",
        "Ada Example",
        "--birth-date",
        "1990-05-17",
        "--new-key",
        "ada.key",
        *more,
        workspace=Path("studio"),
    )
    assert answer.status == 0
    return str(answer.out.strip())


def release_of(call: Call, subject: str, *more: object) -> str:
    answer = call("release", "issue", subject, *ISSUE, *more, workspace=Path("studio"))
    assert answer.status == 0, answer.err
    return str(answer.out.strip())


# -- subject


def test_a_new_subject_gets_a_key_only_they_can_read(studio: Path) -> None:
    subject = ada(volenti)
    assert Path("ada.key").stat().st_mode & 0o077 == 0
    shown = volenti("subject", "show", subject, "--json", workspace=studio).json
    assert shown["public_key"] == str(SigningKey.load(Path("ada.key")).public)


def test_a_key_that_is_there_is_not_overwritten(studio: Path) -> None:
    Path("ada.key").write_text("precious")
    answer = volenti(
        "subject",
        "add",
        "--name",
        "A",
        "--birth-date",
        "1990-05-17",
        "--new-key",
        "ada.key",
        workspace=studio,
    )
    assert answer.status == 2
    assert Path("ada.key").read_text() == "precious"


def test_no_key_is_left_of_somebody_who_could_not_be_recorded(studio: Path) -> None:
    answer = volenti(
        "subject",
        "add",
        "--name",
        "A",
        "--birth-date",
        "1990-05-17",
        "--new-key",
        "ada.key",
        "--id",
        "sub_00",
        workspace=studio,
    )
    assert answer.status == 6
    assert not Path("ada.key").exists()


def test_a_guardian_needs_a_name(studio: Path) -> None:
    answer = volenti(
        "subject",
        "add",
        "--name",
        "Kim",
        "--birth-date",
        "2015-01-01",
        "--guardian-relation",
        "mother",
        workspace=studio,
    )
    assert answer.status == 2
    assert "--guardian NAME" in answer.err


def test_a_public_key_may_be_given_as_a_file(studio: Path) -> None:
    Path("ada.pub").write_text(f"{key_of(40).public}\n")
    answer = volenti(
        "subject",
        "add",
        "--name",
        "Ada",
        "--birth-date",
        "1990-05-17",
        "--public-key",
        "ada.pub",
        "--json",
        workspace=studio,
    )
    assert answer.json["public_key"] == str(key_of(40).public)


def test_what_is_on_record_is_corrected_and_the_rest_stays(studio: Path) -> None:
    subject = ada(volenti, "--contact", "ada@example.org", "--notes", "tall")
    before = volenti("subject", "show", subject, "--json", workspace=studio).json
    given = ("--name", "Ada Sample", "--notes", "")
    answer = volenti("subject", "amend", subject, *given, workspace=studio)
    assert answer.out == f"{subject} is on record as given.\n"
    assert "volenti release amend" in answer.err
    after = volenti("subject", "show", subject, "--json", workspace=studio).json
    assert {name for name in before if before[name] != after[name]} == {"legal_name", "notes", "holdings"}
    assert (after["legal_name"], after["notes"], after["contact"]) == ("Ada Sample", "", "ada@example.org")
    again = volenti("subject", "amend", subject, *given, workspace=studio)
    assert again.out == "Nothing was to be changed.\n"


def test_a_key_is_added_where_there_was_none_and_replaced_on_an_officer_s_word_alone(studio: Path) -> None:
    born = ("--birth-date", "2015-01-01")
    kim = volenti("subject", "add", "--name", "Kim Example", *born, workspace=studio).out.strip()
    mother = ("--guardian", "Ada Example", "--guardian-relation", "mother", "--guardian-new-key", "ada.key")
    assert volenti("subject", "amend", kim, *mother, workspace=studio).status == 0
    shown = volenti("subject", "show", kim, "--json", workspace=studio).json["guardian"]
    assert shown["public_key"] == str(SigningKey.load(Path("ada.key")).public)
    refused = volenti("subject", "amend", kim, "--guardian-new-key", "new.key", workspace=studio)
    assert "only on an officer's word" in refused.err
    assert not Path("new.key").exists()
    assert volenti("subject", "amend", kim, "--guardian", "Ada Sample", workspace=studio).status == 0
    renamed = volenti("subject", "show", kim, "--json", workspace=studio).json["guardian"]
    assert renamed == {**shown, "name": "Ada Sample"}


def test_everybody_imported_is_listed_with_the_state_of_their_releases(studio: Path) -> None:
    listed = volenti("subject", "list", "--json", workspace=studio).json["subjects"]
    assert len(listed) == PEOPLE
    assert listed[3]["releases"] == {"rel_03": "signed"}
    table = volenti("subject", "list", workspace=studio).out.splitlines()
    assert table[0].split() == ["SUBJECT", "NAME", "BORN", "KEY", "RELEASES"]
    assert table[4].startswith("sub_03   Person Number 3")


def test_what_is_held_of_somebody_is_shown(studio: Path) -> None:
    answer = volenti("subject", "show", "sub_03", workspace=studio)
    assert "Person Number 3" in answer.out
    assert "rel_03 (signed)" in answer.out
    assert "data key" in answer.out


def test_nobody_is_shown_who_is_not_on_record(studio: Path) -> None:
    assert volenti("subject", "show", "sub_99", workspace=studio).status == 5


# -- import


def test_the_template_is_a_csv_header_and_needs_no_workspace(call: Call) -> None:
    answer = call("subject", "import", "--template")
    assert answer.status == 0
    assert answer.out.startswith("subject_id,legal_name,birth_date,")


def test_importing_again_changes_nothing(studio: Path, cast: Path) -> None:
    facts = volenti("subject", "import", cast / "people.json", "--json", workspace=studio).json
    assert facts["imported"] == []
    assert len(facts["unchanged"]) == PEOPLE


def test_a_dry_run_says_what_would_be_imported_and_imports_nothing(call: Call) -> None:
    call("init", "studio")
    Path("people.json").write_text(json.dumps([signed_entry(0, None)]))
    answer = call("subject", "import", "people.json", "--dry-run", workspace=Path("studio"))
    assert answer.out.splitlines() == [
        "Would import 1 release of 1 row; 0 were here already.",
        "A yes, of 1: generative-training 1, biometric-templates 1, redistribution 1; all else is a no.",
    ]
    assert call("subject", "list", "--json", workspace=Path("studio")).json == {"subjects": []}


def test_one_faulty_row_keeps_the_file_out_and_ends_with_findings(call: Call) -> None:
    call("init", "studio")
    faulty = signed_entry(1, None)
    faulty["subject"]["birth_date"] = "yesterday"
    Path("people.json").write_text(json.dumps([signed_entry(0, None), faulty]))
    answer = call("release", "import", "people.json", workspace=Path("studio"))
    assert answer.status == 1
    assert "row 2, subject.birth_date: isn't a calendar date" in answer.out
    assert call("subject", "list", "--json", workspace=Path("studio")).json == {"subjects": []}


def test_a_release_that_does_not_verify_is_imported_and_told(call: Call) -> None:
    call("init", "studio")
    forged = signed_entry(0, None)
    forged["release"]["controller"] = "Somebody Else"
    Path("people.json").write_text(json.dumps([forged]))
    answer = call("subject", "import", "people.json", "--json", workspace=Path("studio"))
    assert answer.status == 0
    assert [problem["fatal"] for problem in answer.json["problems"]] == [False]
    verified = call("release", "verify", "--json", workspace=Path("studio"))
    assert verified.status == 1
    assert verified.json["releases"][0]["state"] == "defective"


def test_without_a_file_the_import_says_what_to_give(studio: Path) -> None:
    answer = volenti("subject", "import", workspace=studio)
    assert answer.status == 2
    assert "--template" in answer.err


# -- release


def test_a_release_is_issued_signed_and_verified(studio: Path) -> None:
    photo = portrait(Path("ada.jpg"))
    release = release_of(volenti, ada(volenti), "--grant", "generative-training", "--reference", photo)
    assert volenti("release", "verify", release, workspace=studio).status == 1
    signed = volenti("release", "sign", release, "--key", "ada.key", "--reference", photo, workspace=studio)
    assert signed.out == f"{release} is signed.\n"
    assert volenti("release", "verify", release, workspace=studio).status == 0


def test_signing_without_the_photograph_says_what_is_missing(studio: Path) -> None:
    release = release_of(volenti, ada(volenti), "--reference", portrait(Path("ada.jpg")))
    answer = volenti("release", "sign", release, "--key", "ada.key", workspace=studio)
    assert answer.status == 0
    assert "--reference PHOTO" in answer.err


def test_another_photograph_than_the_named_one_is_refused_before_anything_is_signed(studio: Path) -> None:
    release = release_of(volenti, ada(volenti), "--reference", portrait(Path("ada.jpg")))
    other = portrait(Path("other.jpg"), place=1)
    answer = volenti("release", "sign", release, "--key", "ada.key", "--reference", other, workspace=studio)
    assert answer.status == 8
    assert volenti("release", "show", release, "--json", workspace=studio).json["state"] == "draft"


def test_somebody_elses_key_does_not_sign(studio: Path) -> None:
    release = release_of(volenti, ada(volenti))
    key_of(41).save(Path("other.key"))
    assert volenti("release", "sign", release, "--key", "other.key", workspace=studio).status == 7


def test_a_minors_release_waits_for_the_guardian(studio: Path) -> None:
    child = volenti(
        "subject",
        "add",
        "--name",
        "Kim",
        "--birth-date",
        "2015-01-01",
        "--new-key",
        "kim.key",
        "--guardian",
        "Ada Example",
        "--guardian-relation",
        "mother",
        "--guardian-new-key",
        "ada.key",
        workspace=studio,
    ).out.strip()
    release = release_of(volenti, child, "--grant", "commercial")
    own = volenti("release", "sign", release, "--key", "kim.key", workspace=studio)
    assert "waits for the guardian's signature" in own.err
    guardian = volenti("release", "sign", release, "--key", "ada.key", "--role", "guardian", workspace=studio)
    assert guardian.out == f"{release} is signed.\n"


def test_what_is_not_granted_is_answered_no(studio: Path) -> None:
    release = release_of(volenti, ada(volenti), "--grant", "commercial")
    text = volenti("release", "show", release, "--text", workspace=studio).out
    assert text.count("[YES]") == 1
    assert text.count("[NO ]") == len(Grant) - 1


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("--territory", "UK", "write GB"),
        ("--valid-until", "1999-01-01", "valid_until: is before valid_from"),
        ("--grant", "everything", "everything"),
    ],
)
def test_terms_that_can_not_be_are_named(studio: Path, option: str, value: str, what: str) -> None:
    answer = volenti("release", "issue", "sub_00", *ISSUE, option, value, workspace=studio)
    assert answer.status == 2
    assert what in answer.err


def test_a_document_goes_from_one_workspace_to_another(studio: Path, tmp_path: Path) -> None:
    document = volenti("release", "show", "rel_03", "--document", workspace=studio).json
    assert set(document) == {"release", "signatures"}
    Path("signed.json").write_text(json.dumps(document))
    volenti("init", "other")
    shown = volenti("subject", "show", "sub_03", "--json", workspace=studio).json
    volenti(
        "subject",
        "add",
        "--name",
        shown["legal_name"],
        "--birth-date",
        shown["birth_date"],
        "--id",
        "sub_03",
        "--public-key",
        shown["public_key"],
        workspace=Path("other"),
    )
    dry = volenti("release", "import", "signed.json", "--dry-run", "--json", workspace=Path("other"))
    assert dry.json["ok"]
    answer = volenti("release", "import", "signed.json", workspace=Path("other"))
    assert answer.out == "rel_03 is signed.\n"


def test_the_listing_says_how_far_each_release_has_got(studio: Path) -> None:
    draft = release_of(volenti, "sub_00")
    listed: list[dict[str, Any]] = volenti(
        "release", "list", "--subject", "sub_00", "--json", workspace=studio
    ).json["releases"]
    assert {each["id"]: each["state"] for each in listed} == {"rel_00": "signed", draft: "draft"}
    assert len(volenti("release", "list", workspace=studio).out.splitlines()) == PEOPLE + 2


def test_drafts_are_verified_only_when_they_are_named(studio: Path) -> None:
    release_of(volenti, "sub_00")
    answer = volenti("release", "verify", workspace=studio)
    assert (answer.status, answer.out) == (0, f"{PEOPLE} releases checked, none with problems.\n")


# -- withdraw


def test_one_grant_is_withdrawn(studio: Path) -> None:
    answer = volenti("release", "withdraw", "rel_03", "--grant", "generative-training", workspace=studio)
    assert answer.status == 0
    shown = volenti("subject", "show", "sub_03", "--json", workspace=studio).json
    assert [each["grant"] for each in shown["withdrawals"]] == ["generative-training"]
    assert shown["releases"] == {"rel_03": "signed"}


def test_everything_of_somebody_is_withdrawn(studio: Path) -> None:
    answer = volenti("release", "withdraw", "--subject", "sub_03", workspace=studio)
    assert "volenti request open --subject sub_03" in answer.err
    assert volenti("release", "show", "rel_03", "--json", workspace=studio).json["state"] == "withdrawn"


def test_what_was_taken_back_is_shown_beside_what_was_said(studio: Path) -> None:
    assert (
        volenti("release", "withdraw", "rel_00", "--grant", "generative-training", workspace=studio).status
        == 0
    )
    shown = volenti("release", "show", "rel_00", workspace=studio).out
    assert re.search(r"generative-training +YES, taken back \d{4}-\d\d-\d\d\n", shown)
    assert re.search(r"biometric-templates +YES\n", shown)
    [withdrawal] = volenti("release", "show", "rel_00", "--json", workspace=studio).json["withdrawals"]
    assert withdrawal["grant"] == "generative-training"
    listed = volenti("release", "list", "--subject", "sub_00", workspace=studio).out
    assert "biometric-templates" in listed
    assert "generative-training" not in listed


def test_a_release_beside_another_says_that_both_are_in_force(studio: Path) -> None:
    answer = volenti("release", "issue", "sub_00", *ISSUE, "--grant", "commercial", workspace=studio)
    assert "What they said in rel_00 stays in force too" in answer.err
    assert "volenti release amend rel_00" in answer.err
    subject = ada(volenti)
    assert "stays in force" not in volenti("release", "issue", subject, *ISSUE, workspace=studio).err


def test_withdrawing_asks_for_one_release_or_one_person(studio: Path) -> None:
    assert volenti("release", "withdraw", workspace=studio).status == 2
    assert volenti("release", "withdraw", "rel_03", "--subject", "sub_03", workspace=studio).status == 2


def test_withdrawing_one_shoot_says_so(studio: Path) -> None:
    answer = volenti("release", "withdraw", "--subject", "sub_03", "--shoot", "spring", workspace=studio)
    assert answer.out.startswith("Withdrawn: everything for the shoot spring of every release of sub_03")
    assert "Check the spelling" in answer.err
    shown = volenti("subject", "show", "sub_03", workspace=studio).out
    assert "everything of every release for the shoot spring" in shown


# -- amend


def test_a_release_is_amended_by_another_that_takes_its_place_once_it_is_signed(studio: Path) -> None:
    old = release_of(volenti, ada(volenti), "--grant", "commercial", "--shoot", "spring")
    volenti("release", "sign", old, "--key", "ada.key", workspace=studio)
    answer = volenti(
        *("release", "amend", old, "--grant", "redistribution", "--refuse", "commercial"),
        *("--territory", "DE", "--valid-until", "2099-12-31", "--language", "de", "--json"),
        workspace=studio,
    )
    new = answer.json
    assert (new["supersedes"], new["shoot"]["name"], new["terms"]["territory"]) == (old, "spring", ["DE"])
    assert [name for name, yes in new["grants"].items() if yes] == ["redistribution"]
    assert new["evidence"]["language"] == "de"
    assert new["terms"]["withdrawal_method"].startswith("Es dem Verantwortlichen sagen")
    assert volenti("release", "show", old, "--json", workspace=studio).json["state"] == "signed"
    volenti("release", "sign", new["id"], "--key", "ada.key", workspace=studio)
    assert volenti("release", "show", old, "--json", workspace=studio).json["state"] == "superseded"


@pytest.mark.parametrize(
    "options",
    [
        ("--grant", "commercial", "--refuse", "commercial"),
        ("--no-end", "--valid-until", "2099-12-31"),
        ("--language", "fr"),
    ],
)
def test_an_amendment_that_contradicts_itself_is_refused(studio: Path, options: tuple[str, ...]) -> None:
    assert volenti("release", "amend", "rel_03", *options, workspace=studio).status == 2


# -- texts, receipt, template, due


@pytest.mark.parametrize(("language", "title"), [("en", "NOTICE"), ("de", "HINWEISBLATT"), ("es", "AVISO")])
def test_a_release_and_its_notice_are_read_in_ones_own_language(
    studio: Path, language: str, title: str
) -> None:
    release = release_of(volenti, "sub_00", "--language", language)
    assert volenti("release", "show", release, "--notice", workspace=studio).out.startswith(title)
    assert volenti("release", "show", release, "--text", workspace=studio).out.count("(MODEL RELEASE)") == (
        0 if language == "en" else 1
    )


def test_the_texts_there_are_are_listed_with_their_digests(call: Call) -> None:
    texts = call("release", "texts", "--json").json["texts"]
    assert {each["language"] for each in texts} == {"en", "de", "es"}
    assert all(len(each["sha256"]) == 64 for each in texts)


def test_the_receipt_is_json_ld_and_a_page(studio: Path) -> None:
    record = volenti("release", "receipt", "rel_03", "--stored-in", "DE", "--json", workspace=studio).json
    assert record["@type"] == "dpv:ConsentReceipt"
    answer = volenti(
        "release", "receipt", "rel_03", "--pdf", "three.pdf", "--language", "es", workspace=studio
    )
    assert (answer.status, answer.out) == (0, "")
    assert Path("three.pdf").read_bytes().startswith(b"%PDF")
    again = volenti("release", "receipt", "rel_03", "--pdf", "three.pdf", workspace=studio)
    assert again.status == 2


@pytest.mark.parametrize(("language", "title"), [("", "Receipt"), ("de", "Beleg"), ("es", "Recibo")])
def test_a_receipt_is_printed_in_plain_words(studio: Path, language: str, title: str) -> None:
    options = ("--language", language) if language else ()
    answer = volenti("release", "receipt", "rel_03", *options, workspace=studio)
    assert answer.status == 0
    assert "{" not in answer.out
    assert "rel_03" in answer.out
    assert not re.search(r"\d{4}-\d\d-\d\d", answer.out)
    assert max(map(len, answer.out.splitlines())) < 110


@pytest.mark.parametrize(
    "options", [("--language", "de", "--json"), ("--stored-in", "Europe", "--json"), ("--stored-in", "DE")]
)
def test_a_receipt_asked_for_wrongly_says_what_to_give(studio: Path, options: tuple[str, ...]) -> None:
    assert volenti("release", "receipt", "rel_03", *options, workspace=studio).status == 2


@pytest.mark.parametrize("chapter", ["release", "subject"])
def test_the_template_is_printed_as_csv_as_json_and_explained(call: Call, chapter: str) -> None:
    header = call(chapter, "template").out.strip().split(",")
    assert header[:2] == ["subject_id", "legal_name"]
    (entry,) = call(chapter, "template", "--json").json
    assert set(entry) == {"subject", "release", "signatures", "reference"}
    explained = call(chapter, "template", "--columns").out.splitlines()
    assert [line.split()[0] for line in explained[1:]] == header


def test_what_falls_due_is_listed(studio: Path) -> None:
    assert volenti("release", "list", "--due", 30, "--json", workspace=studio).json == {"due": []}
    tomorrow = str(date.today() + timedelta(days=1))
    release = release_of(volenti, ada(volenti), "--valid-until", tomorrow)
    volenti("release", "sign", release, "--key", "ada.key", workspace=studio)
    (due,) = volenti("release", "list", "--due", 30, "--json", workspace=studio).json["due"]
    assert (due["day"], due["event"], due["release"]) == (tomorrow, "ends", release)
    assert release in volenti("release", "list", "--due", 30, workspace=studio).out


# -- register


def test_the_record_of_processing_is_printed_and_names_nobody(studio: Path) -> None:
    facts = volenti("register", "--json", workspace=studio).json
    purposes = {each["purpose"]: each["subjects"] for each in facts["purposes"]}
    assert (purposes["generative-training"], purposes["commercial"]) == (PEOPLE, 0)
    page = volenti("register", workspace=studio).out
    assert page.startswith("# Record of processing activities")
    assert "| Example Studio, 1 Example Street | 12" in page
    assert "Person Number" not in page
