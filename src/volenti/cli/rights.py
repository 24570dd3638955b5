"""volenti rights: works of third parties, whose copies aren't let in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

app = CommandGroup("Works of third parties, whose copies aren't let in.")

#: Characters of an identifier that are shown; --json has all of them.
SHOWN = 16


@app.command("register")
def register(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, metavar="FOLDER", help="Pictures of other owners.")
    ],
    as_json: AsJson = False,
) -> None:
    """Register works of third parties, so that copies of them are recognised and kept out.

    A fingerprint of some 50 kB is kept of each: a hash, keypoints, and a grey picture 128 pixels
    long. Copies are found that were saved anew, resized, cropped to half, mirrored, turned, written
    over or recoloured.

    \b
    Example:
      volenti rights register agency-previews
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        works = ws.rights.register(folder, progress=bar)
    if as_json:
        say_json(asdict(works))
        return
    say(f"{counted(works.new, 'work')} new, {works.registered:,} registered in all.")
    if works.judged_before:
        pictures = counted(works.judged_before, "picture")
        advise(f"Look for copies in {pictures} judged before: volenti rights search --dry-run")


@app.command("search")
def search(ctx: typer.Context, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Look for copies of registered works among pictures that were judged before.

    Every picture cleared or held before the latest works were registered is compared with those. What
    resembles one is judged again by the policy that decided then, also where a reviewer decided: copies
    are rejected, and not kept. Stopped, the search goes on where it was.

    \b
    Examples:
      volenti rights search --dry-run
      volenti rights search
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        searched = ws.rights.search(dry_run=dry_run, progress=bar)
    found = searched.found
    if as_json:
        facts = {"searched": searched.searched, "dry_run": dry_run}
        say_json({**facts, "found": [encoded(each) for each in found]})
        return
    pictures, copies = counted(searched.searched, "picture"), counted(len(found), "picture")
    say(f"{pictures} searched, {copies} like a registered work.")
    if found:
        say()
        say_table(
            ("FILE", "FINDING", "PURPOSE", "WAS", "WOULD BE" if dry_run else "IS NOW"),
            [
                (each.file, each.finding.code, purpose, before, each.after[purpose])
                for each in found
                for purpose, before in each.before.items()
            ],
        )


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the registered works: the file each came from, when, and what kind of copies are found.

    \b
    Example:
      volenti rights list
    """
    with opened(ctx) as ws:
        works = ws.rights.list()
    if as_json:
        found = [{"id": each.id, "file": each.file, "at": each.at, "edits": each.edits} for each in works]
        say_json({"works": found})
        return
    if not works:
        note("There are no works.")
        advise("Register some: volenti rights register FOLDER")
        return
    say_table(
        ("WORK", "FILE", "REGISTERED", "COPIES FOUND"),
        [
            (each.id[:SHOWN], each.file, each.at[:10], "re-saved and edited" if each.edits else "re-saved")
            for each in works
        ],
    )


@app.command("remove")
def remove(
    ctx: typer.Context,
    works: Annotated[
        list[str], typer.Argument(metavar="WORK", help="Identifiers, or as much of them as is unambiguous.")
    ],
    as_json: AsJson = False,
) -> None:
    """Remove works from the register: copies of them are let in again, and nothing of them is kept.

    Pictures that were rejected as copies stay rejected; add them again to have them judged anew.

    \b
    Example:
      volenti rights remove twk_3f08a1c2d4e5
    """
    with opened(ctx) as ws:
        left = ws.rights.remove(works)
    if as_json:
        say_json(asdict(left))
        return
    say(f"{counted(left.removed, 'work')} removed, {left.registered:,} registered in all.")
