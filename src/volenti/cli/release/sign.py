"""volenti release sign: signs a release.

A signature counts only with the key on record of the subject, or of a minor's guardian.
Private keys are read where they are given and never kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.release.checked import say_standing
from volenti.cli.terminal.options import AcceptReference, AsJson, References, ReleaseName, signing_key
from volenti.cli.terminal.output import advise, note
from volenti.cli.terminal.session import opened
from volenti.consent.signature import Role

SignersKey = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, metavar="FILE", help="The private key of who signs.")
]
As = Annotated[Role, typer.Option(metavar="ROLE", help=f"Who signs: {', '.join(Role)}.")]


def sign(
    ctx: typer.Context,
    release: ReleaseName,
    key: SignersKey,
    role: As = Role.SUBJECT,
    reference: References = None,
    accept_reference: AcceptReference = False,
    as_json: AsJson = False,
) -> None:
    """Sign a release. Signing it twice with one key changes nothing.

    Photographs that the release names are looked at and sealed for the person.

    \b
    Examples:
      volenti release sign rel_1 --key ada.key --reference ada.jpg
      volenti release sign rel_2 --key mother.key --role guardian
    """
    with opened(ctx) as ws:
        signed = ws.releases.sign(
            release, signing_key(key), role=role, reference=reference, accept_reference=accept_reference
        )
    say_standing(signed, as_json=as_json)
    if signed.lacks_reference:
        note("A reference photograph that it names isn't here yet, so it helps nobody find them in pictures.")
        advise(f"volenti release sign {release} --key {key} --reference PHOTO")
