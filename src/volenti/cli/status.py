"""volenti status: what became of every file given, and what isn't served of the models."""

from __future__ import annotations

import typer

from volenti.cli.terminal.account import counted_account, say_account
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import progress
from volenti.cli.terminal.session import opened
from volenti.cli.terminal.suspended import say_suspended


def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what became of every file given, and why.

    And which parts of models aren't served, because somebody they learned from said no since.

    \b
    Examples:
      volenti status
      volenti status --json
    """
    with opened(ctx) as ws:
        with progress(as_json) as told:
            found = counted_account(ws.status(progress=told), as_json=as_json)
        suspended = ws.suspensions()
    if isinstance(found, dict):
        found["suspended"] = [each.to_json() for each in suspended]
    say_account(found)
    if not as_json:
        say_suspended(suspended)
