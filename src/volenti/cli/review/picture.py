"""volenti review picture: one picture of what there is to see of a question."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.review.options import PurposeOption
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json
from volenti.cli.terminal.session import opened

What = Annotated[str, typer.Argument(metavar="QUESTION", help="A question of `review list`.")]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where to write it: a .jpg.")]
OfWhat = Annotated[str, typer.Option("--part", metavar="PART", help="One of picture, face, reference.")]
Number = Annotated[int, typer.Option(min=0, metavar="N", help="Which picture, face or reference, from 0.")]
Whose = Annotated[str, typer.Option("--subject", metavar="SUBJECT", help="Whose reference photograph.")]
Side = Annotated[int | None, typer.Option(min=1, metavar="PIXELS", help="The longer side at most.")]


def picture(
    ctx: typer.Context,
    question: What,
    out: Out,
    part: OfWhat = "picture",
    number: Number = 0,
    subject: Whose = "",
    side: Side = None,
    purpose: PurposeOption = None,
    as_json: AsJson = False,
) -> None:
    """Write one picture of what there is to see of a question: whole, a face enlarged, or a reference.

    It leaves the workspace and isn't erased with it: delete it once you have decided.

    \b
    Example:
      volenti review picture img_1.0 --part reference --subject sub_ada --out ada.jpg
    """
    with opened(ctx) as ws:
        data = ws.review.picture(
            question,
            part=part,
            number=number,
            subject=subject,
            side=side,
            purpose=purpose,
        )
    out.write_bytes(data)
    if as_json:
        say_json({"question": question, "picture": str(out), "bytes": len(data)})
    note(f"{out} shows people. Delete it once you have decided.")
