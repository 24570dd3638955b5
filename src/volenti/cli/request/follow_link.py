"""volenti request follow-link: a link with which whoever asked follows a request."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say, say_json
from volenti.cli.terminal.session import opened


def follow_link(
    ctx: typer.Context,
    request: Annotated[
        str | None, typer.Argument(metavar="REQUEST", help="By default the only one that isn't finished.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link with which whoever asked follows a request, also after they were erased.

    It names nobody. Their own copy of an erasure's certificate is sealed for it: the link alone opens it, and
    it isn't kept here.

    \b
    Example:
      volenti request follow-link req_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        token = ws.requests.follow_link(request)
    if as_json:
        say_json({"link": f"/follow/{token}"})
        return
    say(f"/follow/{token}")
    note("Put the application's address before this path, and give it to whoever asked, and to nobody else.")
