"""volenti subject amend: corrects what is on record of a person."""

from __future__ import annotations

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
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, say, say_json
from volenti.cli.terminal.session import opened


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
    as_json: AsJson = False,
) -> None:
    """Correct or complete what is on record of a person.

    What isn't given stays; an empty text takes a field out. Releases stay as they were signed: one
    that names them otherwise needs a new one (volenti release amend). A key on record can't be
    replaced, because what was signed with it would be void.

    \b
    Examples:
      volenti subject amend sub_k3v5q2m7x4n6a2b5c7d2 --contact ada@example.org
      volenti subject amend sub_k3v5q2m7x4n6a2b5c7d2 --new-key ada.key
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
