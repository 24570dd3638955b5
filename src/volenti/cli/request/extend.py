"""volenti request extend: puts a deadline off, once."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened
from volenti.requests.history import Delay


def extend(
    ctx: typer.Context,
    reason: Annotated[Delay, typer.Option(metavar="REASON", help=f"One of the law's: {', '.join(Delay)}.")],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Put a request's deadline off by two months, once. Tell whoever asked, and why.

    Art. 12(3) GDPR: they must be told within the first month.

    \b
    Example:
      volenti request extend req_1 --reason complexity
    """
    with opened(ctx) as ws:
        changed = ws.requests.extend(request, reason=reason)
    if as_json:
        say_json(changed.facts())
        return
    say(f"{changed.id} is due by {changed.due} now.")
