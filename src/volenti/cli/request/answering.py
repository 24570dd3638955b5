"""volenti request answer: what is held of somebody, for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.request.erasing import RequestName
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import opened, write_new
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, UsageError


def answer(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Option(file_okay=False, metavar="DIR", help="A new folder to write to.")],
    request: RequestName = None,
    as_json: AsJson = False,
) -> None:
    """Answer a request for access or portability: everything held of them, to hand over.

    The folder then has answer.pdf to read, answer.json with every row that is theirs, and their
    pictures. Others in the same pictures are made unrecognisable, and nobody else is named. It is
    theirs alone: send it to nobody else, and delete it once it is delivered.

    \b
    Example:
      volenti request open --kind access --subject sub_ada
      volenti request answer --folder for-ada
    """
    with opened(ctx) as ws:
        found = ws.parts.requests.find(request)
        if found.kind == "erasure":
            raise ConflictError(f"{found.id} is for erasure.", f"Run it: volenti request run {found.id}")
        found.moved("done")  # before anything is gathered: it may be answered already
        if folder.exists():
            raise UsageError(f"{folder} is there already.", "Name a new folder.")
        given = ws.parts.answers.make(found.subject)
        pages = ws.parts.answers.pdf(given)
        record = json.dumps(given.record, indent=1, ensure_ascii=False).encode()
        for name, data in {"answer.pdf": pages, "answer.json": record, **given.pictures}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_new(folder / name, data)
        done = ws.parts.requests.answer(found, {"pdf_sha256": sha256(pages), "record_sha256": sha256(record)})
    if as_json:
        say_json({**done.facts(), "pictures": len(given.pictures)})
        return
    pictures = counted(len(given.pictures), "picture")
    say(f"{done.id} is answered: answer.pdf, answer.json and {pictures} in {folder}.")
    advise("Check that it reached them, then delete the folder.")
