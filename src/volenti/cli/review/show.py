"""volenti review show: what there is to see of a question, as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json
from volenti.cli.terminal.session import opened

What = Annotated[str, typer.Argument(metavar="QUESTION", help="A question of `review list`.")]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where to write the sheet: a .jpg or .png.")]


def show(ctx: typer.Context, question: What, out: Out, as_json: AsJson = False) -> None:
    """Write what there is to see of a question as one picture: the face, and the people it is nearest to.

    The sheet leaves the workspace and isn't erased with it: delete it once you have decided.

    \b
    Example:
      volenti review show img_1.0 --out look.jpg
    """
    with opened(ctx) as ws:
        sheet = ws.review.show(question, out.suffix)
    out.write_bytes(sheet)
    if as_json:
        say_json({"question": question, "sheet": str(out), "bytes": len(sheet)})
    note(f"{out} shows people. Delete it once you have decided.")
