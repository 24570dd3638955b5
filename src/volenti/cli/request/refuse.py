"""volenti request refuse: refuses a request on a ground of law."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened
from volenti.requests.history import Ground


def refuse(
    ctx: typer.Context,
    ground: Annotated[Ground, typer.Option(metavar="GROUND", help="One of the grounds above.")],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a request that wasn't begun, on a ground of law. Everything stays as it is.

    An objection may be refused while it is in force: then what is theirs may be used again.

    \b
    Grounds, by articles of the GDPR. Any request:
      not-identified          11(2), 12(2)  who asks can't be identified
    Any request but a withdrawal, as consent may be taken back at any time (7(3)):
      unfounded-or-excessive  12(5)(b)      such as the same request every week
    An erasure:
      freedom-of-expression   17(3)(a)      and information
      legal-obligation        17(3)(b)      a law says it must be kept
      public-health           17(3)(c)
      archiving-or-research   17(3)(d)      in the public interest, if erasure would defeat it
      legal-claims            17(3)(e)      kept for a claim or against one
    An objection, but to direct marketing (21(3)):
      overriding-grounds      21(1)         yours outweigh theirs, or a legal claim needs it

    Tell whoever asked within the month, why, and that they may complain to a supervisory authority
    (Art. 12(4)).

    \b
    Example:
      volenti request refuse req_1 --ground legal-claims
    """
    with opened(ctx) as ws:
        changed = ws.requests.refuse(request, ground=ground)
    if as_json:
        say_json(changed.facts())
        return
    say(f"{changed.id} is refused: {ground.article} GDPR.")
