"""volenti package key: makes a machine's key pair."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, say, say_json


def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for the private key.")],
    as_json: AsJson = False,
) -> None:
    """Make this machine's key pair, and print the public key.

    Whoever has the file can open what is packed for this machine. It is a key of the age format.

    \b
    Example:
      volenti package key machine.key
    """
    public = volenti.packages.key(file)
    if as_json:
        say_json({"public_key": public})
        return
    say(public)
    advise("Give it to whoever packs: volenti run pack RUN --to KEY --out FILE")
