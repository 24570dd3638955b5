"""volenti release import: releases that were signed elsewhere, many or one."""

from __future__ import annotations

import typer

from volenti.cli.release.checked import facts_of, say_problems, say_standing
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
from volenti.cli.terminal.options import AcceptReference, AsJson, DryRun, References, signing_key
from volenti.cli.terminal.output import progress, say_json
from volenti.cli.terminal.session import opened


def import_(
    ctx: typer.Context,
    file: ImportFile = None,
    reference: References = None,
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
    """Take in releases that were signed elsewhere.

    FILE holds many (as for `volenti subject import`), or one JSON document as
    `volenti release show --document` prints it, of somebody who is on record. A release whose
    signatures don't hold is kept, reported, and covers nothing. With --key, papers that were signed by hand
    count at once: an officer's key attests the scans that the column scan_file names. --reference goes with
    one document alone; a file of many names their photographs itself.

    \b
    Examples:
      volenti release import signed.json --reference ada.jpg
      volenti release import people.csv --dry-run
      volenti release import people.xlsx --map "Name=legal_name" --dates dd.mm.yyyy --key officer.key
    """
    if blank:
        say_template(as_json=as_json)
        return
    given = given_file(file)
    with opened(ctx) as ws, progress(as_json) as bar:
        report = ws.releases.import_(
            given,
            reference=reference,
            accept_reference=accept_reference,
            columns=columns_in(columns),
            fill=filled_in(fill),
            dates=dates,
            encoding=encoding,
            key=None if key is None else signing_key(key),
            another_person=another_person,
            after_erasure=after_erasure,
            dry_run=dry_run,
            progress=bar,
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
