"""volenti request plan: what an erasure would erase, and what it would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from volenti.cli.terminal.options import AsJson, LatestRequest
from volenti.cli.terminal.output import advise, counted, duration, say, say_json, say_table, size
from volenti.cli.terminal.session import opened
from volenti.requests.history import WithdrawalHistory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.erasure.plan import Plan
    from volenti.requests.request import Request
    from volenti.workspace.workspace import Workspace

#: Kinds of requests that are run and have no plan: what running them would do is said in a sentence.
UNPLANNED = ("withdrawal", "restriction", "objection")


def plan(ctx: typer.Context, request: LatestRequest = None, as_json: AsJson = False) -> None:
    """Show what running a request would erase, and what it would cost. Changes nothing.

    \b
    Examples:
      volenti request plan
      volenti request plan req_1 --json
    """
    with opened(ctx) as ws:
        found = ws.requests.plan(request)
        steps = ws.requests.show(found.request).next_steps
    if as_json:
        say_json(found.to_json())
        return
    say_plan(found)
    for each in steps:
        advise(f"Do it: {each}")


def say_dry_run(ws: Workspace, due: Sequence[Request], *, every: bool, as_json: bool) -> None:
    """Print what running requests would do, in the order given. Raises ConflictError of what isn't run.

    every: all of them were asked for, so that JSON is a list also where there is one.
    """
    facts = []
    for each in due:
        if each.kind in UNPLANNED:
            would = _foreseen(each)
            facts.append({"request": each.id, "kind": each.kind, "state": each.state, "would": would})
            if not as_json:
                say(would)
        else:
            plan = ws.requests.plan(each.id)
            facts.append(plan.to_json())
            if not as_json:
                say_plan(plan)
    if as_json:
        say_json({"plans": facts} if every else facts[0])


def _foreseen(request: Request) -> str:
    """What running a request would do that isn't for erasure, in words."""
    if request.state == "in-force" or request.is_finished:
        return f"{request.id} is {request.state}: running it changes nothing."
    history = request.history
    if isinstance(history, WithdrawalHistory):
        about = history.withdrawn
        what = f"the yes to {about.grant.value}" if about.grant else "every yes"
        where = f" in release {about.release_id}" if about.release_id else ""
        where += f" for the shoot {about.shoot}" if about.shoot else ""
        return (
            f"{request.id} would withdraw {what} of {request.subject}{where}: nothing of theirs is read for "
            "that any more, what learned from it is trained again without it, and recipients are told."
        )
    end = "it is lifted" if request.kind == "restriction" else "the objection is decided"
    return (
        f"{request.id} would restrict {request.subject}: nothing of theirs is read or drawn with until {end}."
    )


def say_plan(plan: Plan) -> None:
    """Print what would go, what it would cost, and who would be told."""
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
        say(f"Trained again without their pictures: {slices}, in about {duration(plan.seconds)}.")
        say(f"Training everything again would take {duration(plan.full_seconds)}: this is {cost} of it.")
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
    for open_one in plan.overtakes:
        what = f"{open_one.request}, for {open_one.kind}, is {open_one.state}"
        say(f"{what}: nobody can carry it out once they are erased.")
        advise(f"Do that first: {open_one.remedy}")
    for notice in plan.notified:
        samples = counted(notice.samples, "sample")
        say(f"Told through the deletion feed: {notice.recipient}, {samples} of {notice.dataset}.")
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
