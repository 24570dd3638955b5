"""volenti log witness: checks and signs somebody else's log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, say, say_json

Place = Annotated[
    str, typer.Argument(metavar="PLACE", help="Where the log is published: https://..., or a folder.")
]
LogKey = Annotated[str, typer.Option("--log", metavar="VERIFIER", help="The log's key, as it is published.")]
Name = Annotated[str, typer.Option(metavar="NAME", help="Your name as a witness: friend.example")]
Key = Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", help="Your key; made if it isn't there.")]
State = Annotated[
    Path,
    typer.Option(dir_okay=False, metavar="FILE", help="The checkpoint you signed last; written anew."),
]
First = Annotated[bool, typer.Option("--first", help="You never signed this log: there is no state yet.")]


def witness(
    place: Place,
    log: LogKey,
    name: Name,
    key: Key,
    state: State,
    first: First = False,
    as_json: AsJson = False,
) -> None:
    """Sign the newest checkpoint of somebody else's log, if the log only added to the last you signed.

    For a witness, who needs no workspace. Whoever has the checkpoint you signed can show that the log
    said so at that time; a log that is rewritten gets no second signature of yours. What you sign is
    a C2SP tlog-cosignature, which other logs' tools read too. Keep the state: without it nobody can tell
    whether the log went back, and nothing is signed.

    \b
    Examples:
      volenti log witness https://studio.example/log --log "volenti.log/ab12+..." --name friend.example \\
        --key witness.key --state cosigned.txt --first
      volenti log witness https://studio.example/log --log "volenti.log/ab12+..." --name friend.example \\
        --key witness.key --state cosigned.txt
    """
    is_new = not key.exists()
    try:
        signed = volenti.log.witness(place, log, name=name, key=key, state=state, first=first)
    finally:
        if is_new and key.exists():
            note(f"Made a key in {key}: keep it.")
    head = signed.head
    if as_json:
        facts = {"log": head.origin, "size": head.size, "witness": str(signed.witness)}
        say_json({**facts, "checkpoint": signed.checkpoint})
        return
    say(f"{head.origin} at {counted(head.size, 'entry', 'entries')}: signed into {state}.")
    advise(f"Who checks needs your key: {signed.witness}")
