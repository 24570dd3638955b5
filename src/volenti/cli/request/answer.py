"""volenti request answer: what is held of somebody, for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, Identity, RequestName
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import opened


def answer(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Option(file_okay=False, metavar="DIR", help="A new folder to write to.")],
    request: RequestName = None,
    identity: Identity = None,
    as_json: AsJson = False,
) -> None:
    """Answer a request for access or portability: everything held of them, to hand over.

    First it has to be made sure that they ask themselves: --identity, or volenti request identify.

    The folder then has answer.pdf to read, answer.json with every row that is theirs, and their
    pictures. Others in the same pictures are made unrecognisable, and nobody else is named. It is
    theirs alone: send it to nobody else, and delete it once it is delivered.

    \b
    Example:
      volenti request open --kind access --subject sub_ada
      volenti request answer --folder for-ada --identity document
    """
    with opened(ctx) as ws:
        answered = ws.requests.answer(request, folder=folder, identity=identity)
    done = answered.request
    if as_json:
        say_json({**done.facts(), "pictures": len(answered.pictures)})
        return
    pictures = counted(len(answered.pictures), "picture")
    say(f"{done.id} is answered: answer.pdf, answer.json and {pictures} in {folder}.")
    advise("Check that it reached them, then delete the folder.")
