"""volenti request run: carries out a request."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.request.confirmation import confirmed
from volenti.cli.request.plan import say_plan
from volenti.cli.terminal.evidence import say_attacks
from volenti.cli.terminal.options import AsJson, DryRun, Identity, RequestName
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
from volenti.cli.terminal.session import fail, opened, write_new
from volenti.core.canonical import Json
from volenti.core.errors import ConflictError, UsageError
from volenti.requests.history import ErasureHistory, RestrictionHistory, WithdrawalHistory

if TYPE_CHECKING:
    from volenti.erasure.plan import Plan
    from volenti.requests.outcome import Outcome
    from volenti.requests.request import Request
    from volenti.workspace.workspace import Workspace

Certificate = Annotated[
    Path | None,
    typer.Option(dir_okay=False, metavar="FILE", help="Write the certificate to this new file."),
]
Copy = Annotated[
    Path | None,
    typer.Option(
        "--copy",
        dir_okay=False,
        metavar="FILE",
        help="Write the person's own copy here, which shows that the certificate is about them. By default "
        "it is REQUEST-copy.json beside the workspace's folder.",
    ),
]
NoCopy = Annotated[
    bool, typer.Option("--no-copy", help="Write no copy for the person; none can be made later.")
]
Every = Annotated[
    bool, typer.Option("--all", help="Every unfinished request; the model is trained again once for all.")
]
Attacked = Annotated[
    bool,
    typer.Option("--audit", help="Also attack the model before and after, as evidence; takes minutes."),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes",
        "-y",
        help="Say yes to erasing for good; the request has to be named, or --all. Where nobody made sure "
        "who asks, --identity waived says that you go on all the same.",
    ),
]


def run(
    ctx: typer.Context,
    request: RequestName = None,
    identity: Identity = None,
    certificate: Certificate = None,
    copy: Copy = None,
    no_copy: NoCopy = False,
    every: Every = False,
    audit: Attacked = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Run a request to its end and certify it. There is no way back.

    The person's key is destroyed, so copies and backups of what was theirs can't be opened either.
    If it is stopped, the same command goes on; it ends with status 1 where it has to wait for the
    mirror. Before it erases it asks in a terminal, and needs --yes
    elsewhere and with --json. It has to be on record how somebody made sure who asks, or that
    this was waived: --identity says it.

    With --audit their pictures stay in memory until the model was attacked again; nothing writes
    them. What came of it is in the certificate: it can refute the forgetting, not prove it.

    \b
    Examples:
      volenti request run req_1 --identity document --certificate certificate.json
      volenti request run req_1 --copy for-them.json --audit
      volenti request run req_1 --identity waived --yes --json
      volenti request run --all
    """
    files = [each for each in (certificate, copy) if each is not None]
    _check_files(files, request, every=every)
    if copy is not None and no_copy:
        raise UsageError("--copy and --no-copy contradict each other.", "Leave one of them out.")
    with opened(ctx) as ws:
        due = ws.requests.due() if every else [ws.requests.named(request)]
        erasures = [each for each in due if each.kind == "erasure"]
        if (dry_run or files) and not every and due[0].kind in ("withdrawal", "restriction", "objection"):
            raise UsageError("Only an erasure has a plan and a certificate.", "Leave those options out.")
        if dry_run:
            _say_plans([ws.requests.plan(each.id) for each in erasures or due], every=every, as_json=as_json)
            return
        copies = {} if no_copy else _copies(ws, erasures, copy)
        new = [each for each in erasures if each.state == "opened"]
        plans = (ws.requests.plan(each.id) for each in new)
        named = every or request is not None
        identity = confirmed(new, plans, identity, yes=yes, as_json=as_json, named=named)
        with progress(as_json) as bar:
            # Only the requests that were shown: those opened meanwhile wait for the next call.
            names = [each.id for each in due]
            outcomes = ws.requests.run_all(names, identity=identity, audit=audit, progress=bar)
    if certificate is not None:
        _write_certificate(outcomes[0], certificate)
    again = " --no-copy" if no_copy else f" --copy {shlex.quote(str(copy))}" if copy is not None else ""
    _say(outcomes, _write_copies(outcomes, copies), certificate, again, every=every, as_json=as_json)
    if not outcomes and not as_json:
        _say_nothing_to_run(ctx)
    if any(each.request.state == "waiting" for each in outcomes):
        fail()


def _say(
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


def _say_nothing_to_run(ctx: typer.Context) -> None:
    """Say that there is nothing to run, and which requests wait for an answer instead."""
    with opened(ctx) as ws:
        answers = [each for each in ws.requests.list() if each.state == "opened"]
    note("Every request is finished." if not answers else "There is nothing to run.")
    for each in answers:
        advise(f"{each.id} asks for an answer: {each.remedy}")


def _copies(ws: Workspace, erasures: Sequence[Request], copy: Path | None) -> dict[str, Path]:
    """Where each person's own copy is to be written: beside the workspace, unless a file is named.

    Raises UsageError where one can't be written, before anything is done: none can be made later.
    """
    due = [each for each in erasures if not each.is_certified and not each.is_finished]
    if copy is not None and not due:
        raise ConflictError(
            "There is no copy for the person any more.", "It is made while an erasure runs. Leave out --copy."
        )
    beside = ws.path.resolve().parent
    copies = {each.id: copy or beside / f"{each.id}-copy.json" for each in due}
    for file in copies.values():
        if file.exists():
            raise UsageError(f"{file} is there already.", "Name a new file: --copy FILE")
        if not os.access(next(each for each in file.resolve().parents if each.exists()), os.W_OK):
            raise UsageError(
                f"The person's own copy can't be written to {file.parent}.",
                "Say where: --copy FILE; or that there is to be none: --no-copy",
            )
    return copies


def _write_certificate(outcome: Outcome, file: Path) -> None:
    if outcome.certificate is not None:
        write_new(file, json.dumps(outcome.certificate, indent=1).encode() + b"\n")


def _write_copies(outcomes: Sequence[Outcome], copies: dict[str, Path]) -> dict[str, Path]:
    """Write each person's own copy, readable by its owner alone; returns the files by request."""
    written = {}
    for each in outcomes:
        if each.copy is not None and each.request.id in copies:
            write_new(copies[each.request.id], each.copy)
            written[each.request.id] = copies[each.request.id]
    return written


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
