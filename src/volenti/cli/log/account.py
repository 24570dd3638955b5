"""volenti log account: records from which log entry on every entry has its row."""

from __future__ import annotations

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened


def account(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Record that from here on every log entry has its row, in a workspace of an earlier version.

    Needed once in a workspace that an earlier version made; a new one records it by itself. Of earlier
    entries nobody can tell whether their row was erased or taken out. Where it was done already and an
    audit asks for it again, somebody took out the row that records it.

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
