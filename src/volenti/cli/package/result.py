"""volenti package result: bundles what was trained, for the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.package.options import OpenedFolder
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json

Part = Annotated[int, typer.Argument(min=0, metavar="PART", help="Which part, as `package open` lists it.")]
Weights = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, metavar="WEIGHTS", help="What was trained.")
]


def result(
    folder: OpenedFolder,
    part: Part,
    weights: Weights,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, metavar="FILE", help="A new file.")],
    seconds: Annotated[
        float | None,
        typer.Option(min=0, help="How long the training took; else since the part holds what it holds."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bundle a file that was trained on a part, for the way back. Only the workspace that packed can open it.

    Refused where the weights are older than what the part holds: then they learned from pictures that
    were taken out since.

    \b
    Example:
      volenti package result my-lora 2 my-lora-2.safetensors --out part-2.result
    """
    made = volenti.packages.result(folder, part, weights, out, seconds=seconds)
    note = made.note
    if as_json:
        facts = {"delivery": note.delivery, "run": note.run, "part": note.part, "sha256": made.sha256}
        numbers = {"pictures": note.pictures, "people": note.people, "seconds": note.seconds}
        say_json({**facts, **numbers, "file": str(out)})
        return
    people = counted(note.people, "person", "people")
    say(f"{out}: part {note.part}, from {counted(note.pictures, 'picture')} of {people}.")
    say(f"SHA-256 of {made.file}: {made.sha256}")
    advise(f"Send it back: volenti run keep RUN {note.part} --from FILE")
