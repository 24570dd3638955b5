"""volenti release amend: writes a release that takes another's place.

A signed release never changes. Amending one writes another that takes its place once that is
signed. Until then the old one stays in force; both stay on record.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from volenti.cli.release.draft import GRANTS, SHOOT, say_draft
from volenti.cli.terminal.options import AcceptReference, AsJson, References, ReleaseName, day_option, either
from volenti.cli.terminal.output import note
from volenti.cli.terminal.session import opened
from volenti.consent.purpose import Grant

Yes = Annotated[list[Grant] | None, typer.Option(metavar="GRANT", help=f"Now a yes; repeat it: {GRANTS}.")]
No = Annotated[list[Grant] | None, typer.Option(metavar="GRANT", help="Now a no; repeat it.")]
Places = Annotated[list[str] | None, typer.Option(metavar="PLACE", help="Where from now on; repeat it.")]
ValidUntil = Annotated[date | None, day_option("--valid-until", "The new last valid day.")]
NoEnd = Annotated[bool, typer.Option("--no-end", help="Valid until withdrawn.")]
Compensation = Annotated[str, typer.Option(metavar="TEXT", help="What they get for it now.")]
Sublicensing = Annotated[bool, typer.Option("--sublicensing", help="It may be passed on.")]
NoSublicensing = Annotated[bool, typer.Option("--no-sublicensing", help="It may not be passed on.")]
ShootName = Annotated[str | None, SHOOT]
Language = Annotated[
    str, typer.Option(metavar="LANGUAGE", help="Language they read it in; else the old one's.")
]


def amend(
    ctx: typer.Context,
    release: ReleaseName,
    grant: Yes = None,
    refuse: No = None,
    territory: Places = None,
    valid_until: ValidUntil = None,
    no_end: NoEnd = False,
    compensation: Compensation = "",
    sublicensing: Sublicensing = False,
    no_sublicensing: NoSublicensing = False,
    shoot: ShootName = None,
    reference: References = None,
    accept_reference: AcceptReference = False,
    language: Language = "",
    as_json: AsJson = False,
) -> None:
    """Write a release that takes the place of another once it is signed.

    It says what the other says but for what you name here; what was withdrawn since is a no, unless you name
    it with --grant. Nothing is added up: from the moment it is
    signed the other covers nothing, even if the new one is withdrawn later. Both stay on record.

    \b
    Examples:
      volenti release amend rel_1 --grant commercial --valid-until 2031-12-31
      volenti release amend rel_1 --refuse redistribution --territory DE --territory AT
      volenti release amend rel_1 --reference ada.jpg --reference ada-2.jpg
    """
    with opened(ctx) as ws:
        before = ws.releases.show(release)
        amended = ws.releases.amend(
            release,
            grant=grant or (),
            refuse=refuse or (),
            territory=territory or (),
            valid_until=valid_until,
            no_end=no_end,
            compensation=compensation,
            sublicensing=either(sublicensing, no_sublicensing, ("--sublicensing", "--no-sublicensing")),
            shoot=shoot,
            reference=reference,
            accept_reference=accept_reference,
            language=language,
        )
    given = amended.grants.yes | {*(refuse or ())}
    if lost := [each for each in Grant if each in before.release.grants.yes - given]:
        note(f"Withdrawn since, so a no here: {', '.join(lost)}. If they agree anew: --grant {lost[0]}")
    say_draft(amended, as_json=as_json, reference=reference or ())
