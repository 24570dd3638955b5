"""Asking before an erasure, which can't be undone, and before doing without anybody's identity."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from volenti.cli.request.plan import say_plan
from volenti.cli.terminal.output import note
from volenti.core.errors import ConflictError, UsageError
from volenti.requests.identity import Identified

if TYPE_CHECKING:
    from volenti.erasure.plan import Plan
    from volenti.requests.request import Request


def confirmed(
    erasures: Sequence[Request],
    plans: Iterable[Plan],
    identity: Identified | None,
    *,
    yes: bool,
    can_ask: bool,
) -> Identified | None:
    """Ask whether to erase, and whether to waive that somebody makes sure who asks; returns how they did.

    An erasure that was begun before needs no answer. Raises UsageError where nobody can be asked and nobody
    said yes, and ConflictError where the answer is no.
    """
    unsure = [each.id for each in erasures if each.needs_identity and identity is None]
    if erasures and not yes:
        if not (can_ask and sys.stdin.isatty() and sys.stderr.isatty()):
            names = " ".join(each.id for each in erasures)
            raise UsageError(
                f"What {names} would erase is erased for good, and nobody can be asked here.",
                f"If you are sure: volenti request run {erasures[0].id} --yes"
                + (" --identity WAY" if unsure else ""),
            )
        for each in plans:
            say_plan(each)
        for name in unsure:
            _ask(f"Nobody made sure who asks in {name}. Waive that? The certificate will say so.")
        _ask("Erase all of this for good?")
    for name in unsure:
        note(f"{name}: nobody made sure who asks; that is waived, and log and certificate say so.")
    return Identified.WAIVED if unsure else identity


def _ask(question: str) -> None:
    if not typer.confirm(question, err=True):
        raise ConflictError("Nothing was erased.", "Run it again when it is decided.")
