"""volenti package drop: removes an opened package."""

from __future__ import annotations

from typing import Annotated

import typer

import volenti
from volenti.cli.package.options import OpenedFolder
from volenti.cli.terminal.acknowledged import AcknowledgedTo, check_place, write_acknowledgement
from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json, say_text, size
from volenti.core.errors import UsageError


def drop(
    folder: OpenedFolder,
    out: AcknowledgedTo = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove an opened package with everything in its folder, and sign that nothing of it is left.

    This can't be undone. The package's file, the private key and what was trained lie elsewhere: remove them,
    too. With the acknowledgement, whoever packed waits for nothing more: volenti feed acknowledge.

    \b
    Example:
      volenti package drop my-lora --out acknowledgement.txt
    """
    if out is not None:
        check_place(out, folder)
    if not yes:
        gone = "What is removed is gone for good, and nobody can be asked here."
        ask_first(
            f"Remove {folder} with everything in it?",
            "Nothing was removed.",
            UsageError(gone, "If you are sure, add --yes."),
            as_json=as_json,
        )
    done = volenti.packages.drop(folder)
    if out is not None and done.acknowledgement:
        write_acknowledgement(out, done.acknowledgement)
    if as_json:
        facts = {"delivery": done.delivery, "images": done.images, "bytes": done.bytes}
        say_json({**facts, "acknowledgement": done.acknowledgement or None})
        return
    say(f"{counted(done.images, 'picture')} removed, {size(done.bytes)}.")
    if done.acknowledgement and out is None:
        say_text(done.acknowledgement)
    advise("Remove the package's file and what was trained on it, too.")
