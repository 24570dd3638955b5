"""volenti review choices: which answers to a question would be taken."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.review.options import PurposeOption, Reviewer
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

What = Annotated[str, typer.Argument(metavar="QUESTION", help="A question of `review list`.")]
People = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        metavar="SUBJECT",
        help="Whose the face may be, beside those whom it comes near to; repeat it for several.",
    ),
]


def choices(
    ctx: typer.Context,
    question: What,
    reviewer: Reviewer,
    people: People = None,
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Say which answers to a question the policy would take from a reviewer today; nothing is decided.

    Each is what `decide` takes: clear (--clear --nobody), is (--clear --subject), what is said of a face
    that is nobody's (--others), or reject.

    \b
    Example:
      volenti review choices img_1.0 --reviewer "Pat P."
    """
    with opened(ctx) as ws:
        found = ws.review.choices(question, reviewer=reviewer, people=people or (), purpose=purpose)
    if as_json:
        say_json({"choices": encoded(found)})
        return
    if not found:
        note("The policy asks for signed decisions: it takes each answer with a key.")
    say_table(
        ("answer", "subject", "face", "then"),
        [
            (
                each.answer,
                each.subject,
                "" if each.face is None else each.face,
                "a second person has to agree" if each.needs_second else "",
            )
            for each in found
        ],
    )
    advise(f"Decide: volenti review decide {question} --reviewer NAME")
