"""volenti package open: unpacks a package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.package.options import PackageFile, Sender
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, progress, say, say_json, say_table


def open_(
    file: PackageFile,
    key: Annotated[
        Path,
        typer.Option(
            "--key", exists=True, dir_okay=False, metavar="FILE", help="This machine's private key."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", file_okay=False, metavar="DIR", help="A new or empty folder.")
    ],
    sender: Sender = None,
    as_json: AsJson = False,
) -> None:
    """Unpack a package into a folder that only its owner can read. Asks nothing of the network.

    Each part has a folder with picture files and a metadata.jsonl, as an export's. If it is interrupted,
    the same command begins again.

    \b
    Example:
      volenti package open my-lora.package --key machine.key --out my-lora
    """
    with progress(as_json) as bar:
        opened = volenti.packages.open(file, out, key=key, sender=sender, progress=bar)
    if as_json:
        parts = [{"part": each.shard, "images": each.images, "people": each.people} for each in opened.held]
        about = opened.contents
        facts = {"delivery": about.delivery, "run": about.name, "dataset": about.dataset}
        say_json({**facts, "purpose": about.purpose, "folder": str(out), "parts": parts})
        return
    pictures = counted(sum(each.images for each in opened.held), "picture")
    say(f"{out}: {pictures} of {opened.contents.dataset}, for {opened.contents.purpose} alone.")
    say_table(
        ("PART", "FOLDER", "PICTURES", "PEOPLE"),
        [(each.shard, each.part.folder, each.images, each.people) for each in opened.held],
    )
    advise("Before each training, take out who left since: volenti package pull DIR")
