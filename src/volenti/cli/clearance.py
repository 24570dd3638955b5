"""volenti add, clear, status: what was given, and what became of it.

Every file given is accounted for. Held and rejected pictures aren't an error: these commands
end with status 0 whatever they find.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, DryRun, OptionalPurpose, PolicyName, Territory
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_json
from volenti.cli.terminal.session import opened
from volenti.cli.terminal.suspended import say_suspended
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.clearance.account import Account
    from volenti.clearance.intake import IntakeReport
    from volenti.clearance.policy import Policy
    from volenti.clearance.service import Change
    from volenti.workspace.workspace import Workspace

#: What each verdict means to whoever gave the files.
MEANINGS = {
    "cleared": "when judged, a release covered everybody in them; reading asks again",
    "held": "somebody has to look: volenti review list",
    "rejected": "not kept",
    "unreadable": "not kept",
    "duplicate": "the same file was given before",
    "waiting": "not judged yet: volenti clear --purpose PURPOSE",
}


def register(app: typer.Typer) -> None:
    """Add this chapter's commands to the root."""
    app.command("add")(add)
    app.command("clear")(clear)
    app.command("status")(status)


def add(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Files, or folders with everything in them.")
    ],
    shoot: Annotated[str, typer.Option(metavar="ID", help="Name of the shoot they come from.")] = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take files in and seal them in quarantine. Nothing is judged yet.

    The folder given is only read. Captions lie beside a picture as NAME.txt, or for a folder in
    metadata.jsonl (file_name, text). Running it again takes in what is new.

    \b
    Examples:
      volenti add inbox
      volenti add portrait.jpg --shoot spring
    """
    from volenti.clearance.intake import given_files

    if dry_run:
        files = [each.name for each in given_files(paths)]
        if as_json:
            say_json({"given": len(files), "files": files})
        else:
            say(f"Would look at {counted(len(files), 'file')}.")
        return
    with opened(ctx) as ws, progress(as_json) as told:
        report = ws.add(paths, shoot=shoot, progress=told)
    if as_json:
        say_json(asdict(report))
    else:
        _say_intake(report)


def _say_intake(report: IntakeReport) -> None:
    parts = [f"{report.new:,} new"]
    parts += [f"{report.known:,} here already"] if report.known else []
    parts += [f"{report.duplicate:,} with the bytes of another"] if report.duplicate else []
    parts += [f"{len(report.unreadable):,} that can't be read"] if report.unreadable else []
    say(f"{counted(report.given, 'file')} given: {', '.join(parts)}.")
    for name in report.unreadable:
        say(f"  can't be read: {name}")
    for name in report.captions_differ:
        say(f"  a copy with another caption: {name}")
    if report.captions_differ:
        note("Each file keeps its caption. A picture is described by that of the folder of whom it shows.")
    if report.new:
        advise("Have them judged: volenti clear --purpose PURPOSE")


def clear(
    ctx: typer.Context,
    purpose: OptionalPurpose = None,
    policy: PolicyName = None,
    territory: Territory = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Judge every picture for one purpose.

    Cleared is who has a release that covers the use today. What is uncertain is held for review,
    what nobody allowed isn't kept. What was judged before, for another purpose or by another
    policy, is judged again from what is known of it; what a reviewer settled stays settled.
    Prints the account of all files, as `volenti status` does.

    \b
    Examples:
      volenti clear --purpose generative-training
      volenti clear --purpose redistribution --territory DE --json
      volenti clear --policy strict --dry-run
    """
    if (purpose is None) == (policy is None):
        raise UsageError(
            "Say by what to judge: a purpose, or a policy.",
            "Give --purpose PURPOSE, or --policy with a file or the name of a shipped one.",
        )
    with opened(ctx) as ws:
        with progress(as_json) as told:
            judged_by = _policy(ws, purpose, policy, territory)
            if dry_run:
                changes, waiting = ws.changes(judged_by)
            else:
                found = _counted(ws.clear(policy=judged_by, progress=told), as_json=as_json)
        if dry_run:
            _say_changes(changes, waiting, as_json=as_json)
        else:
            _say_account(found)


def _policy(ws: Workspace, purpose: str | None, policy: str | None, territory: str | None) -> Policy:
    from volenti.clearance.policyfile import find_policy

    if policy is None:
        return ws.policies.for_purpose(purpose or "", territory)
    found = find_policy(policy)
    return found.model_copy(update={"territory": territory}) if territory else found


def _say_changes(changes: list[Change], waiting: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"changes": [encoded(each) for each in changes], "waiting": waiting})
        return
    if not changes:
        say("Nothing that was judged would be decided otherwise.")
    for each in changes:
        codes = ", ".join(dict.fromkeys(found.code for found in each.findings)) or "nothing stands against it"
        say(f"{each.file}: {each.before or 'not judged'} -> {each.after}  ({codes})")
    if waiting:
        say(f"{counted(waiting, 'picture')} would be looked at first.")


def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what became of every file given, and why.

    And which parts of models aren't served, because somebody they learned from said no since.

    \b
    Examples:
      volenti status
      volenti status --json
    """
    with opened(ctx) as ws:
        with progress(as_json) as told:
            found = _counted(ws.status(progress=told), as_json=as_json)
        suspended = ws.suspensions()
    if isinstance(found, dict):
        found["suspended"] = [each.to_json() for each in suspended]
    _say_account(found)
    if not as_json:
        say_suspended(suspended)


def _counted(account: Account, *, as_json: bool) -> Account | Json:
    """The account with its sums made, or all of it as JSON: what takes long is done here."""
    return account.to_json() if as_json else account.counted()


def _say_account(account: Account | Json) -> None:
    """Print all of it; or totals, then each kind of finding with what to do about it."""
    if isinstance(account, dict):
        say_json(account)
        return
    totals = account.totals
    if not totals["given"]:
        note("No file was given yet.")
        advise("Take some in: volenti add FOLDER")
        return
    say(f"{counted(totals['given'], 'file')} given")
    for verdict, meaning in MEANINGS.items():
        if totals.get(verdict):
            say(f"  {totals[verdict]:>7,}  {verdict:<10}  {meaning}")
    for each in account.findings:
        say()
        say(f"{each.finding.code}: {counted(each.files, 'file')}, {each.verdict}")
        say(f"  {each.finding.message}")
        say(f"  -> {each.finding.remedy}")
        names = [name or "(a file whose name is gone)" for name in each.names]
        more = f" and {each.files - len(names):,} more" if each.files > len(names) else ""
        say(f"  {', '.join(names)}{more}")
