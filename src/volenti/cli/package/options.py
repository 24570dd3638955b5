"""Arguments and options that several commands about packages share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PackageFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="The package.")
]
OpenedFolder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, metavar="DIR", help="The opened package.")
]
Sender = Annotated[
    Path | None,
    typer.Option(
        "--sender",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The public key of the workspace that it has to be from; without it, only damage is seen.",
    ),
]
