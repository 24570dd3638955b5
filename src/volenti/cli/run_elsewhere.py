"""volenti run begin, pack and keep: training on another machine, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_fields, say_json, size
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.workspace.shownrun import ShownRun

OwnRun = Annotated[str, typer.Argument(metavar="RUN", help="The name the run was given.")]
DatasetName = Annotated[
    str,
    typer.Option(
        "--dataset", metavar="DATASET", help="A name for its latest version, or a version: humans@3."
    ),
]
Code = Annotated[
    list[Path] | None,
    typer.Option(
        "--code", exists=True, dir_okay=False, metavar="FILE", help="A file of the script; repeat it."
    ),
]
Split = Annotated[
    str | None, typer.Option("--split", metavar="NAME", help="The split that is learned from, such as train.")
]
To = Annotated[
    str,
    typer.Option("--to", metavar="KEY", help="The machine's public key, age1..., or a file that holds it."),
]
Out = Annotated[
    Path, typer.Option("--out", dir_okay=False, metavar="FILE", help="Write it to this new file.")
]
Parts = Annotated[
    list[int] | None,
    typer.Option("--parts", min=0, metavar="N", help="Which part, from 0; repeat it. Else all that are due."),
]
Recipient = Annotated[
    str, typer.Option("--recipient", metavar="WHO", help="Whose machine it is; kept on record.")
]
Contact = Annotated[str, typer.Option("--contact", metavar="TEXT", help="How they reach you; for the card.")]
Feed = Annotated[str, typer.Option("--feed", metavar="ADDRESS", help="Where you publish the deletion feed.")]
Result = Annotated[
    Path, typer.Option("--from", exists=True, dir_okay=False, metavar="FILE", help="What came back.")
]
Part = Annotated[int, typer.Argument(min=0, metavar="PART", help="Which part, from 0.")]


def begin(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of your choice.")],
    dataset: DatasetName,
    shards: Annotated[int, typer.Option("--parts", min=1, help="In how many parts it is trained.")] = 1,
    gpus: Annotated[int, typer.Option("--gpus", min=0, help="On how many GPUs it trains.")] = 0,
    code: Code = None,
    min_people: Annotated[
        int | None, typer.Option("--min-people", min=1, help="Fewest people of a part; ten by default.")
    ] = None,
    split: Split = None,
    as_json: AsJson = False,
) -> None:
    """Begin a run of a script of yours, to be trained part by part, also on other machines.

    A script that trains in the workspace begins its run itself (docs/how-to/your-own-trainer.md). Without
    --code nothing is recorded of the script.

    \b
    Example:
      volenti run begin my-lora --dataset humans@3 --parts 4 --gpus 1 --code train.py
    """
    with opened(ctx) as ws:
        begun = ws.runs.begin(
            name,
            dataset=dataset,
            shards=shards,
            gpus=gpus,
            code=code or (),
            min_people=min_people,
            split=split,
        )
        shown = ws.runs.show(name)
    if as_json:
        say_json(
            {"id": begun.run.id, **encoded(begun.run), "due": list(shown.due), "empty": list(shown.empty)}
        )
        return
    said = counted(len(shown.due), "part")
    say(f"{name}, on {begun.run.snapshot}: {said} to be trained ({', '.join(map(str, shown.due))}).")
    say_empty(shown)


def say_empty(shown: ShownRun) -> None:
    """Say in which parts of a run there is nothing to train; nothing where there is no such part."""
    if not shown.empty:
        return
    numbers = ", ".join(map(str, shown.empty))
    note(
        f"{counted(len(shown.empty), 'part')} without pictures ({numbers}): nobody's pictures fall into "
        f"{'it' if len(shown.empty) == 1 else 'them'}, so there is nothing to train."
    )


def pack(
    ctx: typer.Context,
    run: OwnRun,
    to: To,
    out: Out,
    parts: Parts = None,
    recipient: Recipient = "",
    contact: Contact = "",
    feed: Feed = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Pack parts that are due for another machine, which trains them. Only its key opens the package.

    In it are pictures without their metadata, captions, and numbers that stand for people; no secret of the
    workspace and no name. It is asked what is asked where a part is trained here, so nobody has to have
    agreed to being passed on: pack for a machine that trains for you, and export for anybody else. The
    package is on record (`volenti feed list`), and the deletion feed calls back who leaves.

    \b
    Example:
      volenti run pack my-lora --to age1... --out my-lora.package --feed https://studio.example/feed
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        done = ws.runs.pack(
            run,
            out,
            to=to,
            parts=parts or (),
            recipient=recipient,
            contact=contact,
            feed=feed,
            dry_run=dry_run,
            progress=bar,
        )
    if as_json:
        say_json({**done.to_json(), "file": None if dry_run else str(out)})
        return
    held = counted(len(done.held), "part")
    what = f"{held} of {run}: {counted(done.images, 'picture')} of {counted(done.people, 'person', 'people')}"
    say(f"Would be packed: {what}." if dry_run else f"{out}: {what}, {size(done.bytes)}.")
    if done.left_out:
        say(f"{counted(done.left_out, 'picture')} left out: nothing covers them today.")
    if dry_run:
        return
    say(f"On record as {done.delivery}.")
    if not feed:
        advise("Tell whoever trains where your deletion feed is published: they need it to pull.")


def keep(ctx: typer.Context, run: OwnRun, part: Part, result: Result, as_json: AsJson = False) -> None:
    """Take in what another machine trained on a part that was packed for it.

    Refused where the result is of another run or part, was changed, or where somebody left whose pictures it
    was trained on: then the part is due again.

    \b
    Example:
      volenti run keep my-lora 2 --from part-2.result
    """
    with opened(ctx) as ws:
        kept = ws.runs.keep(run, part, result)
    if as_json:
        numbers = {"images": kept.images, "people": kept.people, "seconds": kept.seconds}
        say_json({"part": kept.id, "file": kept.file, "sha256": kept.sha256, **numbers})
        return
    say_fields(
        [
            ("part", kept.id),
            ("file", kept.file),
            ("SHA-256", kept.sha256),
            (
                "trained on",
                f"{counted(kept.images, 'picture')} of {counted(kept.people, 'person', 'people')}",
            ),
        ]
    )
