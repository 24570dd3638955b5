"""volenti demo: the whole story, told with people who do not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", file_okay=False, metavar="DIR", help="A new or empty folder for it.")
    ] = Path("volenti-demo"),
    seed: Annotated[int, typer.Option(help="The same number tells the same story.")] = 0,
) -> None:
    """Tell the whole story, with people who do not exist.

    Releases, clearance, training, generated people and an erasure, in a few minutes. Everything in it
    is real but the people. At the end DIR/report/index.html shows what happened.

    \b
    Examples:
      volenti demo
      volenti demo --dir story --seed 7
    """
    volenti.run_demo(folder, seed)
