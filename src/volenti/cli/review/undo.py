"""volenti review undo: a reviewer's clearing is taken back."""

from __future__ import annotations

import typer

from volenti.cli.review.options import Picture, PurposeOption, Reviewer
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded


def undo(
    ctx: typer.Context,
    image: Picture,
    reviewer: Reviewer,
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Take a reviewer's clearing back: the picture is held again.

    A rejection can't be undone, because nothing of the picture was kept.

    \b
    Example:
      volenti review undo img_1 --reviewer "Pat P."
    """
    with opened(ctx) as ws:
        decision = ws.review.undo(image, reviewer=reviewer, purpose=purpose)
    if as_json:
        say_json({"image": image, **encoded(decision)})
        return
    say(f"{image} is held again for {decision.purpose}.")
