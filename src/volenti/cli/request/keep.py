"""volenti request keep: the least that a law demands to keep of somebody who is erased."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, RequestName, day_option
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened
from volenti.requests.history import Ground


def keep(
    ctx: typer.Context,
    ground: Annotated[
        Ground, typer.Option(metavar="GROUND", help="legal-claims or legal-obligation, Art. 17(3) GDPR.")
    ],
    until: Annotated[date, day_option("--until", "The last day on which it may be kept.")],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Have an erasure keep what the person signed and took back, where a law demands it.

    Everything else goes as ever. What is kept is sealed under the controller's key, goes on its day, and
    the certificate names it with its ground.

    \b
    Example:
      volenti request keep req_1 --ground legal-claims --until 2029-12-31
    """
    with opened(ctx) as ws:
        changed = ws.requests.keep(request, ground=ground, until=until)
    if as_json:
        say_json(changed.facts())
        return
    say(f"{changed.id} will keep signed releases and withdrawals until {until:%Y-%m-%d} ({ground.article}).")
