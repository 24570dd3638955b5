"""volenti request lift: ends a restriction."""

from __future__ import annotations

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened


def lift(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """End a restriction: what is theirs may be used again, and what learned from them is served.

    Tell whoever asked for it before you do (Art. 18(3) GDPR).

    \b
    Example:
      volenti request lift req_1
    """
    with opened(ctx) as ws:
        done = ws.requests.lift(request)
    if as_json:
        say_json(done.facts())
        return
    say(f"{done.id} is {done.state}: what is theirs may be used again.")
