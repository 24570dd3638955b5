"""volenti request uphold: upholds an objection."""

from __future__ import annotations

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import counted, progress, say, say_json
from volenti.cli.terminal.session import opened


def uphold(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """Uphold an objection: all that they agreed to is withdrawn, and models are trained without them.

    What is theirs stays on record. To refuse it instead: volenti request refuse --ground overriding-grounds.

    \b
    Example:
      volenti request uphold req_1
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        done = ws.requests.uphold(request, progress=bar)
        dropped = ws.requests.show(done.restriction.upheld).withdrawal.dropped or ()
    if as_json:
        say_json(done.facts())
        return
    parts = counted(len(dropped), "constituent")
    say(f"{done.id} is {done.state}: upheld; {parts} trained again without their pictures.")
