"""volenti subject browse: people by name, a page at a time."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.subject.list import say_people
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json
from volenti.cli.terminal.session import opened

Words = Annotated[
    list[str] | None, typer.Argument(metavar="WORD", help="Words in a name, a contact or an identifier.")
]
Count = Annotated[int, typer.Option(metavar="N", help="How many a page has.")]
Page = Annotated[int, typer.Option(metavar="N", help="Which page, from 1 on.")]


def browse(
    ctx: typer.Context, words: Words = None, count: Count = 50, page: Page = 1, as_json: AsJson = False
) -> None:
    """List people by name, a page at a time: everybody, or those who are called so.

    \b
    Examples:
      volenti subject browse --page 2
      volenti subject browse ada --json
    """
    with opened(ctx) as ws:
        found = ws.subjects.browse(" ".join(words or ()), count=count, page=page)
    if as_json:
        facts = {"total": found.total, "page": found.page, "pages": found.pages}
        say_json({**facts, "subjects": [each.subject.to_json() for each in found.people]})
        return
    if found.people:
        say_people(found.people, as_json=False)
    note(f"Page {found.page} of {found.pages}; {found.total:,} people.")
