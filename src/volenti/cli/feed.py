"""volenti feed: what the recipients of exports have to take out of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.acknowledged import AcknowledgedTo, check_place, write_acknowledgement
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import fail, opened, read_bytes
from volenti.core.signing import PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.deliveries.weights.contents import CalledBackFile

app = CommandGroup("The deletion feed: tells whoever got an export what has to go out of it.")

Export = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, metavar="DIR", help="The export, as delivered.")
]
Place = Annotated[
    str, typer.Option("--feed", metavar="PLACE", help="Where the feed is published: https://..., or DIR.")
]
SendersKey = Annotated[
    Path | None,
    typer.Option(
        "--key",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The sender's public key, if not the one that came with the export.",
    ),
]


@app.command("list")
def list_(
    ctx: typer.Context,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those who should have acknowledged by now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every export that was handed out, what was called back of it, and who acknowledged.

    With --overdue, ends with status 1 if anybody is late.

    \b
    Examples:
      volenti feed list
      volenti feed list --overdue --json
    """
    with opened(ctx) as ws:
        listed = ws.feed.list(overdue=overdue)
    found = listed.notices
    if as_json:
        deliveries = [each.to_json() for each in found]
        say_json({"feed": listed.origin, "size": listed.size, "deliveries": deliveries})
    elif not found:
        note("Nobody is late." if overdue else "No dataset was exported yet.")
    else:
        entries = counted(listed.size, "entry", "entries")
        say(f"{listed.origin}: {entries}; publish the folder {listed.folder} as it is.")
        say_table(
            ("DELIVERY", "TO", "DATASET", "SAMPLES", "CALLED BACK", "OPEN", "DUE"),
            [
                (
                    each.delivery.id,
                    each.delivery.to,
                    each.delivery.what,
                    each.delivery.samples,
                    each.told,
                    each.open,
                    each.due or "-",
                )
                for each in found
            ],
        )
    if overdue and found:
        advise("Ask them to run `volenti feed apply` and to send what it writes.")
        fail()


@app.command("apply")
def apply(
    export: Export,
    feed: Place,
    key: SendersKey = None,
    out: AcknowledgedTo = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take out of an export whom the feed names, and sign that it was done. Needs no workspace.

    For whoever got the export. Reads what is new in the feed, checks that nothing in it was taken
    back or changed, removes those samples from the files, and prints an acknowledgement to be sent
    to whoever made the export. Of weights a whole file is removed. Can be interrupted and repeated;
    the same command can run on a schedule.

    \b
    Examples:
      volenti feed apply humans-export --feed https://studio.example/feed --out acknowledgement.txt
      volenti feed apply humans-export --feed ../studio/feed --dry-run
    """
    import volenti

    public = PublicKey.parse(read_bytes(key).decode(errors="replace")) if key else None
    if out is not None and not dry_run:
        check_place(out, export)
    with progress(as_json) as bar:
        done = volenti.feed.apply(export, feed, key=public, dry_run=dry_run, progress=bar)
    if out is not None and not dry_run:
        write_acknowledgement(out, done.acknowledgement)
    if as_json:
        say_json({"dry_run": dry_run, **done.to_json()})
        return
    verb = "would be removed" if dry_run else "removed"
    note(f"{counted(done.read, 'new entry', 'new entries')} in the feed.")
    note(f"{counted(done.removed, 'sample')} of {done.dataset} {verb}, {done.left:,} left.")
    for file in done.files:
        note(f"{file.name} {'would be' if dry_run else 'is'} called back: SHA-256 {file.sha256}.")
    if done.files:
        advise(_copies(done.files))
    for name in done.left_as_they_are:
        note(f"{name} was changed since the delivery and stays as it is: its numbers may not hold any more.")
    if out is not None and not dry_run:
        advise(f"Send {out} to whoever made the export.")
    elif not dry_run:
        typer.echo(done.acknowledgement, nl=False)


def _copies(files: Sequence[CalledBackFile]) -> str:
    """What the recipient of weights has to do beside this folder."""
    there = (
        "The sender has a successor: ask for it"
        if any(each.has_successor for each in files)
        else ("No successor was handed out yet")
    )
    return (
        "Stop using these weights. Remove every copy with that SHA-256, also where your tools load them "
        f"from, and what they were merged into. {there}."
    )


@app.command("acknowledge")
def acknowledge(
    ctx: typer.Context,
    acknowledgement: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="What they sent.")
    ],
    as_json: AsJson = False,
) -> None:
    """Keep a recipient's acknowledgement, once it is seen that their delivery's key signed it.

    It is their word: nobody can see from here what is on somebody else's disk.

    \b
    Example:
      volenti feed acknowledge acknowledgement.txt
    """
    with opened(ctx) as ws:
        kept = ws.feed.acknowledge(read_bytes(acknowledgement))
    if as_json:
        say_json(kept.to_json())
        return
    say_fields(
        [
            ("delivery", f"{kept.delivery.id} ({kept.delivery.snapshot}, to {kept.delivery.to})"),
            ("called back", counted(kept.told, "sample")),
            ("still open", kept.open or "none"),
            ("acknowledged", kept.acknowledged),
        ]
    )
