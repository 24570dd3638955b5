"""volenti doctor: is everything there, is it intact, does anything wait for somebody."""

from __future__ import annotations

from dataclasses import asdict

import typer

import volenti
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import counted, note, say, say_json
from volenti.cli.terminal.session import fail, session


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Check what is installed, the models and the workspace.

    Changes nothing. Ends with status 1 if something keeps Volenti from working.

    \b
    Examples:
      volenti doctor
      volenti -C studio doctor --json
    """
    checks = volenti.doctor(session(ctx).folder)
    problems = [each for each in checks if each.state == "problem"]
    if as_json:
        say_json({"ok": not problems, "checks": [asdict(each) for each in checks]})
    else:
        width = max(len(each.what) for each in checks)
        for each in checks:
            say(f"{each.state:<7}  {each.what:<{width}}  {each.detail}")
            if each.remedy:
                say(f"{'':<7}  {'':<{width}}  -> {each.remedy}")
    if problems:
        note(f"{counted(len(problems), 'problem')}.")
        fail()
