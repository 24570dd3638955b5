"""volenti picture look: puts on record that a user looks at pictures."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.clearance.looks import Why
from volenti.cli.picture.criteria import Images
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import counted, say, say_json
from volenti.cli.terminal.session import opened

By = Annotated[str, typer.Option(metavar="LOGIN", help="The user who looks.")]
Reason = Annotated[Why, typer.Option(help="For what they look.")]


def look(ctx: typer.Context, images: Images, by: By, why: Reason, as_json: AsJson = False) -> None:
    """Put on record that a user looks at pictures, for those in them to read.

    The web application does it by itself. It is for whoever shows a user pictures in another way.

    \b
    Example:
      volenti picture look img_1 --by pat@example.org --why request
    """
    with opened(ctx) as ws:
        noted = ws.pictures.look(images, by=by, why=why)
    if as_json:
        say_json({"pictures": noted})
        return
    say(f"It is on record that {by} looked at {counted(noted, 'picture')}.")
