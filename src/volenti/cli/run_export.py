"""volenti run export: what the project's own training learned, as files for somebody else's tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.export import Contact, FeedAddress
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, progress, say, say_json, size
from volenti.cli.terminal.session import opened

if TYPE_CHECKING:
    from volenti.deliveries.weights.exported import ExportedRun


Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="Its identifier, or a dataset for its latest run; the latest of all by default.",
        show_default=False,
    ),
]
To = Annotated[Path, typer.Option("--to", file_okay=False, metavar="DIR", help="A new or empty folder.")]
Recipient = Annotated[str, typer.Option("--recipient", metavar="NAME", help="Who gets it; kept on record.")]
Constituents = Annotated[
    list[int] | None,
    typer.Option(
        "--constituent", min=0, help="Which, by its shard, from 0; repeat it. Else all that are served."
    ),
]
Place = Annotated[
    str | None,
    typer.Option(
        "--territory",
        metavar="PLACE",
        help="Where the recipient is: a country such as DE, or WORLD; else the dataset's.",
    ),
]
Sublicensable = Annotated[
    bool, typer.Option("--sublicensable", help="The recipient may hand the weights on in turn.")
]
Licence = Annotated[
    Path | None,
    typer.Option(
        "--licence",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The text under which you hand it out; it is laid beside the weights.",
    ),
]


def export(
    ctx: typer.Context,
    to: To,
    recipient: Recipient,
    run: Run = None,
    constituents: Constituents = None,
    territory: Place = None,
    sublicensable: Sublicensable = False,
    licence: Licence = None,
    contact: Contact = "",
    feed: FeedAddress = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write what the project's own training learned, as files for other tools, and record who gets it.

    Of a pipeline's run: a LoRA file that diffusers loads, and where its network is a U-Net a second one with
    kohya's names. Of other runs: the weights as they are. README.md is the card; SHA256SUMS has the checksum
    of every file. The folder is written as a whole or not at all, and the same command again changes nothing.

    Only what is served today is handed out. It is refused where anybody whom it learned from didn't agree to
    being passed on, where the recipient is: what a model learned may come out of it again. Once a yes ends,
    the deletion feed calls the weights back; export the successor to the same recipient, and it says so.

    \b
    Examples:
      volenti run export humans --to weights-for-lab --recipient "Example Lab" --dry-run
      volenti run export --to lora --recipient "Example Lab" --licence LICENSE --feed https://studio.example/feed
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        done = ws.runs.export(
            run,
            to=to,
            recipient=recipient,
            constituents=constituents or (),
            territory=territory,
            sublicensable=sublicensable,
            licence=licence,
            contact=contact,
            feed=feed,
            dry_run=dry_run,
            progress=bar,
        )
    if as_json:
        say_json({**done.to_json(), "folder": None if dry_run else str(to)})
        return
    _say(done, to, dry_run=dry_run)
    if not dry_run and not feed:
        advise("Tell the recipient where your deletion feed is published: they need it to follow it.")


def _say(done: ExportedRun, to: Path, *, dry_run: bool) -> None:
    for each in done.constituents:
        people = counted(each.people, "person", "people")
        say(f"Constituent {each.shard} of {done.run}: {counted(each.pictures, 'picture')} of {people}.")
        for file in each.files:
            say(f"  {file.name}, {size(file.bytes)}, SHA-256 {file.sha256}")
    if dry_run and not done.was_there:
        say(f"Would be handed out to {done.recipient}, in {to}.")
        return
    if done.was_there:
        say(f"{to} has exactly this already; nothing was written.")
    say(f"On record as {done.delivery}, to {done.recipient}.")
    for earlier in done.succeeds:
        say(f"The feed tells the recipient that this succeeds what was called back of {earlier}.")
    if not done.was_there:
        advise(f"Hand over all of {to}, also what is hidden in it. Who acknowledged: volenti feed list")
