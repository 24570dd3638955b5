"""volenti today: what blocks the next dataset, what is due, what runs, and whether what is kept is well."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded

Days = Annotated[int, typer.Option(metavar="NUMBER", min=0, help="How far ahead what is due is listed.")]


def today(ctx: typer.Context, days: Days = 14, as_json: AsJson = False) -> None:
    """Show what blocks the next dataset, what is due, what runs, and what isn't well.

    \b
    Example:
      volenti today
    """
    with opened(ctx) as ws:
        seen = ws.today(days)
    if as_json:
        say_json(encoded(seen))
        return
    pictures = seen.pictures
    say(f"Pictures: {pictures.cleared:,} cleared, {pictures.held:,} held, {pictures.waiting:,} not judged.")
    for code, number in pictures.reasons:
        part = f" of the first {pictures.read:,}" if pictures.read < pictures.held else ""
        say(f"  {code}: {number:,}{part}")
    if pictures.held:
        advise("Decide what is held: volenti review list")
    say(f"People: {seen.people:,}, {seen.unsound:,} without a usable reference, {seen.ended:,} without a")
    say("  release in force although they signed one.")
    say(f"{counted(len(seen.due), 'thing')} due within {counted(days, 'day')}: volenti due --days {days}")
    for job in seen.jobs:
        say(f"{job.id}: {job.verb} is {job.state}.")
    if seen.letters:
        say(f"{counted(seen.letters, 'letter')} not sent: volenti letter list")
    behind = f", {seen.log_behind:,} behind" if seen.log_behind else ""
    say(f"Log: {counted(seen.log_entries, 'entry', 'entries')}{behind}.")
    say(
        f"Mirror: {'there is one' if seen.has_mirror else 'none'}. Last backup: {seen.last_backup or 'none'}."
    )
