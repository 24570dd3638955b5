"""Importing people with their releases: what `volenti subject` and `volenti release` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import volenti
from volenti.cli.terminal.output import advise, counted, say, say_json, say_table, say_text
from volenti.cli.terminal.session import fail
from volenti.core.codec import encoded
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.consent.importreport import ImportReport

ImportFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A .xlsx, .csv or .json file.", show_default=False)
]
Blank = Annotated[
    bool, typer.Option("--template", help="Print an empty CSV file with all columns, and stop.")
]
Headings = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="HEADING=COLUMN",
        help="Which column a heading of yours is; repeat it. Remembered. HEADING= leaves it out; "
        "'First + Last=legal_name' joins two.",
    ),
]
Fill = Annotated[
    list[str] | None,
    typer.Option(
        "--fill",
        metavar="COLUMN=TEXT",
        help="What stands in every row, where the table has no such column; repeat it. Remembered. "
        "'grant_*=no' is all of them; a yes isn't filled in.",
    ),
]
Dates = Annotated[
    str,
    typer.Option(metavar="NOTATION", help="How days are written where they aren't YYYY-MM-DD: dd.mm.yyyy."),
]
Encoding = Annotated[
    str, typer.Option(metavar="NAME", help="What a CSV file is saved in that isn't Unicode, such as cp1252.")
]
OfficersKey = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The private key of the officer who attests the papers that the column scan_file names.",
    ),
]
AnotherPerson = Annotated[
    bool, typer.Option("--another-person", help="Who has the name of somebody on record is somebody else.")
]
AfterErasure = Annotated[
    bool, typer.Option("--after-erasure", help="Who was erased agreed anew. This is logged.")
]
Columns = Annotated[
    bool, typer.Option("--columns", help="Explain every column instead: what it means, and if empty.")
]
AsExample = Annotated[
    bool, typer.Option("--json", help="Print an example in the JSON form, to be filled in.")
]


def given_file(file: Path | None) -> Path:
    """The file that was named; raises UsageError where none was."""
    if file is None:
        raise UsageError("No file was given.", "Name a .xlsx, .csv or .json file, or ask for --template.")
    return file


def columns_in(headings: list[str] | None) -> dict[str, str] | None:
    """The column of each heading, from options `HEADING=COLUMN`; raises UsageError for another form."""
    if not headings:
        return None
    pairs = [each.rpartition("=") for each in headings]
    for heading, _, column in pairs:
        if not heading:
            raise UsageError(f"{column!r} isn't HEADING=COLUMN.", "Write it like --map 'Name=legal_name'.")
    return {heading.strip(): column.strip() for heading, _, column in pairs}


def filled_in(columns: list[str] | None) -> dict[str, str] | None:
    """The text of each column, from options `COLUMN=TEXT`; raises UsageError for another form."""
    if not columns:
        return None
    pairs = [each.partition("=") for each in columns]
    for column, mark, text in pairs:
        if not (column.strip() and mark):
            raise UsageError(
                f"{column or text!r} isn't COLUMN=TEXT.", "Write it like --fill 'governing_law=DE'."
            )
    return {column.strip(): text.strip() for column, _, text in pairs}


def say_template(*, columns: bool = False, as_json: bool = False) -> None:
    """Print an empty file for bringing people in, an example entry, or what each column means."""
    from volenti.consent.columns import COLUMNS

    if as_json:
        say_json([volenti.releases.example()])
    elif columns:
        say_table(
            ("COLUMN", "IF EMPTY", "MEANING"),
            [(each.name, each.if_empty, each.explained) for each in COLUMNS],
        )
    else:
        say_text(volenti.releases.template())


def say_imported(report: ImportReport, *, as_json: bool) -> None:
    """Print what an import did; ends with status 1 where the file was kept out."""
    problems = [
        {"row": each.row, "field": each.field, "message": each.message, "fatal": each.fatal}
        for each in report.problems
    ]
    if as_json:
        kinds = [encoded(each) for each in report.kinds]
        facts = {"rows": report.rows, "imported": report.imported, "unchanged": report.unchanged}
        facts |= {"attested": report.attested, "refused": report.refused, "dry_run": report.dry_run}
        facts |= {"granted": dict(report.granted), "filled": dict(report.filled)}
        say_json({**facts, "problems": problems, "kinds": kinds})
    else:
        done = "Would import" if report.dry_run else "Imported"
        what = counted(len(report.imported), "release")
        if report.refused:
            faults = sum(p.fatal for p in report.problems)
            rows = len({p.row for p in report.problems if p.fatal})
            where = f" in {counted(rows, 'row')}" if faults > 1 else ""
            say(f"Nothing was imported: {counted(faults, 'fault')} to correct{where}.")
        else:
            say(f"{done} {what} of {counted(report.rows, 'row')}; {len(report.unchanged)} were here already.")
        if report.attested:
            whose = "its scanned paper" if len(report.attested) == 1 else "their scanned papers"
            say(f"{counted(len(report.attested), 'release')} attested by {whose}.")
        if not report.refused:
            _say_answers(report)
        for each in report.kinds:
            weight = "fault" if each.fatal else "covers nothing" if each.voids else "note"
            say(f"  {weight}: {each}")
    if report.refused:
        advise("Correct the rows named, then import the file again.")
        fail()
    if not as_json:
        _advise_next(report)


def _say_answers(report: ImportReport) -> None:
    """Say in how many releases each grant is a yes, and what was filled in: so a wrong heading is noticed."""
    rows = len(report.imported) + len(report.unchanged)
    yes = [f"{grant} {number:,}" for grant, number in report.granted.items() if number]
    if rows:
        say(f"A yes, of {rows:,}: {', '.join(yes)}; all else is a no." if yes else "Everything is a no.")
    # Of a grant that was filled in, a no, the line above says it: nobody said yes.
    told = [f"{name} = {text}" for name, text in report.filled.items() if not name.startswith("grant_")]
    if told:
        say(f"Where the table has no such column, each row says: {'; '.join(told)}.")


def _advise_next(report: ImportReport) -> None:
    if report.dry_run:
        advise("Import it: the same command without --dry-run.")
    elif report.imported:
        advise("See them: volenti release list. Then take pictures in: volenti add FOLDER")
