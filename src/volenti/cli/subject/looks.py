"""volenti subject looks: who looked at a person's pictures, and why."""

from __future__ import annotations

import typer

from volenti.cli.subject.person import Person
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded


def looks(ctx: typer.Context, subject: Person, as_json: AsJson = False) -> None:
    """List which users looked at somebody's pictures, when and why, the latest first.

    One line is one user, one reason and one hour. Of a list of pictures only their number is known.

    \b
    Example:
      volenti subject looks sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.subjects.looks(subject)
    if as_json:
        say_json({"looks": [{**encoded(each), "image": each.image} for each in found]})
        return
    if not found:
        note("Nobody looked at their pictures.")
        return
    say_table(
        ("WITHIN THE HOUR FROM", "WHO", "AS", "WHY", "PICTURES"),
        [
            (each.at, each.name, ", ".join(each.roles), each.why, each.image or each.pictures)
            for each in found
        ],
    )
