"""volenti run: training runs, the project's own and those of your scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import (
    advise,
    counted,
    duration,
    note,
    say,
    say_fields,
    say_json,
    say_table,
    size,
)
from volenti.cli.terminal.session import opened
from volenti.core.canonical import Json
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.training.guest import GuestRun
    from volenti.workspace.workspace import Workspace

app = Chapter("Training runs, the project's own and those of your scripts.")

OwnRun = Annotated[str, typer.Argument(metavar="RUN", help="The name your script gave it.")]


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List training runs, oldest first.

    PARTS is into how many parts a model is divided, SERVED how many of them are used today: the others wait
    for a training without somebody. Of a model of your own it is how many are kept for you.

    \b
    Example:
      volenti run list
    """
    with opened(ctx) as ws:
        own = [
            {
                "id": run.id,
                "name": "(the project's)",
                "dataset": run.snapshot,
                "shards": run.recipe.shards,
                "kept": len(ws.parts.training.shelf.constituents(run.id)),
                "created": run.created,
            }
            for run in ws.parts.training.runs()
        ]
        guests = [
            {
                "id": run.id,
                "name": run.name,
                "dataset": run.snapshot,
                "shards": run.shards,
                "kept": len(ws.parts.guests.parts(run)),
                "created": run.created,
            }
            for run in ws.parts.guests.runs()
        ]
    found = sorted([*own, *guests], key=lambda each: str(each["created"]))
    if as_json:
        say_json({"runs": found})
        return
    if not found:
        note("Nothing was trained yet.")
        advise("Train on a dataset: volenti train DATASET")
        return
    say_table(
        ("RUN", "NAME", "DATASET", "PARTS", "SERVED", "BEGUN"),
        [
            (each["id"], each["name"], each["dataset"], each["shards"], each["kept"], each["created"])
            for each in found
        ],
    )


@app.command("show")
def show(ctx: typer.Context, run: OwnRun, as_json: AsJson = False) -> None:
    """Show one run of your scripts: what was trained on whom, at what price, and who has it.

    \b
    Example:
      volenti run show my-lora
    """
    with opened(ctx) as ws:
        found = ws.parts.guests.run(run)
        facts = _facts(ws, found)
    if as_json:
        say_json({"id": found.id, **encoded(found), **facts})
        return
    say_fields(
        [
            ("run", f"{found.name} ({found.id})"),
            ("dataset", found.snapshot),
            ("begun", found.created),
            ("code", "\n".join(f"{name} {digest[:16]}" for name, digest in found.code.items())),
            ("environment", ", ".join(f"{name} {value}" for name, value in found.environment.items())),
        ]
    )
    say()
    say_table(
        ("PART", "STATE", "FILE", "SIZE", "PICTURES", "PEOPLE", "TOOK", "HANDED OUT TO"),
        [
            (
                part["part"],
                part["state"],
                part["file"],
                size(part["bytes"]),
                part["images"],
                part["people"],
                duration(part["seconds"]),
                ", ".join(part["recipients"]),
            )
            for part in facts["parts"]
        ],
    )
    due = facts["due"]
    if due:
        advise(
            f"{counted(len(due), 'part')} to be trained ({', '.join(map(str, due))}): run the script again."
        )


def _facts(ws: Workspace, run: GuestRun) -> Json:
    due = ws.parts.guests.due(run)
    parts = [
        {
            "part": part.shard,
            "state": "to be trained again" if part.shard in due else "current",
            "file": part.file,
            "bytes": part.weights.location.length,
            "sha256": part.sha256,
            "images": part.images,
            "people": part.people,
            "seconds": part.seconds,
            "kept": part.created,
            "recipients": sorted({each.recipient for each in ws.parts.guests.deliveries(part.id)}),
        }
        for part in ws.parts.guests.parts(run)
    ]
    return {"parts": parts, "due": due}


@app.command("deliver")
def deliver(
    ctx: typer.Context,
    run: OwnRun,
    to: Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", help="Write it to this new file.")],
    recipient: Annotated[str, typer.Option(metavar="WHO", help="Who gets it; it is recorded.")],
    part: Annotated[int, typer.Option(min=0, help="Which part, from 0.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write out what a script of yours trained, and record who gets it.

    Refused once somebody it learned from said no. Whoever has a copy is named in the plan of an
    erasure, so that they can be told; their copy is theirs to delete.

    \b
    Example:
      volenti run deliver my-lora --part 2 --to my-lora-2.safetensors --recipient "Example Ltd"
    """
    with opened(ctx) as ws:
        delivery = ws.parts.guests.deliver(ws.parts.guests.run(run), part, to, recipient)
    if as_json:
        say_json(encoded(delivery))
        return
    say(f"{to}: {delivery.part}, for {recipient}.")
