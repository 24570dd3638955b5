"""volenti release import: releases that were signed elsewhere, many or one."""

from __future__ import annotations

import typer

from volenti.cli.release.checked import facts_of, say_problems, say_standing
from volenti.cli.terminal.imports import Blank, ImportFile, given_file, say_imported, say_template
from volenti.cli.terminal.options import AcceptReference, AsJson, DryRun, References
from volenti.cli.terminal.output import say_json
from volenti.cli.terminal.session import opened


def import_(
    ctx: typer.Context,
    file: ImportFile = None,
    reference: References = None,
    accept_reference: AcceptReference = False,
    blank: Blank = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in releases that were signed elsewhere.

    FILE holds many (as for `volenti subject import`), or one JSON document as
    `volenti release show --document` prints it, of somebody who is on record. A release whose
    signatures don't hold is kept, reported, and covers nothing. --reference goes with one document alone; a
    file of many names their photographs itself.

    \b
    Examples:
      volenti release import signed.json --reference ada.jpg
      volenti release import people.csv --dry-run
    """
    if blank:
        say_template()
        return
    given = given_file(file)
    with opened(ctx) as ws:
        report = ws.releases.import_(
            given, reference=reference, accept_reference=accept_reference, dry_run=dry_run
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
