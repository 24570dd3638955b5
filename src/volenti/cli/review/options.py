"""Options of several of review's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Reviewer = Annotated[
    str,
    typer.Option(
        metavar="NAME", envvar="VOLENTI_REVIEWER", help="Who decides; goes into the decision and the log."
    ),
]
PurposeOption = Annotated[
    str | None,
    typer.Option(metavar="PURPOSE", help="For which purpose; the one it is held for by default."),
]
Key = Annotated[
    Path | None,
    typer.Option("--key", exists=True, dir_okay=False, metavar="FILE", help="Sign with this private key."),
]
Picture = Annotated[str, typer.Argument(metavar="IMAGE", help="Which picture: its identifier.")]
