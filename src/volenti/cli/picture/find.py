"""volenti picture find: files and their pictures, by words."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.picture.criteria import (
    Count,
    DecidedFrom,
    DecidedUntil,
    Finding,
    GivenFrom,
    GivenUntil,
    Page,
    Person,
    Shoot,
    State,
    say_found,
)
from volenti.cli.terminal.options import AsJson, OptionalPurpose
from volenti.cli.terminal.session import opened
from volenti.workspace.pictures import COUNT

Words = Annotated[list[str], typer.Argument(metavar="WORD", help="Words in the file's name or the caption.")]


def find(
    ctx: typer.Context,
    words: Words,
    shoot: Shoot = None,
    person: Person = None,
    state: State = None,
    finding: Finding = None,
    purpose: OptionalPurpose = None,
    given_from: GivenFrom = None,
    given_until: GivenUntil = None,
    decided_from: DecidedFrom = None,
    decided_until: DecidedUntil = None,
    count: Count = COUNT,
    page: Page = 1,
    as_json: AsJson = False,
) -> None:
    """Find files and their pictures by words in the file's name or the caption.

    All words have to stand there, in any order; case doesn't matter, nor how Unicode writes a letter.
    The options find less, as those of `picture list`.

    \b
    Examples:
      volenti picture find beach smiling
      volenti picture find IMG_0420 --state cleared
    """
    with opened(ctx) as ws:
        found = ws.pictures.find(
            " ".join(words),
            shoot=shoot,
            person=person,
            state=state,
            finding=finding,
            purpose=purpose,
            given_from=given_from,
            given_until=given_until,
            decided_from=decided_from,
            decided_until=decided_until,
            count=count,
            page=page,
        )
    say_found(found, as_json=as_json)
