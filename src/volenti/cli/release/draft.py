"""Printing a release that nobody has signed yet, with what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from volenti.cli.terminal.output import advise, note, say, say_json
from volenti.consent.purpose import Grant

if TYPE_CHECKING:
    from volenti.consent.release import Release

GRANTS = ", ".join(Grant)
SHOOT = typer.Option(metavar="ID", help="What the pictures are added under (volenti add --shoot).")


def say_draft(
    release: Release, *, as_json: bool, reference: Sequence[Path] = (), beside: Sequence[str] = ()
) -> None:
    """Print a new release's identifier, and what to do next.

    reference: the photographs that it names. beside: releases in force whose place it doesn't take.
    """
    if as_json:
        say_json(release.to_json())
        return
    say(release.id)
    if not release.grants.yes:
        note("It grants nothing: every question was answered no.")
    if beside:
        note(f"What they said in {', '.join(beside)} stays in force too: nothing is taken back by this one.")
        advise(f"To replace one, amend it instead: volenti release amend {beside[-1]}")
    advise(f"Let them read it: volenti release show {release.id} --text, and --notice")
    photo_option = "".join(f" --reference {photo}" for photo in reference)
    advise(f"Then let them sign: volenti release sign {release.id} --key FILE{photo_option}")
