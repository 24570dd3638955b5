"""volenti shoot: where pictures come from, and who has releases for it."""

from __future__ import annotations

import typer

from volenti.clearance.account import STATES
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

app = CommandGroup("Where pictures come from, and who has releases for it.")


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List shoots: who has a release that names it, and what became of its pictures.

    A shoot is listed once a picture is from it or a release in force names it. A release that names no
    shoot covers the pictures of any, and isn't counted here. Copies aren't counted either.

    \b
    Example:
      volenti shoot list
    """
    with opened(ctx) as ws:
        found = ws.shoots.list()
    if as_json:
        say_json({"shoots": [encoded(each) for each in found]})
        return
    if not found:
        note("No shoot is known.")
        advise("Say from which pictures are: volenti add FOLDER --shoot ID")
        return
    states = [each for each in STATES if any(each in shoot.pictures for shoot in found)]
    say_table(
        ("SHOOT", "PEOPLE", *(each.upper() for each in states)),
        [
            (each.name or "(not known)", len(each.people), *(each.pictures.get(name, 0) for name in states))
            for each in found
        ],
    )
    note("PEOPLE have a release in force that names the shoot.")
