"""Asking before an erasure, which can't be undone: also without anybody's identity, and before others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.cli.request.plan import say_plan
from volenti.cli.terminal.asking import ask, can_ask
from volenti.core.errors import UsageError
from volenti.requests.identity import Identified

if TYPE_CHECKING:
    from volenti.erasure.plan import Overtaken, Plan
    from volenti.requests.request import Request

_NOTHING = "Nothing was erased."


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was said before an erasure: how it was made sure who asks, and whether it may overtake others."""

    identity: Identified | None
    overtake: bool


def confirmed(
    erasures: Sequence[Request],
    plans: Iterable[Plan],
    said: Confirmed,
    *,
    yes: bool,
    as_json: bool,
    named: bool,
) -> Confirmed:
    """Ask whether to erase, to waive that somebody makes sure who asks, and to overtake other requests.

    Returns what was said. An erasure that was begun before needs no answer. said: what the call itself said.
    named: whether it said which requests.
    Raises UsageError where nobody is asked and the call doesn't say all of it: which requests, how somebody
    made sure who asks, and yes. Raises ConflictError where the answer is no.
    """
    if not erasures:
        return said
    unsure = [each.id for each in erasures if each.needs_identity and said.identity is None]
    overtaken: list[Overtaken] = []
    asks = not yes and can_ask(as_json=as_json)
    whole = f"volenti request run {erasures[0].id} --yes" + (" --identity WAY" if unsure else "")
    if not yes:
        if not asks:
            names = " ".join(each.id for each in erasures)
            raise UsageError(
                f"What {names} would erase is erased for good, and nobody can be asked here.",
                f"If you are sure: {whole}",
            )
        for each in plans:
            say_plan(each)
            overtaken += each.overtakes
    elif not named:
        raise UsageError(
            f"With --yes nobody is asked, and the call doesn't say that it means {erasures[0].id}.",
            f"Name the request: {whole}",
        )
    for name in unsure:
        if not asks:
            raise UsageError(
                f"Nobody made sure who asks in {name}, and nobody said that this is waived.",
                f"Say how it was done, where waived means that nobody did: {whole}",
            )
        ask(f"Nobody made sure who asks in {name}. Waive that? The certificate will say so.", _NOTHING)
    if overtaken and not said.overtake:
        names = ", ".join(each.request for each in overtaken)
        ask(f"Not finished, and impossible to carry out afterwards: {names}. Erase all the same?", _NOTHING)
    if not yes:
        ask("Erase all of this for good?", _NOTHING)
    return Confirmed(Identified.WAIVED if unsure else said.identity, said.overtake or bool(overtaken))
