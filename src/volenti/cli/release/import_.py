"""volenti release import: releases that were signed elsewhere, many or one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.release.checked import facts_of, say_problems, say_standing
from volenti.cli.terminal.imports import (
    AfterErasure,
    AnotherPerson,
    Blank,
    Dates,
    Encoding,
    Headings,
    ImportFile,
    OfficersKey,
    columns_in,
    given_file,
    say_imported,
    say_template,
)
from volenti.cli.terminal.options import AsJson, DryRun, signing_key
from volenti.cli.terminal.output import say_json
from volenti.cli.terminal.session import opened, read_bytes

Reference = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="PHOTO",
        help="For a single document: the reference photograph it names.",
    ),
]


def import_(
    ctx: typer.Context,
    file: ImportFile = None,
    reference: Reference = None,
    blank: Blank = False,
    columns: Headings = None,
    dates: Dates = "",
    encoding: Encoding = "",
    key: OfficersKey = None,
    another_person: AnotherPerson = False,
    after_erasure: AfterErasure = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in releases that were signed elsewhere.

    FILE holds many (as for `volenti subject import`), or one JSON document as
    `volenti release show --document` prints it, of somebody who is on record. A release whose
    signatures don't hold is kept, reported, and covers nothing. With --key, papers that were signed by hand
    count at once: an officer's key attests the scans that the column scan_file names.

    \b
    Examples:
      volenti release import signed.json --reference ada.jpg
      volenti release import people.csv --dry-run
      volenti release import people.xlsx --map "Name=legal_name" --dates dd.mm.yyyy --key officer.key
    """
    if blank:
        say_template()
        return
    given, photo = given_file(file), None if reference is None else read_bytes(reference)
    with opened(ctx) as ws:
        report = ws.releases.import_(
            given,
            reference=photo,
            columns=columns_in(columns),
            dates=dates,
            encoding=encoding,
            key=None if key is None else signing_key(key),
            another_person=another_person,
            after_erasure=after_erasure,
            dry_run=dry_run,
        )
    release = report.document
    if release is None:
        say_imported(report, as_json=as_json)
    elif not dry_run:
        say_standing(release, as_json=as_json)
    elif as_json:
        # The release has no state, because nothing was imported.
        facts = facts_of(release, release.problems) | {"state": ""}
        say_json({"ok": facts["ok"], "releases": [facts]})
    else:
        say_problems(release, release.problems)
