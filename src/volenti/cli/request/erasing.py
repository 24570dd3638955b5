"""volenti request plan, run: what goes when somebody is erased, and its going."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.evidence import say_attacks
from volenti.cli.terminal.options import AsJson, DryRun
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

if TYPE_CHECKING:
    from volenti.erasure.plan import Plan
    from volenti.requests.history import ErasureHistory
    from volenti.requests.outcome import Outcome
    from volenti.requests.request import Request

RequestName = Annotated[
    str | None,
    typer.Argument(metavar="REQUEST", help="Which request; the latest by default.", show_default=False),
]


def plan(ctx: typer.Context, request: RequestName = None, as_json: AsJson = False) -> None:
    """Show what running a request would erase, and what it would cost. Changes nothing.

    \b
    Examples:
      volenti request plan
      volenti request plan req_1 --json
    """
    with opened(ctx) as ws:
        found = ws.requests.plan(request)
    if as_json:
        say_json(found.to_json())
        return
    _say_plan(found)
    advise(
        f"Do it: volenti request run {found.request} --copy FILE "
        "(FILE is for the person; it can't be made later)"
    )


def _say_plan(plan: Plan) -> None:
    facts = plan.to_json()
    say(f"{plan.request} would erase {counted(facts['items'], 'item')}, {size(facts['bytes'])}:")
    say_table(
        ("HELD IN", "WHAT", "ITEMS", "SIZE", "WHAT HAPPENS"),
        [(each.holder, each.what, each.items, size(each.bytes), each.action) for each in plan.holdings],
    )
    say()
    if facts["slices"]:
        parts = counted(len(facts["constituents"]), "constituent")
        say(f"Dropped at once: {parts} ({', '.join(facts['constituents'])}).")
        slices, cost = counted(len(facts["slices"]), "slice"), f"{facts['cost_ratio']:.1%}"
        say(f"Learned again without them: {slices}, in about {duration(plan.seconds)}.")
        say(f"Learning everything again would take {duration(plan.full_seconds)}: this is {cost} of it.")
        currency = plan.tariff.currency
        say(f"At your prices: {plan.money:.4f} {currency} instead of {plan.full_money:.4f} {currency}.")
    elif not plan.retrainings:
        say("No model learned from them.")
    if plan.works is not None and (plan.works.drawn or plan.works.withdrawn):
        drawn, back = counted(plan.works.drawn, "picture"), plan.works.withdrawn
        say(f"Drawn by what had learned from them: {drawn}; called back: {back} (volenti work list).")
    if plan.waiting:
        said = counted(plan.waiting, "picture")
        say(f"{said} nobody has looked at yet: whether they are in them isn't known.")
        advise("Look first: volenti clear --purpose PURPOSE")
    for told in plan.notified:
        samples = counted(told.samples, "sample")
        say(f"Told through the deletion feed: {told.recipient}, {samples} of {told.dataset}.")
    if plan.backups:
        known = counted(len(plan.backups), "backup")
        say(f"{known} known, the newest of {plan.backups[-1]}: what is theirs in there opens no more.")
    for each in plan.retrainings:
        what = (
            "this model must be trained whole again" if each.whole else f"{each.part} must be trained again"
        )
        unit = "GPU-hours" if each.gpus else "hours of the machine that trained it"
        say(f"{each.name}: {what} by your script, about {each.hours:.2g} {unit}.")
        if each.recipients:
            say(f"  It was handed out to {', '.join(each.recipients)}: tell them.")


def run(
    ctx: typer.Context,
    request: RequestName = None,
    certificate: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="FILE", help="Write the certificate to this new file."),
    ] = None,
    copy: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE",
            help="Write the person's own copy here: it shows that the certificate is about them.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every request that isn't finished: the model learns again once.")
    ] = False,
    audit: Annotated[
        bool,
        typer.Option("--audit", help="Also attack the model before and after, as evidence; takes minutes."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before erasing.")] = False,
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
        due = ws.parts.runner.due() if every else [ws.parts.requests.find(request)]
        erasures = [each for each in due if each.kind == "erasure"]
        if (dry_run or files) and not every and due[0].kind in ("withdrawal", "restriction", "objection"):
            raise UsageError("Only an erasure has a plan and a certificate.", "Leave those options out.")
        if dry_run:
            _say_plans([ws.requests.plan(each.id) for each in erasures or due], every=every, as_json=as_json)
            return
        if sys.stdin.isatty() and sys.stderr.isatty() and not yes and not as_json:
            _confirm([ws.requests.plan(each.id) for each in erasures if each.state == "opened"])
        # While it still names them: once it is certified, nobody here has it any more.
        if copy is not None:
            ws.parts.requests.opening(due[0])
        with progress(as_json) as told:
            outcomes = ws.parts.runner.run([each.id for each in due], told, audit=audit)
    if certificate is not None:
        write_new(certificate, json.dumps(outcomes[0].certificate, indent=1).encode() + b"\n")
    if copy is not None and (own := outcomes[0].copy) is not None:
        write_new(copy, own)
    if as_json:
        facts = [_outcome_facts(each) for each in outcomes]
        say_json({"requests": facts} if every else facts[0])
        return
    for outcome in outcomes:
        _say_outcome(outcome, certificate)
    if any(each.certificate is not None for each in outcomes) and copy is None:
        note(
            "No copy for the person was written (--copy FILE), and none can be made now: "
            "nobody can show that the certificate is about them."
        )
    if not outcomes:
        note("Every request is finished.")


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
        _say_plan(each)


def _confirm(plans: Sequence[Plan]) -> None:
    """Show what would go and ask; nothing to ask where it was begun before."""
    for each in plans:
        _say_plan(each)
    if plans and not typer.confirm("Erase all of this for good?", err=True):
        raise ConflictError("Nothing was erased.", "Run it again when it is decided.")


def _outcome_facts(outcome: Outcome) -> Json:
    certified = {} if outcome.certificate is None else {"certificate": outcome.certificate}
    return {**outcome.request.facts(), **certified}


def _say_outcome(outcome: Outcome, certificate: Path | None) -> None:
    from volenti.requests.history import ErasureHistory, RestrictionHistory, WithdrawalHistory

    request, history = outcome.request, outcome.request.history
    if isinstance(history, ErasureHistory):
        _say_erased(request, history, certificate)
    elif isinstance(history, WithdrawalHistory):
        dropped = counted(len(history.dropped or ()), "constituent")
        left = f"{dropped} left service and learned again without it"
        say(f"{request.id} is {request.state}: withdrawn; {left}.")
    elif isinstance(history, RestrictionHistory):
        suspended = counted(len(history.suspended or ()), "constituent")
        say(f"{request.id} is {request.state}: nothing of theirs is used; {suspended} left service.")
        if request.kind == "objection":
            advise(
                f"Decide it: volenti request uphold {request.id}, or volenti request refuse {request.id} ..."
            )
        else:
            advise(f"When it is over: volenti request lift {request.id}")


def _say_erased(request: Request, did: ErasureHistory, certificate: Path | None) -> None:
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
        say(f"{counted(len(did.slices), 'slice')} learned again without them in {took}.")
    works = did.works
    if works is not None and (works.drawn or works.withdrawn):
        drawn = counted(works.drawn, "picture")
        say(f"{drawn} drawn by what had learned from them: volenti work list --knew {request.id}")
    if works is not None and works.withdrawn:
        say(f"{counted(works.withdrawn, 'picture')} called back: volenti work list --withdrawn")
    say_attacks(request.facts()["notes"])
    if certificate is not None:
        say(f"Certificate: {certificate}")
    else:
        advise(f"Hand out the certificate: volenti certificate show {request.id} > certificate.json")
    advise("Check it all: volenti audit; volenti prove-forgetting")
