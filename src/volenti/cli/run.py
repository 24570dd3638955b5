"""volenti run: training runs, the project's own and those of your scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.run_elsewhere import begin, keep, pack
from volenti.cli.terminal.help import CommandGroup
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
    from volenti.workspace.runs import ShownPart

app = CommandGroup("Training runs, the project's own and those of your scripts.")
app.command("begin")(begin)
app.command("pack")(pack)
app.command("keep")(keep)

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
        found = ws.runs.list()
    rows = [{**encoded(each), "name": each.name or "(the project's)"} for each in found]
    if as_json:
        say_json({"runs": rows})
        return
    if not found:
        note("Nothing was trained yet.")
        advise("Train on a dataset: volenti train DATASET")
        return
    say_table(("RUN", "NAME", "DATASET", "PARTS", "SERVED", "BEGUN"), [tuple(each.values()) for each in rows])


@app.command("show")
def show(ctx: typer.Context, run: OwnRun, as_json: AsJson = False) -> None:
    """Show one run of your scripts: what was trained on whom, at what price, and who has it.

    \b
    Example:
      volenti run show my-lora
    """
    with opened(ctx) as ws:
        shown = ws.runs.show(run)
    found, due = shown.run, shown.due
    if as_json:
        parts = [_part_facts(each) for each in shown.kept]
        say_json({"id": found.id, **encoded(found), "parts": parts, "due": list(due)})
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
        [_part_row(each) for each in shown.kept],
    )
    if due:
        advise(
            f"{counted(len(due), 'part')} to be trained ({', '.join(map(str, due))}): run the script again."
        )


def _state(shown: ShownPart) -> str:
    return "to be trained again" if shown.is_due else "current"


def _part_facts(shown: ShownPart) -> Json:
    part = shown.part
    return {
        "part": part.shard,
        "state": _state(shown),
        "file": part.file,
        "bytes": part.weights.location.length,
        "sha256": part.sha256,
        "images": part.images,
        "people": part.people,
        "seconds": part.seconds,
        "kept": part.created,
        "recipients": list(shown.recipients),
    }


def _part_row(shown: ShownPart) -> tuple[object, ...]:
    part = shown.part
    took, weighs = duration(part.seconds), size(part.weights.location.length)
    return (
        part.shard,
        _state(shown),
        part.file,
        weighs,
        part.images,
        part.people,
        took,
        ", ".join(shown.recipients),
    )


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

    Refused once somebody it learned from said no, and where somebody didn't agree to being passed on: what
    a model learned may come out of it again. Whoever has a copy is named in the plan of an
    erasure, so that they can be told; their copy is theirs to delete.

    \b
    Example:
      volenti run deliver my-lora --part 2 --to my-lora-2.safetensors --recipient "Example Ltd"
    """
    with opened(ctx) as ws:
        delivery = ws.runs.deliver(run, to, recipient, part=part)
    if as_json:
        say_json(encoded(delivery))
        return
    say(f"{to}: {delivery.part}, for {recipient}.")
