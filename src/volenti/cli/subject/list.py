"""volenti subject list: everybody on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import opened

if TYPE_CHECKING:
    from volenti.workspace.subject_records import SubjectOnRecord


def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List everybody on record, and what their releases amount to today. Erased people aren't.

    \b
    Example:
      volenti subject list
    """
    with opened(ctx) as ws:
        found = ws.subjects.list()
    if found or as_json:
        say_people(found, as_json=as_json)
        return
    note("Nobody is on record.")
    advise("Bring people in: volenti subject import FILE")


def say_people(found: Sequence[SubjectOnRecord], *, as_json: bool) -> None:
    """Print people, each with what their releases amount to."""
    if as_json:
        say_json(
            {
                "subjects": [
                    {
                        **each.subject.to_json(),
                        "releases": each.releases,
                        "restricted": each.restricted,
                        "look_alikes": each.look_alikes,
                    }
                    for each in found
                ]
            }
        )
        return
    say_table(
        ("SUBJECT", "NAME", "BORN", "KEY", "RELEASES"),
        [
            (
                each.subject.id,
                each.subject.pseudonym or each.subject.legal_name,
                each.subject.birth_date,
                "yes" if each.subject.public_key else "none",
                ", ".join(each.releases.values()) or ("restricted" if each.restricted else "none"),
            )
            for each in found
        ],
    )
    for each in found:
        for other in each.look_alikes:
            say(f"{each.id} looks like {other}.")
