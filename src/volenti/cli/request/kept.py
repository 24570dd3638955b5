"""volenti request kept: what was kept of somebody who was erased."""

from __future__ import annotations

import json

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened


def kept(ctx: typer.Context, request: str, as_json: AsJson = False) -> None:
    """Show what was kept of somebody who was erased, by the request's identifier.

    \b
    Example:
      volenti request kept req_1
    """
    with opened(ctx) as ws:
        found = ws.requests.kept(request)
    if as_json:
        say_json(found)
        return
    say(f"Kept until {found['until']} on the ground of {found['ground']} ({found['article']}):")
    for kind in ("release", "withdrawal"):
        for each in found[kind]:
            say(f"  {kind}: {json.dumps(each, ensure_ascii=False)}")
