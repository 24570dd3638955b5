"""volenti subject find: people by name, contact or identifier."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.subject.list import say_people
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note
from volenti.cli.terminal.session import opened

Words = Annotated[
    list[str], typer.Argument(metavar="WORD", help="Words in a name, a contact or an identifier.")
]


def find(ctx: typer.Context, words: Words, as_json: AsJson = False) -> None:
    """Find people by name, pseudonym, contact, guardian or identifier.

    All words have to stand there, in any order; case doesn't matter, nor how Unicode writes a letter.

    \b
    Examples:
      volenti subject find ada
      volenti subject find example.org --json
    """
    with opened(ctx) as ws:
        found = ws.subjects.find(" ".join(words))
    if found or as_json:
        say_people(found, as_json=as_json)
        return
    note("Nobody was found.")
    advise("List everybody: volenti subject list")
