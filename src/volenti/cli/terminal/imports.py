"""Importing people with their releases: what `volenti subject` and `volenti release` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import volenti
from volenti.cli.terminal.output import advise, counted, say, say_json, say_table
from volenti.cli.terminal.session import fail
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.consent.importing import ImportReport

ImportFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A .csv or .json file.", show_default=False)
]
Blank = Annotated[
    bool, typer.Option("--template", help="Print an empty CSV file with all columns, and stop.")
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
        raise UsageError("No file was given.", "Name a .csv or .json file, or ask for --template.")
    return file


def say_template(*, columns: bool = False, as_json: bool = False) -> None:
    """Print an empty file for bringing people in, an example entry, or what each column means."""
    from volenti.consent.spreadsheet import COLUMNS

    if as_json:
        say_json([volenti.releases.example()])
    elif columns:
        say_table(
            ("COLUMN", "IF EMPTY", "MEANING"),
            [(each.name, each.if_empty, each.explained) for each in COLUMNS],
        )
    else:
        say(volenti.releases.template().rstrip())


def say_imported(report: ImportReport, *, as_json: bool) -> None:
    """Print what an import did; ends with status 1 where the file was kept out."""
    problems = [
        {"row": each.row, "field": each.field, "message": each.message, "fatal": each.fatal}
        for each in report.problems
    ]
    if as_json:
        facts = {"rows": report.rows, "imported": report.imported, "unchanged": report.unchanged}
        say_json({**facts, "refused": report.refused, "dry_run": report.dry_run, "problems": problems})
    else:
        done = "Would import" if report.dry_run else "Imported"
        what = counted(len(report.imported), "release")
        if report.refused:
            say(
                f"Nothing was imported: {counted(sum(p.fatal for p in report.problems), 'fault')} to correct."
            )
        else:
            say(f"{done} {what} of {counted(report.rows, 'row')}; {len(report.unchanged)} were here already.")
        for each in report.problems:
            weight = "fault" if each.fatal else "covers nothing" if each.voids else "note"
            say(f"  {weight}: {each}")
    if report.refused:
        advise("Correct the rows named, then import the file again.")
        fail()
