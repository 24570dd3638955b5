"""volenti add: takes files in and seals them in quarantine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_json
from volenti.cli.terminal.session import opened

if TYPE_CHECKING:
    from volenti.clearance.report import IntakeReport

#: How many faults of captions are printed, of each sort.
FAULTS_SHOWN = 20

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH", help="Files, or folders with everything in them.")
]
Shoot = Annotated[str, typer.Option(metavar="ID", help="Name of the shoot that they come from.")]


Subjects = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        metavar="SUBJECT",
        help="Whom they show; repeat it for several. It clears nothing by itself.",
    ),
]


def add(
    ctx: typer.Context,
    paths: Paths,
    shoot: Shoot = "",
    subjects: Subjects = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take files in and seal them in quarantine. Nothing is judged yet.

    The folder given is only read. Captions lie beside a picture as NAME.txt or NAME.caption, or for a folder
    in metadata.jsonl or metadata.csv (file_name, text); how many were found is printed, with each line that
    isn't used. Files about rights beside a picture (XMP, headers, JSON, C2PA) are read with it; where they
    come later, it is judged anew. Running it again takes in what is new.

    \b
    Examples:
      volenti add inbox
      volenti add portrait.jpg --shoot spring --subject sub_ada
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        take_in = ws.given if dry_run else ws.add
        report = take_in(paths, shoot=shoot, subjects=subjects or (), progress=bar)
    if as_json:
        say_json(asdict(report))
    else:
        _say_intake(report, dry_run=dry_run)


def _say_intake(report: IntakeReport, *, dry_run: bool) -> None:
    parts = [f"{report.new:,} new"]
    parts += [f"{report.known:,} here already"] if report.known else []
    parts += [f"{report.duplicate:,} with the bytes of another"] if report.duplicate else []
    parts += [f"{len(report.unreadable):,} that can't be read"] if report.unreadable else []
    parts += [f"{len(report.sidecars_alone):,} without their picture"] if report.sidecars_alone else []
    say(f"{counted(report.given, 'file')} given: {', '.join(parts)}.")
    if report.sidecars:
        say(f"{counted(report.sidecars, 'file')} about rights beside them.")
    for name in report.sidecars_unread:
        say(f"  can't be read as a whole, so no policy clears its picture: {name}")
    for name in report.sidecars_alone:
        say(f"  its picture isn't there: {name}")
    _say_given(report, about_rights=report.sidecars)
    for name in report.captions_differ:
        say(f"  a copy with another caption: {name}")
    if report.captions_differ:
        note("Each file keeps its caption. A picture gets the caption from the folder of the person in it.")
    if report.to_judge_again:
        note(f"Something new lies beside {counted(report.to_judge_again, 'picture')} judged before.")
    if dry_run:
        note("This was a dry run: nothing was taken in.")
    elif report.new or report.to_judge_again:
        advise("Have them judged: volenti clear --purpose PURPOSE")


def _say_given(report: IntakeReport, about_rights: int) -> None:
    """Print what can't be read, what isn't meant as pictures, and how many captions were found.

    about_rights: how many files beside pictures were told of already.
    """
    for each in report.unreadable:
        say(f"  can't be read: {each.file}")
        say(f"    {each.why} -> {each.remedy}")
    if others := max(0, report.beside - about_rights):
        say(f"{counted(others, 'other file')} with captions, or about rights in the pictures beside.")
    if ignored := sum(report.ignored.values()):
        names = ", ".join(f"{count:,} {what}" for what, count in sorted(report.ignored.items()))
        say(f"{counted(ignored, 'file')} ignored: {names}.")
    _say_captions(report)


def _say_captions(report: IntakeReport) -> None:
    """Print how many captions were found, and what of listings and captions wasn't used."""
    say(f"{counted(report.captions, 'caption')} found.")
    for used, heading in ((False, "Not used as captions:"), (True, "Used as captions, and to be checked:")):
        faults = [each for each in report.caption_faults if each.used == used]
        if faults:
            say(heading)
        for each in faults[:FAULTS_SHOWN]:
            say(f"  {each}")
        if len(faults) > FAULTS_SHOWN:
            say(f"  ... and {len(faults) - FAULTS_SHOWN:,} more: --json has them")
    if left := report.caption_faults_count - len(report.caption_faults):
        say(f"... and {left:,} more lines and files, which aren't listed one by one.")
