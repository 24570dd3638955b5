"""volenti review flag: a person adds what they saw."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.review.options import Picture, PurposeOption, Reviewer
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

Code = Annotated[
    str, typer.Argument(metavar="CODE", help="What you saw, such as property-release or bystander.")
]


def flag(
    ctx: typer.Context,
    image: Picture,
    code: Code,
    reviewer: Reviewer,
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Add a finding of your own to a picture: it is held, for every purpose, until somebody decides.

    For what nothing here looks for, such as a recognisable building or work of art.

    \b
    Example:
      volenti review flag img_1 property-release --reviewer "Pat P."
    """
    with opened(ctx) as ws:
        decision = ws.review.flag(image, code, reviewer=reviewer, purpose=purpose)
    if as_json:
        say_json({"image": image, **encoded(decision)})
        return
    say(f"{image} is held: {code}.")
