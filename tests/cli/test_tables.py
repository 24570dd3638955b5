"""Tables out of Excel at the command line: mapped, read, attested, asked about."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.cli.calling import SURE, Call, volenti
from tests.unit.consent.test_tables import workbook
from volenti.consent.purpose import Grant
from volenti.core.signing import SigningKey

HEADINGS = {
    "Name": "legal_name",
    "Geburtsdatum": "birth_date",
    "Verantwortlicher": "controller",
    "Fotograf": "photographer",
    "Von": "shoot_first_day",
    "Bis": "shoot_last_day",
    "Gebiet": "territory",
    "Gültig ab": "valid_from",
    "Weitergabe": "sublicensing",
    "Recht": "governing_law",
    "Wie": "method",
    "Unterschrieben": "signed_at",
    "Scan": "scan_file",
    "Bemerkung": "",
}
MAPPED = [said for heading, column in HEADINGS.items() for said in ("--map", f"{heading}={column}")]
ANSWERS = [f"grant_{grant.replace('-', '_')}" for grant in Grant]
PAPERS = 5


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, a German table of people who signed on paper, and an officer's key."""
    monkeypatch.chdir(tmp_path)
    assert volenti("init", "studio").status == 0
    table = [[*HEADINGS, *ANSWERS]]
    for number in range(PAPERS):
        Path(f"{number}.pdf").write_bytes(b"%PDF-1.7 paper " + bytes([number]))
        row = [f"Änne Müller {number}", "17.05.1990", "Studio, Wien", "Pat", date(2026, 11, 1), "02.11.2026"]
        row += [
            "Deutschland, Österreich",
            date(2026, 11, 1),
            "nein",
            "Deutschland",
            "Papier",
            date(2026, 11, 2),
        ]
        table.append([*row, f"{number}.pdf", "ruft an", *["ja"] * len(ANSWERS)])
    Path("leute.xlsx").write_bytes(workbook(*table))
    assert volenti("key", "new", "officer.key", workspace=Path("studio")).status == 0
    return Path("studio")


def imported(desk: Path, *given: object) -> dict[str, object]:
    read = ("--dates", "dd.mm.yyyy", "--key", "officer.key", "--json")
    return dict(volenti("release", "import", "leute.xlsx", *read, *given, workspace=desk).json)


def test_papers_of_a_german_table_count_after_one_command(desk: Path) -> None:
    report = imported(desk, *MAPPED)
    assert (report["rows"], len(report["attested"]), report["problems"]) == (PAPERS, PAPERS, [])  # type: ignore[arg-type]
    listed = volenti("release", "list", "--json", workspace=desk).json["releases"]
    assert {(each["state"], each["method"]) for each in listed} == {("signed", "attested")}
    assert volenti("release", "verify", workspace=desk).status == 0
    shown = volenti("release", "show", listed[0]["id"], workspace=desk).out
    assert "signed by the subject on paper on 2026-11-02; attested" in shown
    assert volenti("audit", "--deep", workspace=desk).status == 0


def test_headings_are_remembered_where_anybody_can_see_them(desk: Path) -> None:
    imported(desk, *MAPPED)
    assert json.loads((desk / "columns.json").read_text("utf-8")) == HEADINGS
    again = imported(desk)
    assert (again["imported"], len(again["unchanged"])) == ([], PAPERS)  # type: ignore[arg-type]


def test_a_dry_run_remembers_nothing_and_says_the_same(desk: Path) -> None:
    dry = imported(desk, *MAPPED, "--dry-run")
    assert not (desk / "columns.json").exists()
    assert len(dry["attested"]) == PAPERS  # type: ignore[arg-type]
    assert volenti("subject", "list", "--json", workspace=desk).json == {"subjects": []}


def test_faults_are_told_by_kind_with_their_remedy(desk: Path) -> None:
    answer = volenti("release", "import", "leute.xlsx", *MAPPED, workspace=desk)
    assert answer.status == 1
    assert answer.out.splitlines() == [
        "Nothing was imported: 10 faults to correct in 5 rows.",
        "  fault: birth_date: 5 rows (2-6): "
        "is in another notation than 2026-11-22: day first? --dates dd.mm.yyyy.",
        "  fault: shoot_last_day: 5 rows (2-6): "
        "is in another notation than 2026-11-22: day first? --dates dd.mm.yyyy.",
    ]
    told = volenti("release", "import", "leute.xlsx", "--json", workspace=desk).json
    assert [each["rows"] for each in told["kinds"]] == [[2, 3, 4, 5, 6]] * 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--map", "Name"), "HEADING=COLUMN"),
        (("--map", "=legal_name"), "HEADING=COLUMN"),
        (("--map", "Name=nmae"), "isn't a column of the template"),
        (("--dates", "dd.mm.yy"), "isn't a notation of dates"),
    ],
)
def test_what_cant_be_is_refused_before_the_table_is_read(
    desk: Path, given: tuple[str, str], said: str
) -> None:
    answer = volenti("release", "import", "leute.xlsx", *given, workspace=desk)
    assert answer.status == 2
    assert said in answer.err
    assert not (desk / "columns.json").exists()


