"""volenti picture amend: corrects the caption or the shoot of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, note, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.clearance.amendment import Amended

Images = Annotated[
    list[str] | None,
    typer.Argument(metavar="IMAGE", help="Which pictures: their identifiers.", show_default=False),
]
Caption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Their caption; an empty one takes it out.")
]
Shoot = Annotated[str | None, typer.Option(metavar="ID", help="The shoot that they are from.")]
Table = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="Instead: a .csv or .xlsx with columns image or file, and caption or shoot.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
Encoding = Annotated[
    str, typer.Option(metavar="NAME", help="What a CSV file is saved in that isn't Unicode, such as cp1252.")
]


def amend(
    ctx: typer.Context,
    images: Images = None,
    caption: Caption = None,
    shoot: Shoot = None,
    table: Table = None,
    encoding: Encoding = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Correct the caption or the shoot of pictures, all of them or none.

    What isn't given stays. It counts whatever the files say, also those that are given later. Where the
    shoot changes, the next `clear` decides anew what a policy decided; what a person decided stays.
    Reading the pictures, and serving a model that learned from them, ask for the releases of the new
    shoot. What was delivered and isn't covered then is called back at once, which can't be taken back.
    Datasets cut before keep the captions they were cut with. Of a rejected picture
    nothing is kept: add its file again.

    \b
    Examples:
      volenti picture amend img_1 --caption "a woman in a red coat"
      volenti picture amend img_1 img_2 --shoot spring --dry-run
      volenti picture amend --table corrections.csv
    """
    with opened(ctx) as ws:
        change = partial(
            ws.pictures.amend, images or (), caption=caption, shoot=shoot, table=table, encoding=encoding
        )
        done = change(dry_run=True)
        if not dry_run:
            called_back = sum(each.called_back for each in done)
            if called_back and not yes:
                told = f"{counted(called_back, 'delivered sample')} would be called back for good"
                ask_first(
                    "Amend them all the same?",
                    "Nothing was amended.",
                    UsageError(
                        f"{told}, and nobody can be asked here.",
                        "See them with --dry-run; if you are sure, add --yes.",
                    ),
                    as_json=as_json,
                    show=lambda: _say_amended(done, dry_run=True),
                )
            done = change()
    if as_json:
        say_json({"dry_run": dry_run, "pictures": [_facts(each) for each in done]})
        return
    _say_amended(done, dry_run=dry_run)


def _facts(each: Amended) -> dict[str, object]:
    return {
        "image": each.id,
        "changed": each.changed,
        "before": dict(each.before),
        "after": dict(each.after),
        "decided_anew": list(each.decided_anew),
        "decided_by_a_person": list(each.decided_by_a_person),
        "called_back": each.called_back,
    }


def _say_amended(done: Sequence[Amended], *, dry_run: bool) -> None:
    changed = [each for each in done if each.changed]
    if not changed:
        note("Nothing was to be changed.")
        return
    say_table(
        ("PICTURE", "WHAT", "WAS", "WOULD BE" if dry_run else "IS NOW"),
        [
            (each.id, name, each.before[name] or "(none)", each.after[name] or "(none)")
            for each in changed
            for name in each.amended
        ],
    )
    would = "would be " if dry_run else ""
    say(f"{counted(len(changed), 'picture')} {would}amended.")
    anew = sum(bool(each.decided_anew) for each in changed)
    stays = sum(bool(each.decided_by_a_person) for each in changed)
    if anew:
        note(f"What a policy decided of {counted(anew, 'picture')} is decided anew by the next clear.")
        if not dry_run:
            advise("See first what it would decide: volenti clear --purpose PURPOSE --dry-run")
    called_back = sum(each.called_back for each in changed)
    if called_back:
        are = "would be" if dry_run else "is" if called_back == 1 else "are"
        note(f"{counted(called_back, 'delivered sample')} {are} called back.")
    if any("caption" in each.amended for each in changed):
        note("Datasets that were cut before keep the captions that they were cut with.")
    if stays:
        note(
            f"What a person decided of {counted(stays, 'picture')} stays; "
            "reading asks for the releases of the new shoot."
        )
