"""volenti subject import: people with their releases, many at once."""

from __future__ import annotations

import typer

from volenti.cli.terminal.imports import (
    AfterErasure,
    AnotherPerson,
    Blank,
    Dates,
    Encoding,
    Fill,
    Headings,
    ImportFile,
    OfficersKey,
    columns_in,
    filled_in,
    given_file,
    say_imported,
    say_template,
)
from volenti.cli.terminal.options import AcceptReference, AsJson, DryRun, signing_key
from volenti.cli.terminal.output import progress
from volenti.cli.terminal.session import opened


def import_(
    ctx: typer.Context,
    file: ImportFile = None,
    accept_reference: AcceptReference = False,
    blank: Blank = False,
    columns: Headings = None,
    fill: Fill = None,
    dates: Dates = "",
    encoding: Encoding = "",
    key: OfficersKey = None,
    another_person: AnotherPerson = False,
    after_erasure: AfterErasure = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in people with their releases, from a table (.xlsx, .csv) or JSON.

    Their reference photographs come along, too: each has to show one clear face. Everything or nothing:
    one faulty row keeps the file out, and every fault is reported. A release whose signatures don't hold
    is imported and covers nothing. Importing again changes nothing.

    \b
    Examples:
      volenti subject import --template > people.csv
      volenti subject import people.csv --dry-run
      volenti subject import people.xlsx --map "Name=legal_name" --dates dd.mm.yyyy
    """
    if blank:
        say_template(as_json=as_json)
        return
    given = given_file(file)
    with opened(ctx) as ws, progress(as_json) as bar:
        report = ws.subjects.import_(
            given,
            columns=columns_in(columns),
            fill=filled_in(fill),
            dates=dates,
            encoding=encoding,
            key=None if key is None else signing_key(key),
            another_person=another_person,
            after_erasure=after_erasure,
            accept_reference=accept_reference,
            dry_run=dry_run,
            progress=bar,
        )
    say_imported(report, as_json=as_json)
