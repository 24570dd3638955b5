"""volenti dataset export: writes a snapshot for somebody else, without whoever may not be passed on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, progress, say, say_json
from volenti.cli.terminal.session import opened

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.deliveries.delivery import Delivery


class Form(StrEnum):
    """How an export's files are laid out."""

    IMAGEFOLDER = "imagefolder"
    WEBDATASET = "webdataset"
    PARQUET = "parquet"


DatasetName = Annotated[
    str, typer.Argument(metavar="DATASET", help="A name for its latest version, or a version: humans@3.")
]
SplitName = Annotated[
    str | None,
    typer.Option("--split", metavar="NAME", help="Only this split of the dataset, such as train."),
]
Contact = Annotated[
    str, typer.Option("--contact", metavar="TEXT", help="How the recipient reaches you; for the card.")
]
FeedAddress = Annotated[
    str, typer.Option("--feed", metavar="ADDRESS", help="Where you publish the deletion feed; for the card.")
]
Recipient = Annotated[str | None, typer.Option("--to", metavar="NAME", help="Who gets it; kept on record.")]
Recipients = Annotated[
    str | None,
    typer.Option(
        "--territory",
        metavar="PLACE",
        help="Where the recipient is: a country such as DE, or WORLD; else the dataset's.",
    ),
]


def export(
    ctx: typer.Context,
    dataset: DatasetName,
    folder: Annotated[Path, typer.Argument(file_okay=False, metavar="DIR", help="A new or empty folder.")],
    recipient: Recipient = None,
    form: Annotated[
        Form,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"How the files are laid out: {', '.join(Form)}.",
            case_sensitive=False,
        ),
    ] = Form.IMAGEFOLDER,
    territory: Recipients = None,
    sublicensable: Annotated[
        bool, typer.Option("--sublicensable", help="The recipient may hand the pictures on in turn.")
    ] = False,
    split: SplitName = None,
    contact: Contact = "",
    feed: FeedAddress = "",
    as_json: AsJson = False,
) -> None:
    """Write the pictures, without their metadata, and their captions, for somebody else.

    imagefolder: picture files and metadata.jsonl. webdataset: numbered tar files. parquet: rows of
    picture, text and facts. A dataset with splits is written split by split. With each picture go its
    size, numbers that stand for the people in it in this export alone, and the boxes of their faces.
    README.md is the dataset card; SHA256SUMS has the checksum of every file.

    Copies handed out are beyond the reach of an erasure here. Who got one is on record, and the deletion
    feed tells them what to take out: see `volenti feed`.

    Left out are pictures of anybody whose release doesn't grant redistribution today, where the recipient
    is; with --sublicensable, also of anybody who didn't allow sublicensing. Once such a yes ends, the feed
    calls the pictures back.

    \b
    Examples:
      volenti dataset export humans export-for-lab --to "Example Lab" --territory FR
      volenti dataset export humans@2 shards --to "Example Lab" --format webdataset --split train
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        done = ws.datasets.export(
            dataset,
            folder,
            recipient=recipient,
            form=form.value,
            territory=territory,
            sublicensable=sublicensable,
            split=split,
            contact=contact,
            feed=feed,
            progress=bar,
        )
    if as_json:
        say_json({**_facts(done), "folder": str(folder)})
    else:
        _say_delivery(done, folder)


def _facts(done: Delivery) -> Json:
    return {
        "delivery": done.id,
        "dataset": done.snapshot,
        "recipient": done.recipient,
        "format": done.format,
        "written": done.samples,
        "left_out": len(done.left_out),
        "not_passed_on": done.not_passed_on,
        "territory": done.territory,
        "sublicensable": done.sublicensable,
        "split": done.split or None,
        "not_in_split": done.not_in_split,
    }


def _say_delivery(done: Delivery, folder: Path) -> None:
    say(f"{counted(done.samples, 'picture')} of {done.snapshot} written to {folder}.")
    if done.uncovered:
        say(f"{counted(done.uncovered, 'picture')} left out: no release covers them any more.")
    if done.not_in_split:
        say(f"{counted(done.not_in_split, 'picture')} left out: in other splits than {done.split}.")
    if done.not_passed_on:
        what = "to the recipient's handing them on" if done.sublicensable else "to being passed on"
        left = counted(done.not_passed_on, "picture")
        say(f"{left} left out: somebody in them didn't agree {what} in {done.territory}.")
    say(f"On record as {done.id}, to {done.to}.")
    advise(f"Hand over all of {folder}, also what is hidden in it. Who acknowledged: volenti feed list")
    if done.not_passed_on:
        also = " --sublicensing" if done.sublicensable else ""
        advise(f"Ask them to sign: volenti release amend RELEASE --grant redistribution{also}")
