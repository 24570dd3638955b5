"""volenti package pull: takes out of an opened package whom the deletion feed names."""

from __future__ import annotations

from typing import Annotated

import typer

import volenti
from volenti.cli.package.options import OpenedFolder
from volenti.cli.terminal.acknowledged import AcknowledgedTo, check_place, write_acknowledgement
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, progress, say, say_json, say_text


def pull(
    folder: OpenedFolder,
    feed: Annotated[
        str,
        typer.Option(
            "--feed",
            metavar="PLACE",
            help="Where the feed is: https://..., or DIR; else what the package says.",
        ),
    ] = "",
    key: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="The sender's public key, if not the one that came with the package."
        ),
    ] = None,
    out: AcknowledgedTo = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take out of an opened package whom the deletion feed names, and sign that it was done.

    Run it before each training, and on a schedule while the package is there. A part that lost pictures
    has to be trained again; destroy what was trained on it before. It is named each time until a result was
    made of what it holds now.

    \b
    Example:
      volenti package pull my-lora --out acknowledgement.txt
    """
    if out is not None and not dry_run:
        check_place(out, folder)
    with progress(as_json) as bar:
        pulled = volenti.packages.pull(folder, feed=feed, key=key, dry_run=dry_run, progress=bar)
    done = pulled.applied
    if out is not None and not dry_run:
        write_acknowledgement(out, done.acknowledgement)
    if as_json:
        say_json({**done.to_json(), "parts": list(pulled.shards)})
        return
    verb = "would be taken out" if dry_run else "taken out"
    say(f"{counted(done.removed, 'picture')} {verb}, {done.left} left.")
    if pulled.shards:
        named = ", ".join(map(str, pulled.shards))
        advise(f"Destroy what was trained before, and train again on what is left: part {named}.")
    if done.acknowledgement and out is None:
        say_text(done.acknowledgement)
