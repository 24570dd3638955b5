"""volenti due: everything that is due, by day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, say_json, say_table
from volenti.cli.terminal.session import opened, write_new
from volenti.core.clock import system_clock
from volenti.core.codec import encoded
from volenti.core.icalendar import calendar

Days = Annotated[int, typer.Option(min=0, metavar="DAYS", help="From today on.")]
Ics = Annotated[
    Path | None,
    typer.Option("--ics", dir_okay=False, metavar="FILE", help="Write a calendar to this new file, too."),
]


def due(ctx: typer.Context, days: Days = 30, ics: Ics = None, as_json: AsJson = False) -> None:
    """List what is due within so many days, and what is overdue, by day.

    Requests; samples that were called back and not acknowledged; releases that end, with the pictures and
    datasets of their people; people who come, or came, of age under a guardian's release; held pictures
    that are dropped unless somebody decides; what was kept because a law demands it; a mirror that is
    behind. People are named by their identifiers alone, so that the calendar may lie elsewhere.

    \b
    Examples:
      volenti due
      volenti due --days 90 --ics due.ics
    """
    with opened(ctx) as ws:
        found = ws.due(days)
    if ics is not None:
        write_new(ics, calendar([each.entry for each in found], system_clock()))
    if as_json:
        say_json({"days": days, "due": [encoded(each) for each in found]})
    elif not found:
        note(f"Nothing is due within {counted(days, 'day')}.")
    else:
        say_table(
            ("DAY", "", "WHAT", "COMMAND"),
            [(each.day, "overdue" if each.is_overdue else "", each.text, each.remedy) for each in found],
        )
    if ics is not None:
        advise(f"{ics} has {counted(len(found), 'entry', 'entries')}; a later one takes their place.")
