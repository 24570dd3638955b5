"""volenti clear: judges every picture, or says what another policy would decide differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from volenti.cli.terminal.account import counted_account, say_account
from volenti.cli.terminal.options import AsJson, DryRun, OptionalPurpose, PolicyName, Territory
from volenti.cli.terminal.output import advise, counted, progress, say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.clearance.account import Account
    from volenti.clearance.service import Change


def clear(
    ctx: typer.Context,
    purpose: OptionalPurpose = None,
    policy: PolicyName = None,
    territory: Territory = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Judge every picture for one purpose.

    A picture is cleared if releases cover the use today, for everybody in it. What is uncertain is held
    for review; what nobody allowed isn't kept. What was judged before, for another purpose or by another
    policy, is judged again from what is known of it; what a reviewer decided stays decided.
    Prints the account of all files, as `volenti status` does.

    \b
    Examples:
      volenti clear --purpose generative-training
      volenti clear --purpose redistribution --territory DE --json
      volenti clear --policy strict --dry-run
    """
    with opened(ctx) as ws:
        if dry_run:
            changes, waiting = ws.changes(purpose, policy=policy, territory=territory)
            _say_changes(changes, waiting, as_json=as_json)
            return
        with progress(as_json) as bar:
            account = ws.clear(purpose, policy=policy, territory=territory, progress=bar)
            found = counted_account(account, as_json=as_json)
        say_account(found)
    if not isinstance(found, dict):
        _advise_next(found, purpose, territory)


def _advise_next(account: Account, purpose: str | None, territory: str | None) -> None:
    """Say what comes after judging: deciding what is held, then a dataset of what is cleared."""
    totals = account.totals
    if totals["held"]:
        advise("Decide what is held: volenti review list, or many at once: volenti review list --csv FILE")
    if totals["cleared"]:
        where = f" --territory {territory}" if territory else ""
        what = purpose or "PURPOSE"
        advise(f"Make a dataset of what is cleared: volenti dataset cut NAME --purpose {what}{where}")


def _say_changes(changes: list[Change], waiting: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"changes": [encoded(each) for each in changes], "waiting": waiting})
        return
    if not changes:
        say("Nothing that was judged would be decided otherwise.")
    for each in changes:
        nothing = "nothing stands against it" if each.after == "cleared" else "nobody decided in time"
        codes = ", ".join(dict.fromkeys(found.code for found in each.findings)) or nothing
        say(f"{each.file}: {each.before or 'not judged'} -> {each.after}  ({codes})")
    if waiting:
        say(f"{counted(waiting, 'picture')} would be looked at first.")
