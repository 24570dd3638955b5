"""Printing the account of all files, for `clear` and `status`.

Every file given is accounted for. Held and rejected pictures aren't an error: these commands
end with status 0 whatever they find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.cli.terminal.output import advise, counted, note, say, say_json
from volenti.core.canonical import Json

if TYPE_CHECKING:
    from volenti.clearance.account import Account

#: What each verdict means to whoever gave the files.
MEANINGS = {
    "cleared": "when judged, a release covered everybody in them; reading asks again",
    "held": "somebody has to look: volenti review list",
    "rejected": "refused; kept only where they are cleared or held for another purpose",
    "unreadable": "not kept",
    "uncovered": "were cleared; today no release covers somebody in them, so nothing reads them",
    "duplicate": "the same file was given before",
    "waiting": "not judged yet: volenti clear --purpose PURPOSE",
    "removed": "given by mistake, and taken out: volenti picture remove",
}


def counted_account(account: Account, *, as_json: bool) -> Account | Json:
    """The account with its sums, or all of it as JSON. The slow work is done here, under a progress bar."""
    return account.to_json() if as_json else account.counted()


def say_account(account: Account | Json) -> None:
    """Print the whole account as JSON; or the totals, then each kind of finding with what to do about it."""
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
