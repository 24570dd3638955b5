"""volenti release verify: checks the signatures under releases again."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.release.checked import facts_of, say_problems
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import fail, opened

ReleaseNames = Annotated[
    list[str] | None, typer.Argument(metavar="RELEASE", help="Which; all that are signed by default.")
]


def verify(ctx: typer.Context, releases: ReleaseNames = None, as_json: AsJson = False) -> None:
    """Check signatures anew: against the document, and against the keys on record.

    Ends with status 1 if any doesn't hold. Drafts are checked only when they are named.

    \b
    Examples:
      volenti release verify
      volenti release verify rel_1 --json
    """
    with opened(ctx) as ws:
        checked = [(each, each.problems) for each in ws.releases.verify(releases)]
    faulty = sum(bool(problems) for _, problems in checked)
    if as_json:
        say_json({"ok": not faulty, "releases": [facts_of(*each) for each in checked]})
    else:
        for release, problems in checked:
            say_problems(release, problems)
        say(f"{counted(len(checked), 'release')} checked, {faulty or 'none'} with problems.")
    if faulty:
        advise("It covers nothing: import it as it was signed, or have it signed anew.")
        fail()
