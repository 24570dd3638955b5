"""volenti request lift, uphold: how a restriction ends, and what becomes of an objection."""

from __future__ import annotations

import typer

from volenti.cli.request.erasing import RequestName
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import counted, progress, say, say_json
from volenti.cli.terminal.session import opened


def lift(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """End a restriction: what is theirs may be used again, and what learned from them is served.

    Tell whoever asked for it before you do (Art. 18(3) GDPR).

    \b
    Example:
      volenti request lift req_1
    """
    with opened(ctx) as ws:
        done = ws.parts.restrictions.lift(ws.parts.requests.find(request).id)
    if as_json:
        say_json(done.facts())
        return
    say(f"{done.id} is {done.state}: what is theirs may be used again.")


def uphold(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """Give an objection its way: everything they agreed to is withdrawn, and models forget them.

    What is theirs stays on record. To refuse it instead: volenti request refuse --ground overriding-grounds.

    \b
    Example:
      volenti request uphold req_1
    """
    with opened(ctx) as ws, progress(as_json) as told:
        done = ws.parts.restrictions.uphold(ws.parts.requests.find(request).id, told)
        dropped = ws.parts.requests.find(done.restriction.upheld).withdrawal.dropped or ()
    if as_json:
        say_json(done.facts())
        return
    parts = counted(len(dropped), "constituent")
    say(f"{done.id} is {done.state}: upheld; {parts} learned again without them.")
