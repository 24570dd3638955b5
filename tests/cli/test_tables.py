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


# -- what a studio's list lacks


#: What the list lacks, and is the same for everybody.
LACKING = {
    "Verantwortlicher": "controller",
    "Recht": "governing_law",
    "Wie": "method",
    "Bis": "shoot_last_day",
}
FILL = [
    *("--fill", "controller=Studio, Wien", "--fill", "governing_law=Österreich"),
    *("--fill", "method=Papier", "--fill", "grant_*=nein"),
]


@pytest.fixture
def short(desk: Path) -> Path:
    """The same, of a list with fewer columns, and with a title above its heading."""
    headings = [each for each in HEADINGS if each not in LACKING]
    table: list[list[object]] = [["Leute im Herbst"], [], [*headings, ANSWERS[0], "", "  "]]
    for number in range(PAPERS):
        row = [
            f"Änne Müller {number}",
            "17.05.1990",
            "Pat",
            date(2026, 11, 1),
            "Österreich",
            date(2026, 11, 1),
        ]
        table.append([*row, "nein", date(2026, 11, 2), f"{number}.pdf", "ruft an", "ja"])
    Path("leute.xlsx").write_bytes(workbook(*table))
    return desk


def test_a_list_that_lacks_what_is_the_same_for_everybody_is_taken_and_remembered(short: Path) -> None:
    report = imported(short, *MAPPED, *FILL)
    assert (report["rows"], len(report["attested"]), report["problems"]) == (PAPERS, PAPERS, [])  # type: ignore[arg-type]
    assert {name: count for name, count in report["granted"].items() if count} == {"commercial": PAPERS}  # type: ignore[attr-defined]
    remembered = json.loads((short / "fill.json").read_text("utf-8"))
    assert remembered == dict(each.split("=", 1) for each in FILL[1::2])
    again = imported(short)
    assert (again["imported"], len(again["unchanged"])) == ([], PAPERS)  # type: ignore[arg-type]
    listed = volenti("release", "list", "--json", workspace=short).json["releases"]
    shown = volenti("release", "show", listed[0]["id"], "--json", workspace=short).json
    assert shown["release"]["controller"] == "Studio, Wien"
    assert shown["release"]["shoot"]["last_day"] == "2026-11-01"


def test_an_import_says_who_agreed_to_what_and_what_was_filled_in(short: Path) -> None:
    given = ("--dates", "dd.mm.yyyy", "--key", "officer.key", *MAPPED, *FILL)
    dry = volenti("release", "import", "leute.xlsx", *given, "--dry-run", workspace=short)
    assert not (short / "fill.json").exists()
    assert "  -> Import it: the same command without --dry-run." in dry.err
    done = volenti("release", "import", "leute.xlsx", *given, workspace=short)
    assert done.out.splitlines()[2:] == [
        f"A yes, of {PAPERS}: commercial {PAPERS}; all else is a no.",
        "Where the table has no such column, each row says: "
        "controller = Studio, Wien; governing_law = Österreich; method = Papier.",
    ]
    assert "volenti add FOLDER" in done.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--fill", "controller"), "COLUMN=TEXT"),
        (("--fill", "=x"), "COLUMN=TEXT"),
        (("--fill", "nmae=x"), "isn't a column of the template"),
        (("--fill", "grant_*=ja"), "A yes isn't filled in"),
    ],
)
def test_what_cant_be_filled_in_is_refused_and_not_remembered(
    short: Path, given: tuple[str, str], said: str
) -> None:
    answer = volenti("release", "import", "leute.xlsx", *given, workspace=short)
    assert (answer.status, said in answer.err) == (2, True)
    assert not (short / "fill.json").exists()


def test_what_is_remembered_and_was_damaged_says_how_to_give_it_anew(short: Path) -> None:
    (short / "fill.json").write_text("[")
    answer = volenti("release", "import", "leute.xlsx", workspace=short)
    assert (answer.status, "give --fill again" in answer.err) == (2, True)


def test_a_release_whose_term_is_over_is_imported_and_named(desk: Path) -> None:
    table = [[*HEADINGS, "valid_until", *ANSWERS]]
    for number, until in enumerate((date(2026, 11, 3), date(2090, 1, 1))):
        row: list[object] = [f"Änne Müller {number}", "1990-05-17", "Studio, Wien", "Pat", date(2026, 11, 1)]
        row += [date(2026, 11, 1), "Österreich", date(2026, 11, 1), "nein", "AT", "Papier", date(2026, 11, 2)]
        table.append([*row, f"{number}.pdf", "", until, *["ja"] * len(ANSWERS)])  # type: ignore[list-item]
    Path("leute.xlsx").write_bytes(workbook(*table))  # type: ignore[arg-type]
    report = imported(desk, *MAPPED)
    assert [(each["row"], each["field"], each["fatal"]) for each in report["problems"]] == [  # type: ignore[attr-defined]
        (2, "valid_until", False)
    ]
    assert len(report["attested"]) == 2  # type: ignore[arg-type]


def test_a_paper_that_comes_later_counts_once_the_list_is_imported_with_it(short: Path) -> None:
    import openpyxl

    whole = Path("leute.xlsx").read_bytes()
    book = openpyxl.load_workbook("leute.xlsx")
    scan = next(cell for cell in book.active[3] if cell.value == "Scan").column
    book.active.cell(4, scan).value = None
    book.save("leute.xlsx")
    assert len(imported(short, *MAPPED, *FILL)["attested"]) == PAPERS - 1  # type: ignore[arg-type]
    Path("leute.xlsx").write_bytes(whole)
    later = imported(short)
    assert [len(later[each]) for each in ("attested", "imported", "unchanged")] == [1, 1, PAPERS - 1]  # type: ignore[arg-type]
    listed = volenti("release", "list", "--json", workspace=short).json["releases"]
    assert {each["state"] for each in listed} == {"signed"}
