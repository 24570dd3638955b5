"""volenti request opening: with it the erased person shows that the certificate is about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import advise, say, say_json
from volenti.cli.terminal.session import opened, write_new

File = Annotated[
    Path | None, typer.Option("--out", dir_okay=False, metavar="FILE", help="Write it to this new file.")
]


def opening(
    ctx: typer.Context, request: RequestName = None, out: File = None, as_json: AsJson = False
) -> None:
    """Make the opening of an erasure's certificate, for the person alone.

    With it they show that the certificate is about them. Nobody can make it once the request is
    certified; `request run --copy` writes certificate and opening in one file.

    \b
    Examples:
      volenti request opening req_1
      volenti request opening req_1 --out for-them.json
    """
    with opened(ctx) as ws:
        found = ws.requests.opening(request)
    if out is not None:
        write_new(out, json.dumps(found, indent=1).encode() + b"\n")
    if out is None or as_json:
        say_json(found)
        return
    say(f"The opening: {out}")
    advise("Hand it over, then delete the file: it names them.")
