"""volenti release issue: writes a release for somebody to read and sign."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from volenti.cli.release.draft import GRANTS, SHOOT, say_draft
from volenti.cli.terminal.options import AcceptReference, AsJson, References, day_option
from volenti.cli.terminal.session import opened
from volenti.consent.purpose import Grant
from volenti.consent.wording import LANGUAGES

Signer = Annotated[str, typer.Argument(metavar="SUBJECT", help="Who is to sign.")]
Controller = Annotated[str, typer.Option(metavar="TEXT", help="To whom it is given: name and address.")]
Photographer = Annotated[str, typer.Option(metavar="TEXT", help="Who took the pictures.")]
FirstDay = Annotated[date, day_option("--shot-on", "Day of the shoot, or its first.")]
LastDay = Annotated[date | None, day_option("--shot-until", "Last day of the shoot.")]
Law = Annotated[str, typer.Option(metavar="TEXT", help="Governing law, such as DE.")]
ShootName = Annotated[str, SHOOT]
Yes = Annotated[list[Grant] | None, typer.Option(metavar="GRANT", help=f"A yes; repeat it: {GRANTS}.")]
Places = Annotated[
    list[str] | None, typer.Option(metavar="PLACE", help="A country such as DE; repeat it. Else WORLD.")
]
ValidFrom = Annotated[date | None, day_option("--valid-from", "First valid day; else today.")]
ValidUntil = Annotated[
    date | None, day_option("--valid-until", "Last valid day; until withdrawn by default.")
]
Compensation = Annotated[str, typer.Option(metavar="TEXT", help="What they get for it; else none.")]
Sublicensing = Annotated[bool, typer.Option("--sublicensing", help="It may be passed on.")]
Language = Annotated[
    str, typer.Option(metavar="LANGUAGE", help=f"Language they read it in: {', '.join(LANGUAGES)}.")
]
Method = Annotated[str, typer.Option(metavar="TEXT", help="How it is signed.")]
Witness = Annotated[str, typer.Option(metavar="TEXT", help="Who sees it signed.")]


def issue(
    ctx: typer.Context,
    subject: Signer,
    controller: Controller,
    photographer: Photographer,
    first_day: FirstDay,
    law: Law,
    last_day: LastDay = None,
    shoot: ShootName = "",
    grant: Yes = None,
    territory: Places = None,
    valid_from: ValidFrom = None,
    valid_until: ValidUntil = None,
    compensation: Compensation = "",
    sublicensing: Sublicensing = False,
    reference: References = None,
    accept_reference: AcceptReference = False,
    language: Language = LANGUAGES[0],
    method: Method = "electronic",
    witness: Witness = "",
    as_json: AsJson = False,
) -> None:
    """Write a release for somebody to read and sign.

    Every grant that isn't named is answered no. With --shoot the release is about that shoot's
    pictures alone. It is added to what they signed before: to have it take the place of another release,
    write `volenti release amend` instead. Each photograph has to show one clear face, the same in all; give
    them again to sign. Prints the release's identifier.

    \b
    Example:
      volenti release issue sub_ada --controller "Example Studio, Berlin" --photographer "Pat P."
              --shot-on 2026-11-01 --shoot spring --law DE --grant generative-training
              --grant biometric-templates --reference ada.jpg --language de
    """
    with opened(ctx) as ws:
        release = ws.releases.issue(
            subject,
            controller=controller,
            photographer=photographer,
            first_day=first_day,
            law=law,
            last_day=last_day,
            shoot=shoot,
            grant=grant or (),
            territory=territory or ("WORLD",),
            valid_from=valid_from,
            valid_until=valid_until,
            compensation=compensation,
            sublicensing=sublicensing,
            reference=reference,
            accept_reference=accept_reference,
            language=language,
            method=method,
            witness=witness,
        )
        beside = [each.release.id for each in ws.releases.list(subject) if each.is_in_force]
    say_draft(release, as_json=as_json, reference=reference or (), beside=beside)
