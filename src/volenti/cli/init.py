"""volenti init: makes a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say_fields, say_json
from volenti.cli.terminal.session import session
from volenti.core.canonical import parse
from volenti.folder import MARKER, PUBLIC_KEY


def init(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A new or empty folder; the current one by default."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Make the keys from this number, to repeat a workspace. Such keys protect nothing."
        ),
    ] = None,
    time_zone: Annotated[
        str,
        typer.Option(
            metavar="ZONE", help="Where you are, such as Europe/Berlin: terms of releases end with your day."
        ),
    ] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Make a workspace.

    A workspace is a folder: a register, sealed packs of pictures, one key a person, and a
    transparency log. Whoever has the folder "secret" in it can open everything: back it up apart.

    \b
    Examples:
      volenti init studio
      volenti init studio --time-zone Europe/Berlin && cd studio
    """
    made = volenti.init(folder or session(ctx).folder, seed=seed, time_zone=time_zone)
    key = (made / PUBLIC_KEY).read_text().strip()
    facts = parse((made / MARKER).read_bytes())
    if as_json:
        say_json({"workspace": str(made), "public_key": key, **facts})
        return
    say_fields([("workspace", made), ("public key", key), ("log", facts["log"]), ("time zone", time_zone)])
    if seed is not None:
        note("The keys come from a number anybody can try: for demonstrations only.")
    where = "" if made.resolve() == Path.cwd().resolve() else f" -C {made}"
    advise(f"Record whom you photograph: volenti{where} subject add --help")
    advise(f"Or bring in the list of releases that you have: volenti{where} release import --help")
