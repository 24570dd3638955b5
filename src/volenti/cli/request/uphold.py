"""volenti request uphold: an objection is given its way."""

from __future__ import annotations

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import counted, progress, say, say_json
from volenti.cli.terminal.session import opened


def uphold(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """Give an objection its way: everything they agreed to is withdrawn, and models forget them.

    What is theirs stays on record. To refuse it instead: volenti request refuse --ground overriding-grounds.

    \b
    Example:
      volenti request uphold req_1
    """
    with opened(ctx) as ws, progress(as_json) as told:
        done = ws.requests.uphold(request, progress=told)
        dropped = ws.requests.show(done.restriction.upheld).withdrawal.dropped or ()
    if as_json:
        say_json(done.facts())
        return
    parts = counted(len(dropped), "constituent")
    say(f"{done.id} is {done.state}: upheld; {parts} learned again without them.")
