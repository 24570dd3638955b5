"""The options that `subject add` and `subject amend` share, about a person."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.options import day_option, public_key
from volenti.cli.terminal.output import note
from volenti.core.signing import PublicKey

_KEY_HELP = "base64, or a file that holds it."
_NAME = typer.Option(metavar="TEXT", help="Legal name, as in their papers.")
_BIRTH_DATE = day_option("--birth-date", "Day of birth, YYYY-MM-DD.")

Person = Annotated[str, typer.Argument(metavar="SUBJECT", help="Their identifier.")]
Name = Annotated[str, _NAME]
OptionalName = Annotated[str | None, _NAME]
BirthDate = Annotated[date, _BIRTH_DATE]
OptionalBirthDate = Annotated[date | None, _BIRTH_DATE]
Contact = Annotated[str | None, typer.Option(metavar="TEXT", help="How to reach them.")]
Pseudonym = Annotated[str | None, typer.Option(metavar="TEXT", help="What to show instead of the name.")]
Notes = Annotated[str | None, typer.Option(metavar="TEXT", help="Anything else.")]
IdentityCheck = Annotated[str | None, typer.Option(metavar="TEXT", help="How it was made sure who they are.")]
Key = Annotated[
    str | None, typer.Option("--public-key", metavar="KEY", help=f"Their public key: {_KEY_HELP}")
]
NewKey = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Make a key pair: the private key goes into this new file, for them to keep.",
    ),
]
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


def key_in(text: str | None) -> PublicKey | None:
    """The public key that an option gives, if it was given."""
    return None if text is None else public_key(text)


def say_new_keys(*files: Path | None) -> None:
    """Print in which files the private keys are that were made for people."""
    for path in files:
        if path is not None:
            note(f"Their private key is in {path}: give it to them, and keep no copy.")
