"""volenti base: what training runs start from, and what is known of whom that had learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.training.base import People

if TYPE_CHECKING:
    from volenti.training.base import Base

app = CommandGroup("What runs start from, and whom that had learned from.")

#: Digits of a digest that are shown; --json has all of them.
SHOWN = 12


@app.command("add")
def add(
    ctx: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="A folder that diffusers saved, or the file of a base made here."
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What to call it. Default: the name of the folder or file."),
    ] = None,
    made_by: Annotated[str | None, typer.Option(metavar="NAME", help="Who made it.")] = None,
    licence: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its licence, as its makers name it.")
    ] = None,
    trained_on: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What it was trained on, as far as you know.")
    ] = None,
    people: Annotated[
        People | None,
        typer.Option(
            metavar="none|some|unknown",
            help="Whether it was trained on pictures of people, as far as you know.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a base, or say more of one: where it lies now, and what is known of it.

    Nothing of it is copied. What you say of it isn't checked; that you said it is recorded in the log, and
    it is printed in certificates. What you leave out stays as it was.

    \b
    Examples:
      volenti base add /models/sdxl --licence openrail++ --people some
      volenti base add /models/own-base --made-by "Example Ltd" --people none
    """
    with opened(ctx) as ws:
        added = ws.bases.add(
            path,
            name=name,
            made_by=made_by,
            licence=licence,
            trained_on=trained_on,
            people=people,
        )
    if as_json:
        say_json(facts_of_base(added))
        return
    _say(added)
    advise(f"Train on it: volenti train DATASET --base {added.card.name}")


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the bases; the first is used where none is named.

    \b
    Example:
      volenti base list
    """
    with opened(ctx) as ws:
        found = ws.bases.list()
    if as_json:
        say_json({"bases": [facts_of_base(each) for each in found]})
        return
    say_table(
        ("BASE", "SHA-256", "PIXELS", "PEOPLE", "LICENCE", "PATH"),
        [
            (
                each.card.name,
                each.sha256[:SHOWN],
                each.size_px,
                each.card.people.value,
                each.card.licence or "not said",
                each.path,
            )
            for each in found
        ],
    )


@app.command("show")
def show(
    ctx: typer.Context,
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE", help="Its name, its path, or at least 6 digits its digest begins with."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Show one base: where it lies, and what is known of it.

    \b
    Example:
      volenti base show sdxl
    """
    with opened(ctx) as ws:
        found = ws.bases.show(base)
    if as_json:
        say_json(facts_of_base(found))
    else:
        _say(found)


def facts_of_base(base: Base) -> Json:
    """A base as --json prints it."""
    return {"sha256": base.sha256, **encoded(base), "covers": base.covers}


def _say(base: Base) -> None:
    card = base.card
    said = {"made by": card.made_by, "licence": card.licence, "trained on": card.trained_on}
    say_fields(
        (
            ("base", card.name),
            ("SHA-256", base.sha256),
            ("pictures", f"{base.size_px} px"),
            ("path", base.path or "in the package"),
            *((what, text or "not said") for what, text in said.items()),
            ("people", card.people.value),
        )
    )
    say(base.covers)
