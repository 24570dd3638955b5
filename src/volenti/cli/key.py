"""volenti key: what people's keys are wrapped under, and keys to sign with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import opened

app = CommandGroup("What people's keys are wrapped under, and keys to sign with.")


@app.callback()
def key() -> None:
    """What people's keys are wrapped under, and keys to sign with."""


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for the private key.")],
    as_json: AsJson = False,
) -> None:
    """Make a key pair to sign with, such as an officer's, who attests papers.

    Prints the public key. Needs no workspace, and none keeps anything of it. Whoever has the file can sign
    with it.

    \b
    Example:
      volenti key new officer.key
    """
    public = volenti.keys.new(file)
    if as_json:
        say_json({"public_key": str(public)})
        return
    say(str(public))
    advise(f"Attest papers with it: volenti release import TABLE --key {file}, or release attest --help")


@app.command("rotate")
def rotate(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Wrap everybody's key under a new one and destroy the old.

    Copies of wrapped keys that somebody made, or that a disk kept, can't be opened any more, whoever's keys
    they are. Nothing but keys is rewritten. If it is stopped, the same command goes on.

    \b
    Example:
      volenti key rotate
    """
    with opened(ctx) as ws:
        count = ws.keys.rotate()
    if as_json:
        say_json({"wrapped_anew": count})
        return
    say(f"{counted(count, 'key')} wrapped anew; what they were wrapped under is destroyed.")
    advise("Copy the folder secret to where you keep it: the copy you have opens no key any more.")
