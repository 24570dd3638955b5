"""Printing what isn't served, and why, for `status` and `audit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.cli.terminal.output import advise, say
from volenti.workspace.suspended import said

if TYPE_CHECKING:
    from volenti.training.serving_consent import Suspension


def say_suspended(suspended: Sequence[Suspension]) -> None:
    """Print a line for each suspended part, and each remedy once."""
    remedies = dict.fromkeys(remedy for _, remedy in said(suspended))
    for sentence, _ in said(suspended):
        say(f"{sentence}.")
    for remedy in remedies:
        advise(remedy if remedy.startswith("volenti") else f"{remedy[:1].upper()}{remedy[1:]}.")
