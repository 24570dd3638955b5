"""volenti request show: one request, and how far it has got."""

from __future__ import annotations

import typer

from volenti.cli.terminal.options import AsJson, LatestRequest
from volenti.cli.terminal.output import advise, say_fields, say_json
from volenti.cli.terminal.session import opened
from volenti.core.canonical import Json

#: The entries of a request's history that are printed.
ANSWERS = ("identified", "extended", "answered", "refused")


def show(ctx: typer.Context, request: LatestRequest = None, as_json: AsJson = False) -> None:
    """Show one request and how far it has got.

    \b
    Example:
      volenti request show
    """
    with opened(ctx) as ws:
        found = ws.requests.show(request)
    if as_json:
        say_json(found.facts())
        return
    notes = found.facts()["notes"]
    say_fields(
        [
            ("request", found.id),
            ("kind", found.kind),
            ("subject", found.subject),
            ("state", found.state),
            ("opened", found.opened),
            ("due", found.due),
            *[(name, _worded(notes[name])) for name in ANSWERS if name in notes],
            ("steps done", "\n".join(found.steps)),
        ]
    )
    for each in found.next_steps:
        advise(f"Next: {each}")


def _worded(facts: Json) -> str:
    """An entry in words: how or why, and when."""
    return ", ".join(str(each) for name, each in sorted(facts.items()) if name != "at") + f" ({facts['at']})"
