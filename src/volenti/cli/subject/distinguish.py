"""volenti subject distinguish: puts on record that two people are two."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.subject.person import Person
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_json
from volenti.cli.terminal.session import opened

Other = Annotated[str, typer.Argument(metavar="OTHER", help="The identifier of the other person.")]


def distinguish(ctx: typer.Context, subject: Person, other: Other, as_json: AsJson = False) -> None:
    """Put on record that two people are two, such as twins, although they look like one.

    From then on nobody asks whether they are one person. Pictures that come near to both are held as before.

    \b
    Example:
      volenti subject distinguish sub_k3v5q2m7x4n6a2b5c7d2 sub_p4w6r3n8y5o7b3c6d8e3
    """
    with opened(ctx) as ws:
        ws.subjects.distinguish(subject, other)
    if as_json:
        say_json({"subjects": [subject, other]})
        return
    say(f"It is on record that {subject} and {other} are two people.")
