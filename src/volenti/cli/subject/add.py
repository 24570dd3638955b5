"""volenti subject add: puts a person on record."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.subject.person import (
    BirthDate,
    Contact,
    GuardianKey,
    GuardianName,
    GuardianRelation,
    IdentityCheck,
    Key,
    Name,
    NewKey,
    Notes,
    Pseudonym,
    key_in,
    say_new_keys,
)
from volenti.cli.terminal.imports import AfterErasure, AnotherPerson
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, say, say_json
from volenti.cli.terminal.session import opened

Identifier = Annotated[
    str | None,
    typer.Option("--id", metavar="ID", help="Their identifier; random unless given. Say nothing in it."),
]


def add(
    ctx: typer.Context,
    name: Name,
    birth_date: BirthDate,
    contact: Contact = None,
    pseudonym: Pseudonym = None,
    notes: Notes = None,
    identity_check: IdentityCheck = None,
    key: Key = None,
    new_key: NewKey = None,
    guardian: GuardianName = None,
    guardian_relation: GuardianRelation = None,
    guardian_key: GuardianKey = None,
    guardian_new_key: NewKey = None,
    identifier: Identifier = None,
    another_person: AnotherPerson = False,
    after_erasure: AfterErasure = False,
    as_json: AsJson = False,
) -> None:
    """Record one person. They have agreed to nothing yet.

    Signing needs a key. If they have one, give its public half; if not, --new-key makes one, and whoever
    holds the file can sign in their name. Who may be somebody on record, or was erased, is asked about.

    \b
    Examples:
      volenti subject add --name "Ada Example" --birth-date 1990-05-17 --new-key ada.key
      volenti subject add --name "Kim Example" --birth-date 2015-01-01 --guardian "Ada Example"
              --guardian-relation mother --guardian-public-key ada.pub
    """
    with opened(ctx) as ws:
        recorded = ws.subjects.add(
            name,
            birth_date,
            contact=contact or "",
            pseudonym=pseudonym or "",
            notes=notes or "",
            identity_check=identity_check or "",
            key=key_in(key),
            new_key=new_key,
            guardian=guardian,
            guardian_relation=guardian_relation,
            guardian_key=key_in(guardian_key),
            guardian_new_key=guardian_new_key,
            identifier=identifier,
            another_person=another_person,
            after_erasure=after_erasure,
        )
    if as_json:
        say_json(recorded.to_json())
        return
    say(recorded.id)
    say_new_keys(guardian_new_key, new_key)
    advise(f"Write a release for them to sign: volenti release issue {recorded.id} --help")