def test_a_mapping_that_was_damaged_is_told(desk: Path) -> None:
    (desk / "columns.json").write_text("[")
    answer = volenti("release", "import", "leute.xlsx", workspace=desk)
    assert answer.status == 2
    assert "give --map again" in answer.err


def test_nobody_is_added_twice_nor_brought_back_in_silence(call: Call) -> None:
    call("init", "studio")
    at = Path("studio")
    who = ("--name", "Zoë Nguyễn", "--birth-date", "1990-05-17")
    zoe = call("subject", "add", *who, workspace=at).out.strip()
    again = call("subject", "add", "--name", "ZOË  NGUYỄN", *who[2:], workspace=at)
    assert (again.status, zoe in again.err, "--another-person" in again.err) == (6, True, True)
    assert call("subject", "add", *who, "--another-person", workspace=at).status == 0
    for each in call("subject", "list", "--json", workspace=at).json["subjects"]:
        request = call(
            "request", "open", "--kind", "erasure", "--subject", each["id"], "--json", workspace=at
        )
        call("request", "run", request.json["id"], *SURE, workspace=at)
    back = call("subject", "add", *who, workspace=at)
    assert (back.status, "was erased on" in back.err, "--after-erasure" in back.err) == (6, True, True)
    assert call("subject", "add", *who, "--after-erasure", workspace=at).status == 0
    assert "subject-added-after-erasure" in call("log", "show", workspace=at).out


def test_papers_in_a_folder_are_attested_at_once(desk: Path) -> None:
    answer = volenti("release", "import", "leute.xlsx", *MAPPED, "--dates", "dd.mm.yyyy", workspace=desk)
    assert "scan_file: 5 rows (2-6): isn't taken" in answer.out
    Path("scans").mkdir()
    for number in range(PAPERS):
        Path(f"{number}.pdf").rename(f"scans/Änne Müller {number}.pdf")
    given = ("release", "attest", "--scan", "scans", "--key", "officer.key")
    assert volenti(*given, "--dry-run", workspace=desk).out == "Would attest 5 releases.\n"
    assert volenti(*given, workspace=desk).out == "Attested 5 releases.\n"
    assert volenti(*given, workspace=desk).out == "Attested 0 releases; 5 were attested before.\n"
    Path("scans/Bo.pdf").write_bytes(b"%PDF-1.7 of nobody")
    refused = volenti(*given, "--json", workspace=desk)
    assert refused.status == 1
    assert [each["file"] for each in refused.json["problems"]] == ["Bo.pdf"]


def test_a_lost_key_is_replaced_and_what_it_signed_stays_valid(studio: Path) -> None:
    SigningKey.new().save(Path("officer.key"))
    lost = ("subject", "amend", "sub_03", "--new-key", "new.key")
    assert "only on an officer's word" in volenti(*lost, workspace=studio).err
    said = ("--reason", "Phone lost; passport shown", "--officer-key", "officer.key")
    assert volenti(*lost, *said, workspace=studio).status == 0
    assert volenti("release", "verify", workspace=studio).status == 0
    assert "Phone lost; passport shown" in volenti("subject", "show", "sub_03", workspace=studio).out
    assert volenti("audit", workspace=studio).status == 0
    private = volenti("subject", "amend", "sub_03", "--public-key", "officer.key", workspace=studio)
    assert "This is a private key" in private.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--law", "DEX"), "isn't a country's law"),
        (("--law", "EX"), "isn't a country's law"),
        (("--law", "German"), "isn't a country's law"),
        (("--law", "Deutschland"), "write DE."),
        (("--law", "DE", "--territory", "Germany"), "write DE."),
        (("--law", "DE", "--territory", "EX"), "isn't an ISO 3166-1 country code"),
    ],
)
def test_a_law_and_a_territory_that_cant_be_are_refused(
    studio: Path, given: tuple[str, ...], said: str
) -> None:
    usual = ("--controller", "Studio", "--photographer", "Pat", "--shot-on", "2026-11-01")
    answer = volenti("release", "issue", "sub_03", *usual, *given, workspace=studio)
    assert answer.status == 2
    assert said in answer.err
