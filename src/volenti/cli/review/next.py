"""volenti review next: which question comes after another."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.review.options import PurposeOption
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

After = Annotated[
    str, typer.Argument(metavar="[QUESTION]", help="The ones after this; the first by default.")
]
Count = Annotated[int, typer.Option(min=1, metavar="N", help="How many.")]
By = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        envvar="VOLENTI_REVIEWER",
        help="Who answers: what waits for somebody else's second yes is left out.",
    ),
]


def next_(
    ctx: typer.Context,
    question: After = "",
    count: Count = 1,
    reviewer: By = "",
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Say which questions come after another, in the order of the list; no picture is opened for it.

    However many there are, this takes no longer.

    \b
    Example:
      volenti review next img_1.0 -n 3
    """
    with opened(ctx) as ws:
        place = ws.review.next(question, count=count, reviewer=reviewer, purpose=purpose)
    if as_json:
        say_json(encoded(place))
        return
    if not place.after:
        note("No question comes after it." if place.count else "Nothing is held.")
        return
    say_table(
        ("question", "purpose", "pictures"), [(each.id, each.purpose, each.pictures) for each in place.after]
    )
    advise(f"See what may be answered: volenti review choices {place.after[0].id} --reviewer NAME")
