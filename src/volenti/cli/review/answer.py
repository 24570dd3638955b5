"""volenti review answer: many answers from a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.review.options import Key, Reviewer
from volenti.cli.terminal.options import AsJson, DryRun, signing_key
from volenti.cli.terminal.output import advise, counted, note, say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

Sheet = Annotated[
    Path,
    typer.Argument(
        metavar="SHEET", exists=True, dir_okay=False, help="The table, as `review list --csv` writes it."
    ),
]
Encoding = Annotated[
    str, typer.Option(metavar="NAME", help="Of a table that isn't UTF-8, such as cp1252.", show_default=False)
]


def answer(
    ctx: typer.Context,
    sheet: Sheet,
    reviewer: Reviewer,
    key: Key = None,
    encoding: Encoding = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take many answers from a table: CSV, a workbook (.xlsx) or JSON lines.

    Its columns are question, answer (clear or reject), subjects, faces (NUMBER=ANSWER), others and
    nobody; a row without an answer is left for later. Where the table has faults nothing is decided.
    Each question is decided by itself: what can't be decided is named, and the others are.

    \b
    Example:
      volenti review list --csv answers.csv
      volenti review answer answers.csv --reviewer "Pat P."
    """
    signing = None if key is None else signing_key(key)
    with opened(ctx) as ws:
        done = ws.review.answer(sheet, reviewer=reviewer, key=signing, encoding=encoding, dry_run=dry_run)
        left = 0 if as_json or dry_run or done.refused else len(ws.review.list())
    if as_json:
        say_json(encoded(done))
    else:
        verdicts = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(done.verdicts.items()))
        taken = "would be taken" if dry_run else "taken"
        say(f"{counted(done.given, 'answer')}: {done.given - len(done.refused):,} {taken}.")
        if verdicts:
            say(f"Pictures: {verdicts}.")
        for each in done.refused:
            say(f"  not taken: {each}")
    if done.refused:
        note("What wasn't taken is as it was.")
        raise typer.Exit(1)
    if as_json:
        return
    if dry_run:
        advise("Have them taken: the same command without --dry-run.")
    elif left:
        advise(f"{counted(left, 'question')} left to decide: volenti review list")
    else:
        advise("Nothing is held any more: volenti dataset cut NAME --purpose PURPOSE")
