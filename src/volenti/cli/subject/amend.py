"""volenti subject amend: corrects what is on record of a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.subject.person import (
    Contact,
    GuardianKey,
    GuardianName,
    GuardianRelation,
    IdentityCheck,
    Key,
    NewKey,
    Notes,
    OptionalBirthDate,
    OptionalName,
    Person,
    Pseudonym,
    key_in,
    say_new_keys,
)
from volenti.cli.terminal.options import AsJson, signing_key
from volenti.cli.terminal.output import advise, say, say_json
from volenti.cli.terminal.session import opened

Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why a key is replaced, and how it was made sure who they are.")
]
Officer = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The private key of the officer who attests that a key is replaced.",
    ),
]


def amend(
    ctx: typer.Context,
    subject: Person,
    name: OptionalName = None,
    birth_date: OptionalBirthDate = None,
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
    reason: Reason = "",
    officer_key: Officer = None,
    as_json: AsJson = False,
) -> None:
    """Correct or complete what is on record of a person.

    What isn't given stays; an empty text takes a field out. Releases stay as they were signed: one
    that names them otherwise needs a new one (volenti release amend). A key that was
    lost is replaced on an officer's word: the old one stays on record for what it had signed by then.

    \b
    Examples:
      volenti subject amend sub_k3v5q2m7x4n6a2b5c7d2 --contact ada@example.org
      volenti subject amend sub_k3v5q2m7x4n6a2b5c7d2 --new-key ada.key
      volenti subject amend sub_k3v5q2m7x4n6a2b5c7d2 --new-key ada-2.key
              --reason "Phone lost; passport shown on 22 November" --officer-key officer.key
    """
    with opened(ctx) as ws:
        done = ws.subjects.amend(
            subject,
            name=name,
            birth_date=birth_date,
            contact=contact,
            pseudonym=pseudonym,
            notes=notes,
            identity_check=identity_check,
            key=key_in(key),
            new_key=new_key,
            guardian=guardian,
            guardian_relation=guardian_relation,
            guardian_key=key_in(guardian_key),
            guardian_new_key=guardian_new_key,
            reason=reason,
            officer_key=None if officer_key is None else signing_key(officer_key),
        )
    if as_json:
        say_json(done.after.to_json())
        return
    say(f"{subject} is on record as given." if done.changed else "Nothing was to be changed.")
    say_new_keys(guardian_new_key, new_key)
    if done.renamed:
        advise(
            "Have new releases signed where the old ones name them otherwise: volenti release amend RELEASE"
        )
