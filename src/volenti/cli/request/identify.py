"""volenti request identify: records how somebody who asks was identified."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import advise, say, say_json
from volenti.cli.terminal.session import opened
from volenti.requests.identity import Identified


def identify(
    ctx: typer.Context,
    how: Annotated[
        Identified,
        typer.Option("--by", metavar="WAY", help=f"How it was made sure: {', '.join(Identified)}."),
    ],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Write down how it was made sure that who asks is who they say. Certificate and answer say it.

    Nobody is erased, and nothing is handed out, before. With `--by waived` nobody made sure, and you go on
    all the same. What was looked at, such as a passport's number or a letter, isn't kept.

    \b
    Example:
      volenti request identify req_1 --by document
    """
    with opened(ctx) as ws:
        changed = ws.requests.identify(request, how=how)
    if as_json:
        say_json(changed.facts())
        return
    waived = how is Identified.WAIVED
    say(f"{changed.id}: {'nobody made sure who asks; waived' if waived else f'identified by {how.value}'}.")
    for each in changed.next_steps:
        advise(f"Next: {each}")
