"""volenti request run: carries out a request."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.request.plan import say_plan
from volenti.cli.terminal.evidence import say_attacks
from volenti.cli.terminal.options import AsJson, DryRun, RequestName
from volenti.cli.terminal.output import (
    advise,
    counted,
    duration,
    note,
    progress,
    say,
    say_json,
    say_table,
    size,
)
from volenti.cli.terminal.session import opened, write_new
from volenti.core.canonical import Json
from volenti.core.errors import ConflictError, UsageError
from volenti.requests.history import ErasureHistory, RestrictionHistory, WithdrawalHistory

if TYPE_CHECKING:
    from volenti.erasure.plan import Plan
    from volenti.requests.outcome import Outcome
    from volenti.requests.request import Request

Certificate = Annotated[
    Path | None,
    typer.Option(dir_okay=False, metavar="FILE", help="Write the certificate to this new file."),
]
Copy = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False,
        metavar="FILE",
        help="Write the person's own copy here: it shows that the certificate is about them.",
    ),
]
Every = Annotated[
    bool, typer.Option("--all", help="Every unfinished request; the model is trained again once for all.")
]
Attacked = Annotated[
    bool,
    typer.Option("--audit", help="Also attack the model before and after, as evidence; takes minutes."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before erasing.")]


def run(
    ctx: typer.Context,
    request: RequestName = None,
    certificate: Certificate = None,
    copy: Copy = None,
    every: Every = False,
    audit: Attacked = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Run a request to its end and certify it. There is no way back.

    The person's key is destroyed, so copies and backups of what was theirs can't be opened either.
    If it is stopped, the same command goes on. In a terminal it asks first.

    With --audit their pictures stay in memory until the model was attacked again; nothing writes
    them. What came of it is in the certificate: it can refute the forgetting, not prove it.

    \b
    Examples:
      volenti request run --certificate certificate.json
      volenti request run req_1 --copy for-them.json --audit
      volenti request run req_1 --yes --json
      volenti request run --all
    """
    files = [each for each in (certificate, copy) if each is not None]
    _check_files(files, request, every=every)
    with opened(ctx) as ws:
        due = ws.requests.due() if every else [ws.requests.show(request)]
        erasures = [each for each in due if each.kind == "erasure"]
        if (dry_run or files) and not every and due[0].kind in ("withdrawal", "restriction", "objection"):
            raise UsageError("Only an erasure has a plan and a certificate.", "Leave those options out.")
        if dry_run:
            _say_plans([ws.requests.plan(each.id) for each in erasures or due], every=every, as_json=as_json)
            return
        if sys.stdin.isatty() and sys.stderr.isatty() and not yes and not as_json:
            _confirm([ws.requests.plan(each.id) for each in erasures if each.state == "opened"])
        with progress(as_json) as bar:
            if every:
                # Only the requests that were shown: those opened meanwhile wait for the next call.
                outcomes = ws.requests.run_all([each.id for each in due], audit=audit, progress=bar)
            else:
                wanted = copy is not None
                outcomes = [ws.requests.run(due[0].id, copy=wanted, audit=audit, progress=bar)]
    _write_files(outcomes, certificate, copy)
    if as_json:
        facts = [_outcome_facts(each) for each in outcomes]
        say_json({"requests": facts} if every else facts[0])
        return
    for outcome in outcomes:
        _say_outcome(outcome, certificate)
    certified = {each.id for each in due if each.kind == "erasure" and not each.is_finished}
    if copy is None and any(each.request.id in certified for each in outcomes):
        note(
            "No copy for the person was written (--copy FILE), and none can be made now: "
            "nobody can show that the certificate is about them."
        )
    if not outcomes:
        _say_nothing_to_run(ctx)


def _say_nothing_to_run(ctx: typer.Context) -> None:
    """Say that there is nothing to run, and which requests wait for an answer instead."""
    with opened(ctx) as ws:
        answers = [each for each in ws.requests.list() if each.state == "opened"]
    note("Every request is finished." if not answers else "There is nothing to run.")
    for each in answers:
        advise(f"{each.id} asks for an answer: volenti request answer {each.id} --folder DIR")


def _write_files(outcomes: Sequence[Outcome], certificate: Path | None, copy: Path | None) -> None:
    """Write the files that were asked for, of the only outcome; several outcomes never have files."""
    if certificate is not None:
        write_new(certificate, json.dumps(outcomes[0].certificate, indent=1).encode() + b"\n")
    if copy is not None and (own := outcomes[0].copy) is not None:
        write_new(copy, own)


def _check_files(files: Sequence[Path], request: str | None, *, every: bool) -> None:
    """Refuse files that can't be written, before anything is done."""
    if every and (request is not None or files):
        raise UsageError(
            "--all takes neither a request nor a file for one certificate.",
            "Leave them out; each is there afterwards: volenti certificate show REQUEST.",
        )
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already.", "Name a new file for the certificate.")


def _say_plans(plans: Sequence[Plan], *, every: bool, as_json: bool) -> None:
    if as_json:
        facts = [each.to_json() for each in plans]
        say_json({"plans": facts} if every else facts[0])
        return
    for each in plans:
        say_plan(each)


def _confirm(plans: Sequence[Plan]) -> None:
    """Show what would be erased, and ask; an erasure that was begun before needs no answer."""
    for each in plans:
        say_plan(each)
    if plans and not typer.confirm("Erase all of this for good?", err=True):
        raise ConflictError("Nothing was erased.", "Run it again when it is decided.")


def _outcome_facts(outcome: Outcome) -> Json:
    certified = {} if outcome.certificate is None else {"certificate": outcome.certificate}
    return {**outcome.request.facts(), **certified}


def _say_outcome(outcome: Outcome, certificate: Path | None) -> None:
    request, history = outcome.request, outcome.request.history
    if isinstance(history, ErasureHistory):
        _say_erasure(request, history, certificate)
    elif isinstance(history, WithdrawalHistory):
        dropped = counted(len(history.dropped or ()), "constituent")
        again = "was" if len(history.dropped or ()) == 1 else "were"
        say(f"{request.id} is {request.state}: withdrawn; {dropped} left service and {again} trained again.")
    elif isinstance(history, RestrictionHistory):
        suspended = counted(len(history.suspended or ()), "constituent")
        say(f"{request.id} is {request.state}: nothing of theirs is used; {suspended} left service.")
        if request.kind == "objection":
            advise(
                f"Decide it: volenti request uphold {request.id}, or volenti request refuse {request.id} ..."
            )
        else:
            advise(f"When it is over: volenti request lift {request.id}")


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
