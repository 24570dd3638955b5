"""volenti request list: what people asked for, and by when."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.evidence import say_pooled
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded


def list_(
    ctx: typer.Context,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those that should be over by now.")
    ] = False,
    subject: Annotated[
        str | None, typer.Option(metavar="SUBJECT", help="Only those of this person, by identifier.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List requests, oldest first. An erasure that is over names nobody any more.

    Where the model was attacked for several people (request run --audit), it also says what the attacks
    show together.

    \b
    Examples:
      volenti request list
      volenti request list --overdue
      volenti request list --subject sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.requests.list(overdue=overdue, subject=subject)
        together = ws.requests.attacks(found)
    if as_json:
        attacks = {"attacks": [encoded(each) for each in together]} if together else {}
        say_json({"requests": [each.facts() for each in found], **attacks})
        return
    if not found:
        note("Nothing is overdue." if overdue else "Nobody has asked for anything.")
        return
    say_table(
        ("REQUEST", "KIND", "STATE", "SUBJECT", "OPENED", "DUE"),
        [(each.id, each.kind, each.state, each.subject, each.opened, each.due) for each in found],
    )
    say_pooled(together)
