"""volenti release attest: an officer attests that releases were signed on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, DryRun, OptionalDay, signing_key
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import fail, opened
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.consent.papers import AttestReport

Which = Annotated[
    str | None,
    typer.Argument(metavar="RELEASE", help="Which; without one --scan is a folder.", show_default=False),
]
Scan = Annotated[
    Path,
    typer.Option(
        exists=True,
        metavar="PATH",
        help="The scanned paper (PDF, JPEG, PNG, TIFF), or a folder of them.",
    ),
]
Key = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, metavar="FILE", help="The officer's private key.")
]
As = Annotated[
    str | None,
    typer.Option(metavar="ROLE", help="Who signed: subject or guardian; else by their age on that day."),
]


def attest(
    ctx: typer.Context,
    scan: Scan,
    key: Key,
    release: Which = None,
    signed_on: OptionalDay = None,
    role: As = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Attest that releases were signed on paper, and seal the scans.

    The officer's key signs that each paper is this release and was signed by this person on that day. From
    then on the release covers what it grants, where the policy doesn't ask for more (volenti policy show). In
    a folder each file is named after a release or a person; all of them are attested, or none. To attest the
    papers of a table as it is imported: volenti release import --key.

    \b
    Examples:
      volenti release attest rel_1 --scan ada.pdf --key officer.key --signed-on 2026-11-01
      volenti release attest --scan scans --key officer.key --dry-run
    """
    with opened(ctx) as ws:
        report = ws.releases.attest(
            release, scan=scan, key=signing_key(key), signed_on=signed_on, role=role, dry_run=dry_run
        )
        lacking = [each for each in report.attested if not dry_run and ws.releases.show(each).lacks_reference]
    if as_json:
        say_json(encoded(report))
    else:
        _say(report)
    if report.refused:
        advise("Correct the files named, then attest the folder again.")
        fail()
    if lacking and not as_json:
        what = counted(len(lacking), "release")
        advise(f"{what} named a photograph that isn't here: import the table again.")


def _say(report: AttestReport) -> None:
    if report.refused:
        say(f"Nothing was attested: {counted(len(report.problems), 'problem')}.")
        for each in report.problems:
            say(f"  {each}")
        return
    done = "Would attest" if report.dry_run else "Attested"
    before = f"; {len(report.unchanged)} were attested before" if report.unchanged else ""
    say(f"{done} {counted(len(report.attested), 'release')}{before}.")
