"""volenti request run: carries out a request."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.request.confirmation import Confirmed, confirmed
from volenti.cli.request.outcome import say_outcomes
from volenti.cli.request.plan import UNPLANNED, say_dry_run
from volenti.cli.terminal.options import AsJson, DryRun, Identity, RequestName
from volenti.cli.terminal.output import advise, note, progress
from volenti.cli.terminal.session import fail, opened, write_new
from volenti.core.errors import ConflictError, UsageError

if TYPE_CHECKING:
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
Overtake = Annotated[
    bool,
    typer.Option(
        "--overtake",
        help="Erase although another request of theirs isn't finished: it ends as overtaken.",
    ),
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
    overtake: Overtake = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Run a request to its end and certify it. There is no way back.

    The person's key is destroyed, so copies and backups of what was theirs can't be opened either.
    If it is stopped, the same command goes on; it ends with status 1 where it has to wait for the
    mirror. Before it erases it asks in a terminal, and needs --yes elsewhere and with --json. It has
    to be on record how somebody made sure who asks, or that this was waived: --identity says it. Where
    another request of theirs isn't finished, carry it out first, or say --overtake.

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
    _check_files(files, request, every=every, none_wanted=copy is not None and no_copy)
    with opened(ctx) as ws:
        due = ws.requests.due() if every else [ws.requests.named(request)]
        erasures = [each for each in due if each.kind == "erasure"]
        if files and not every and due[0].kind in UNPLANNED:
            raise UsageError("Only an erasure has a certificate.", "Leave out --certificate and --copy.")
        if dry_run:
            say_dry_run(ws, due, every=every, as_json=as_json)
            return
        copies = {} if no_copy else _copies(ws, erasures, copy)
        new = [each for each in erasures if each.state == "opened"]
        plans = (ws.requests.plan(each.id) for each in new)
        said = Confirmed(identity, overtake)
        said = confirmed(new, plans, said, yes=yes, as_json=as_json, named=every or request is not None)
        names = [each.id for each in due]  # those opened meanwhile, which nobody saw, wait for the next call
        with progress(as_json) as bar:
            outcomes = ws.requests.run_all(
                names, identity=said.identity, audit=audit, overtake=said.overtake, progress=bar
            )
    if certificate is not None:
        _write_certificate(outcomes[0], certificate)
    again = " --no-copy" if no_copy else f" --copy {shlex.quote(str(copy))}" if copy is not None else ""
    say_outcomes(outcomes, _write_copies(outcomes, copies), certificate, again, every=every, as_json=as_json)
    if not outcomes and not as_json:
        _say_nothing_to_run(ctx)
    if any(each.request.state == "waiting" for each in outcomes):
        fail()


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


def _check_files(files: Sequence[Path], request: str | None, *, every: bool, none_wanted: bool) -> None:
    """Refuse files that can't be written, before anything is done. none_wanted: or no copy at all."""
    if none_wanted:
        raise UsageError("--copy and --no-copy contradict each other.", "Leave one of them out.")
    if every and (request is not None or files):
        raise UsageError(
            "--all takes neither a request nor a file for one certificate.",
            "Leave them out; each is there afterwards: volenti certificate show REQUEST.",
        )
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already.", "Name a new file for the certificate.")
