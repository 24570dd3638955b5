"""volenti log account: from which entry on each has its row."""

from __future__ import annotations

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened


def account(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Count every entry from here on as having its row in the register, in a workspace from before that.

    Once in the life of a workspace that an earlier version made; one that is made today says so itself. Of
    entries before, nobody can tell whether their row was erased or taken out. Where it was done already and
    an audit asks for it again, somebody took out what says since when.

    \b
    Example:
      volenti log account
    """
    with opened(ctx) as ws:
        since = ws.log.account()
    if as_json:
        say_json({"since": since})
        return
    say(f"From entry {since} on every entry of the log has its row: volenti audit names any that doesn't.")
