"""volenti status: what became of every file, which parts of models aren't served, and who isn't enrolled."""

from __future__ import annotations

from dataclasses import asdict

import typer

from volenti.cli.terminal.account import counted_account, say_account
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, progress, say
from volenti.cli.terminal.session import opened
from volenti.cli.terminal.suspended import say_suspended
from volenti.core.codec import encoded
from volenti.workspace.unsound import said_of


def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what became of every file given, and why.

    It also shows which parts of models aren't served, and why: mostly because somebody that they learned
    from withdrew since; and by which reference photographs nobody is enrolled, because they aren't sound.

    \b
    Examples:
      volenti status
      volenti status --json
    """
    with opened(ctx) as ws:
        with progress(as_json) as bar:
            found = counted_account(ws.status(progress=bar), as_json=as_json)
        suspended, notices, refused = ws.suspensions(), ws.notices(), ws.refused_references()
    if isinstance(found, dict):
        found["suspended"] = [each.to_json() for each in suspended]
        found["notices"] = [asdict(each) for each in notices]
        found["references"] = [encoded(each) for each in refused]
    say_account(found)
    if not as_json:
        say_suspended(suspended)
        for sentence, remedy in map(said_of, refused):
            say(f"{sentence}.")
            advise(remedy)
