"""volenti subject add, amend: who somebody is, put on record and corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.options import AsJson, day_option, public_key
from volenti.cli.terminal.output import advise, note, say, say_json
from volenti.cli.terminal.session import opened
from volenti.core.errors import UsageError
from volenti.core.identifiers import new
from volenti.core.signing import PublicKey, SigningKey

if TYPE_CHECKING:
    from volenti.consent.subject import Guardian

_KEY_HELP = "base64, or a file that holds it."
_NEW_KEY_HELP = "Make a key pair: the private key goes into this new file, for them to keep."
_NAME = typer.Option(metavar="TEXT", help="Legal name, as in their papers.")
_BIRTH_DATE = day_option("--birth-date", "Day of birth, YYYY-MM-DD.")

Contact = Annotated[str | None, typer.Option(metavar="TEXT", help="How to reach them.")]
Pseudonym = Annotated[str | None, typer.Option(metavar="TEXT", help="What to show instead of the name.")]
Notes = Annotated[str | None, typer.Option(metavar="TEXT", help="Anything else.")]
IdentityCheck = Annotated[str | None, typer.Option(metavar="TEXT", help="How it was made sure who they are.")]
Key = Annotated[
    str | None, typer.Option("--public-key", metavar="KEY", help=f"Their public key: {_KEY_HELP}")
]
NewKey = Annotated[Path | None, typer.Option(metavar="FILE", help=_NEW_KEY_HELP)]
GuardianName = Annotated[
    str | None,
    typer.Option("--guardian", metavar="TEXT", help="For minors: the name of who signs for them."),
]
GuardianRelation = Annotated[
    str | None, typer.Option(metavar="TEXT", help="What the guardian is to them, such as mother.")
]
GuardianKey = Annotated[
    str | None,
    typer.Option("--guardian-public-key", metavar="KEY", help=f"The guardian's public key: {_KEY_HELP}"),
]
Identifier = Annotated[
    str | None,
    typer.Option("--id", metavar="ID", help="Their identifier; random unless given. Say nothing in it."),
]


def add(
    ctx: typer.Context,
    name: Annotated[str, _NAME],
    birth_date: Annotated[date, _BIRTH_DATE],
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
    as_json: AsJson = False,
) -> None:
    """Record one person. They have agreed to nothing yet.

    Signing needs a key. If they have one, give its public half; if not, --new-key makes one, and
    whoever holds the file can sign in their name.

    \b
    Examples:
      volenti subject add --name "Ada Example" --birth-date 1990-05-17 --new-key ada.key
      volenti subject add --name "Kim Example" --birth-date 2015-01-01 --guardian "Ada Example"
              --guardian-relation mother --guardian-public-key ada.pub
    """
    from volenti.consent.subject import Subject

    with _NewKeys() as keys, opened(ctx) as ws:
        subject = Subject(
            name,
            birth_date,
            contact or "",
            pseudonym or "",
            notes or "",
            _guardian(None, guardian, guardian_relation, keys.one(guardian_key, guardian_new_key)),
            identity_check or "",
            keys.one(key, new_key),
            id=identifier or new("sub"),
        )
        recorded = ws.parts.consent.add_subject(subject)
    if as_json:
        say_json(recorded.to_json())
        return
    say(recorded.id)
    keys.tell()
    advise(f"Write a release for them to sign: volenti release issue {recorded.id} --help")


def amend(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Their identifier.")],
    name: Annotated[str | None, _NAME] = None,
    birth_date: Annotated[date | None, _BIRTH_DATE] = None,
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
    texts: dict[str, Any] = {
        "legal_name": name,
        "contact": contact,
        "pseudonym": pseudonym,
        "notes": notes,
        "identity_check": identity_check,
    }
    with _NewKeys() as keys, opened(ctx) as ws:
        before = ws.parts.consent.subject(subject)
        theirs = keys.one(guardian_key, guardian_new_key)
        after = replace(
            before,
            birth_date=birth_date or before.birth_date,
            guardian=_guardian(before.guardian, guardian, guardian_relation, theirs),
            public_key=keys.one(key, new_key) or before.public_key,
            **{field: text for field, text in texts.items() if text is not None},
        )
        if after != before:
            ws.parts.consent.amend(after)
    if as_json:
        say_json(after.to_json())
        return
    say(f"{subject} is on record as given." if after != before else "Nothing was to be changed.")
    keys.tell()
    if (after.legal_name, after.birth_date) != (before.legal_name, before.birth_date):
        advise(
            "Have new releases signed where the old ones name them otherwise: volenti release amend RELEASE"
        )


def _guardian(
    before: Guardian | None, name: str | None, relation: str | None, key: PublicKey | None
) -> Guardian | None:
    """The guardian as given, over the one on record; UsageError where there is no name for one."""
    from volenti.consent.subject import Guardian

    if name is None and before is None:
        if relation or key:
            raise UsageError("A guardian's key or relation was given, but no name.", "Add --guardian NAME.")
        return None
    if before is None:
        return Guardian(name or "", relation or "", key)
    return Guardian(
        before.name if name is None else name,
        before.relation if relation is None else relation,
        key or before.public_key,
    )


class _NewKeys:
    """Key pairs made for people; their files go again where the people don't come on record."""

    def __init__(self) -> None:
        self._made: list[Path] = []

    def __enter__(self) -> _NewKeys:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            # A key of nobody's opens nothing and would stand in the way of trying again.
            for path in self._made:
                path.unlink(missing_ok=True)

    def one(self, given: str | None, new: Path | None) -> PublicKey | None:
        """The public key that was given, or of a key pair made now."""
        if given is not None and new is not None:
            raise UsageError("A public key was given and a new one asked for.", "Choose one of the two.")
        if new is None:
            return None if given is None else public_key(given)
        pair = SigningKey.new()
        try:
            pair.save(new)
        except OSError as error:
            raise UsageError(
                f"Can't write the key to {new}: {error.strerror}.", "Name a new file."
            ) from error
        self._made.append(new)
        return pair.public

    def tell(self) -> None:
        for path in self._made:
            note(f"Their private key is in {path}: give it to them, and keep no copy.")
