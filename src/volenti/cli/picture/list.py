"""volenti picture list: the files that were given, and what became of them."""

from __future__ import annotations

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


def list_(
    ctx: typer.Context,
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
    """List the files that were given, and their pictures, by state and then as they were given.

    Several options together find what fits all of them. One file is one line: a copy is a line of its
    own. With --purpose, state and findings are those for that purpose. PEOPLE are those whom a picture
    belongs to.

    \b
    Examples:
      volenti picture list --state held --count 20
      volenti picture list --shoot spring --person sub_ada --json
      volenti picture list --finding bystander --decided-from 2026-11-01
    """
    with opened(ctx) as ws:
        found = ws.pictures.list(
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
