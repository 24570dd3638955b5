"""volenti log show: entries of the log, and its signed checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import counted, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import opened

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.workspace.log import LogEntry

Entry = Annotated[int | None, typer.Argument(min=0, metavar="ENTRY", help="One entry, with its event.")]
Last = Annotated[int, typer.Option(min=1, metavar="N", help="How many of the newest to list.")]
Before = Annotated[
    int | None, typer.Option("--before", min=0, metavar="ENTRY", help="List the newest before this entry.")
]
CheckpointAlone = Annotated[
    bool, typer.Option("--checkpoint", help="Print the signed checkpoint alone, to be kept elsewhere.")
]


def show(
    ctx: typer.Context,
    entry: Entry = None,
    last: Last = 20,
    before: Before = None,
    checkpoint: CheckpointAlone = False,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries, one entry, or the checkpoint.

    Keep a checkpoint somewhere else, best with somebody else: `volenti log verify --checkpoint`
    then shows whether the log still says what it said.

    \b
    Examples:
      volenti log show
      volenti log show 7 --json
      volenti log show --before 200 --last 50
      volenti log show --checkpoint > checkpoint.txt
    """
    with opened(ctx) as ws:
        if checkpoint:
            alone = ws.log.show(last=0).checkpoint
            if as_json:
                say_json({"checkpoint": alone})
            else:
                typer.echo(alone, nl=False)
            return
        found = ws.log.show(entry, last=last, before=before)
    rows = [_row(each) for each in found.entries]
    if as_json:
        head = {"log": found.origin, "size": found.size, "verifier": str(found.verifier)}
        say_json({**head, "checkpoint": found.checkpoint, "entries": rows})
    elif entry is not None:
        say_fields((name, value) for name, value in rows[0].items() if name != "event")
        say_json(rows[0]["event"])
    else:
        entries = counted(found.size, "entry", "entries")
        say(f"{found.origin}: {entries}, published under {found.verifier}")
        say_table(
            ("ENTRY", "WHEN", "WHAT"),
            [
                (row["entry"], row["at"] or "", row["kind"] or "(erased with whom it was about)")
                for row in rows
            ],
        )


def _row(entry: LogEntry) -> Json:
    event = entry.event
    at, kind = (event["at"], event["kind"]) if event else (None, None)
    leaf, body = entry.leaf.hex(), event and event["body"]
    return {"entry": entry.number, "at": at, "kind": kind, "leaf": leaf, "event": body}
