"""What running requests came to, as it is printed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.cli.terminal.evidence import say_attacks
from volenti.cli.terminal.output import advise, counted, duration, say, say_json, say_table, size
from volenti.core.canonical import Json
from volenti.requests.history import ErasureHistory, RestrictionHistory, WithdrawalHistory

if TYPE_CHECKING:
    from volenti.requests.outcome import Outcome
    from volenti.requests.request import Request


def say_outcomes(
    outcomes: Sequence[Outcome],
    copies: dict[str, Path],
    certificate: Path | None,
    again: str,
    *,
    every: bool,
    as_json: bool,
) -> None:
    """Print what running came to.

    copies: where each person's own copy was written, by request. again: what was said of copies, which isn't
    kept, and has to be said again where a request waits.
    """
    if as_json:
        facts = [_outcome_facts(each, copies) for each in outcomes]
        say_json({"requests": facts} if every else facts[0])
        return
    for outcome in outcomes:
        if outcome.request.state == "waiting":
            _say_waiting(outcome.request, certificate, again)
        else:
            _say_outcome(outcome, certificate, copies)


def _outcome_facts(outcome: Outcome, copies: dict[str, Path]) -> Json:
    certified = {} if outcome.certificate is None else {"certificate": outcome.certificate}
    copy = {"copy": str(copies[outcome.request.id])} if outcome.request.id in copies else {}
    return {**outcome.request.facts(), **certified, **copy}


def _say_waiting(request: Request, certificate: Path | None, again: str) -> None:
    """Say what a request waits for, and how to go on with the files that were asked for."""
    files = f" --certificate {shlex.quote(str(certificate))}" if certificate is not None else ""
    say(f"{request.id} is waiting: everything is erased here, but the mirror still has the key.")
    advise(f"Once the mirror is in its place: {request.remedy}{files}{again}")
    if again != " --no-copy":
        say("The person's own copy isn't written yet: it will be, when the request ends.")


def _say_outcome(outcome: Outcome, certificate: Path | None, copies: dict[str, Path]) -> None:
    request, history = outcome.request, outcome.request.history
    if isinstance(history, ErasureHistory):
        _say_erasure(request, history, certificate)
        if request.id in copies:
            say(f"The person's own copy: {copies[request.id]}")
            advise("Hand it over, then delete the file: it names them, and none can be made again.")
    elif isinstance(history, WithdrawalHistory):
        dropped = counted(len(history.dropped or ()), "constituent")
        again = "was" if len(history.dropped or ()) == 1 else "were"
        say(f"{request.id} is {request.state}: withdrawn; {dropped} left service and {again} trained again.")
    elif isinstance(history, RestrictionHistory):
        suspended = counted(len(history.suspended or ()), "constituent")
        say(f"{request.id} is {request.state}: nothing of theirs is used; {suspended} left service.")
        for each in request.next_steps:
            advise(f"{'Decide it' if request.kind == 'objection' else 'When it is over'}: {each}")


def _say_erasure(request: Request, did: ErasureHistory, certificate: Path | None) -> None:
    say(f"{request.id} is {request.state}.")
    left = did.attested or {}
    say_table(
        ("ERASED FROM", "ITEMS", "SIZE", "LEFT"),
        [
            (holder, each.items, size(each.bytes), left.get(holder, ""))
            for holder, each in (did.erased or {}).items()
        ],
    )
    if did.slices:
        took = duration(did.replay_seconds or 0.0)
        say(f"{counted(len(did.slices), 'slice')} trained again without their pictures in {took}.")
    works = did.works
    if works is not None and (works.drawn or works.withdrawn):
        drawn = counted(works.drawn, "picture")
        say(f"{drawn} drawn by what had learned from them: volenti work list --knew {request.id}")
    if works is not None and works.withdrawn:
        say(f"{counted(works.withdrawn, 'picture')} called back: volenti work list --withdrawn")
    say_attacks(did.attacks)
    if certificate is not None:
        say(f"Certificate: {certificate}")
    else:
        advise(f"Hand out the certificate: volenti certificate show {request.id} > certificate.json")
    advise("Check it all: volenti audit; volenti prove-forgetting")
