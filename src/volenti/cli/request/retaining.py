"""volenti request keep, kept: the least that a law demands to keep of somebody who is erased."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from volenti.cli.request.erasing import RequestName
from volenti.cli.terminal.options import AsJson, day_option
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
        changed = ws.parts.requests.retain(ws.parts.requests.find(request), ground, until)
    if as_json:
        say_json(changed.facts())
        return
    say(f"{changed.id} will keep signed releases and withdrawals until {until:%Y-%m-%d} ({ground.article}).")


def kept(ctx: typer.Context, request: str, as_json: AsJson = False) -> None:
    """Show what was kept of somebody who was erased, by the request's identifier.

    \b
    Example:
      volenti request kept req_1
    """
    with opened(ctx) as ws:
        found = ws.parts.retention.of(request)
    if as_json:
        say_json(found)
        return
    say(f"Kept until {found['until']} on the ground of {found['ground']} ({found['article']}):")
    for kind in ("release", "withdrawal"):
        for each in found[kind]:
            say(f"  {kind}: {json.dumps(each, ensure_ascii=False)}")
