"""volenti run: training runs, the project's own and those of your scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.run_elsewhere import begin, keep, pack, say_empty
from volenti.cli.run_export import export
from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import (
    advise,
    counted,
    duration,
    note,
    progress,
    say,
    say_fields,
    say_json,
    say_table,
    size,
)
from volenti.cli.terminal.session import opened
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.training.external_run import ExternalRun
    from volenti.training.run_removal import RemovedRun
    from volenti.workspace.shownrun import ListedRun, ShownPart

app = CommandGroup("Training runs, the project's own and those of your scripts.")
app.command("begin")(begin)
app.command("pack")(pack)
app.command("keep")(keep)
app.command("export")(export)

OwnRun = Annotated[str, typer.Argument(metavar="RUN", help="The name your script gave it.")]


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List training runs, oldest first.

    PARTS is into how many parts a model is divided, SERVED how many of them are used today: the others wait
    for a training without somebody. Of a model of your own it is how many are kept for you. STATE is "not
    finished" until everything of a run was trained once, and "damaged" where its row doesn't open.

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
    say_table(
        ("RUN", "NAME", "DATASET", "PARTS", "SERVED", "BEGUN", "STATE"),
        [
            (
                each.id,
                each.name or "(the project's)",
                each.dataset,
                each.shards,
                each.kept,
                each.created,
                state,
            )
            for each, state in ((each, _state_of(each)) for each in found)
        ],
    )


def _state_of(run: ListedRun) -> str:
    if run.is_damaged:
        return "damaged"
    return "not finished" if run.is_unfinished else ""


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
        say_json(
            {"id": found.id, **encoded(found), "parts": parts, "due": list(due), "empty": list(shown.empty)}
        )
        return
    say_fields(
        [
            ("run", f"{found.name} ({found.id})"),
            ("dataset", found.snapshot),
            ("begun", found.created),
            ("code", _code(found)),
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
    say_empty(shown)


def _code(run: ExternalRun) -> str:
    """The files of the script with the beginnings of their digests, in lines."""
    files = "\n".join(f"{name} {digest[:16]}" for name, digest in run.code.items())
    return files or "not recorded: the run was begun without --code"


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


@app.command("remove")
def remove(
    ctx: typer.Context,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Its identifier, or the name your script gave it.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Remove a run for good: what was trained, not what it drew.

    It says what would be removed and asks first; where nobody can be asked it needs --yes. Works that the
    run drew stay on record, so that they can still be called back. A run whose row doesn't open, or whose
    bytes are lost, can be removed too. This erases no person, and a backup that was made before still has
    the run, sealed. What a script trained and somebody was handed isn't removed, nor a run of which another
    machine has a package, because they have to be named when a person leaves.

    \b
    Examples:
      volenti run remove run_7d1c2f0a9b3e4d5f6a7b --dry-run
      volenti run remove my-lora --yes
    """
    with opened(ctx) as ws:
        would = ws.runs.remove(run, dry_run=True)
        if not dry_run:
            if not yes:
                gone = "What is removed is gone for good, and nobody can be asked here."
                ask_first(
                    "Remove it for good?",
                    "Nothing was removed.",
                    UsageError(gone, "If you are sure, add --yes."),
                    as_json=as_json,
                    show=lambda: note(f"To be removed: {_described(would)}."),
                )
            with progress(as_json) as bar:
                would = ws.runs.remove(would.id, progress=bar)
    if as_json:
        say_json({"dry_run": dry_run, **encoded(would)})
    else:
        say(f"{'Would be removed' if dry_run else 'Removed'}: {_described(would)}.")


def _described(run: RemovedRun) -> str:
    """A run with all that belongs to it, in words."""
    counts = ((run.constituents, "constituent"), (run.slices, "slice"), (run.external_parts, "part"))
    of = [counted(count, what) for count, what in counts if count]
    named = f"{run.name} ({run.id})" if run.name else run.id
    damaged = ["its row doesn't open"] if run.is_damaged else []
    return ", ".join([f"{named} of {run.dataset}", *damaged, *of, size(run.bytes)])
