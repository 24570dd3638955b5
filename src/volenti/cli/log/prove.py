"""volenti log prove: the proof that an entry is in the log."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json
from volenti.cli.terminal.session import opened, write_new

Entry = Annotated[int, typer.Argument(min=0, metavar="ENTRY", help="The entry's number, from 0.")]
Out = Annotated[Path | None, typer.Option(dir_okay=False, metavar="FILE", help="Write it to this new file.")]


def prove(ctx: typer.Context, entry: Entry, out: Out = None, as_json: AsJson = False) -> None:
    """Print the proof that an entry is in the log (C2SP tlog-proof), to be checked offline.

    \b
    Example:
      volenti log prove 7 --out entry-7.tlog-proof
    """
    with opened(ctx) as ws:
        proved = ws.log.prove(entry)
    if out is not None:
        write_new(out, proved.proof.encode())
        note(f"Written to {out}.")
    if as_json:
        leaf = base64.b64encode(proved.leaf).decode()
        say_json({"entry": entry, "leaf": leaf, "verifier": str(proved.verifier), "proof": proved.proof})
    elif out is None:
        typer.echo(proved.proof, nl=False)
