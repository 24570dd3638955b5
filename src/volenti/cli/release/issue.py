"""volenti release issue, amend: writing a release for somebody to read and sign.

A signed release never changes. Amending one writes another that takes its place once it is
signed; until then the old one goes on, and both stay on record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.release.signature import ReleaseName
from volenti.cli.terminal.options import AsJson, day_option
from volenti.cli.terminal.output import advise, note, say, say_json
from volenti.cli.terminal.session import opened, read_bytes
from volenti.consent.purpose import Grant
from volenti.consent.wording import LANGUAGES
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.consent.release import Release

Language = Annotated[
    str, typer.Option(metavar="LANGUAGE", help=f"Language they read it in: {', '.join(LANGUAGES)}.")
]
ShootName = typer.Option(metavar="ID", help="What the pictures are added under (volenti add --shoot).")
_GRANTS = ", ".join(Grant)


def issue(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Who is to sign.")],
    controller: Annotated[str, typer.Option(metavar="TEXT", help="To whom it is given: name and address.")],
    photographer: Annotated[str, typer.Option(metavar="TEXT", help="Who took the pictures.")],
    first_day: Annotated[date, day_option("--shot-on", "Day of the shoot, or its first.")],
    law: Annotated[str, typer.Option(metavar="TEXT", help="Governing law, such as DE.")],
    last_day: Annotated[date | None, day_option("--shot-until", "Last day of the shoot.")] = None,
    shoot: Annotated[str, ShootName] = "",
    grant: Annotated[
        list[Grant] | None, typer.Option(metavar="GRANT", help=f"A yes; repeat it: {_GRANTS}.")
    ] = None,
    territory: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="A country such as DE; repeat it. Else WORLD.")
    ] = None,
    valid_from: Annotated[date | None, day_option("--valid-from", "First valid day; else today.")] = None,
    valid_until: Annotated[
        date | None, day_option("--valid-until", "Last valid day; until withdrawn by default.")
    ] = None,
    compensation: Annotated[str, typer.Option(metavar="TEXT", help="What they get for it; else none.")] = "",
    sublicensing: Annotated[bool, typer.Option("--sublicensing", help="It may be passed on.")] = False,
    reference: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="PHOTO",
            help="A photograph of them, to find them in pictures; give it again to sign.",
        ),
    ] = None,
    language: Language = LANGUAGES[0],
    method: Annotated[str, typer.Option(metavar="TEXT", help="How it is signed.")] = "electronic",
    witness: Annotated[str, typer.Option(metavar="TEXT", help="Who sees it signed.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a release for somebody to read and sign.

    Every grant that isn't named is answered no. With --shoot the release is about that shoot's
    pictures alone. It is added to what they signed before: to have it take the place of another release,
    write `volenti release amend` instead. Prints the release's identifier.

    \b
    Example:
      volenti release issue sub_ada --controller "Example Studio, Berlin" --photographer "Pat P."
              --shot-on 2026-11-01 --shoot spring --law DE --grant generative-training
              --grant biometric-templates --reference ada.jpg --language de
    """
    from volenti.consent.purpose import Grants
    from volenti.consent.releasetext import evidence
    from volenti.consent.terms import Shoot, Terms
    from volenti.consent.wording import words
    from volenti.core.clock import system_clock
    from volenti.core.digest import sha256

    photo = "" if reference is None else sha256(read_bytes(reference))
    usual = words(language)["terms"]
    with opened(ctx) as ws:
        release = ws.parts.consent.issue(
            subject,
            controller=controller,
            shoot=Shoot(photographer, first_day, last_day or first_day, photo, shoot),
            grants=Grants.only(*(grant or [])),
            terms=Terms(
                tuple(territory or ["WORLD"]),
                valid_from or system_clock().date(),
                law,
                valid_until,
                sublicensing,
                compensation or usual["compensation"],
                usual["withdrawal_method"],
                usual["withdrawal_effect"],
            ),
            evidence=evidence(method, witness, language),
        )
        beside = [each.id for each in ws.parts.consent.in_force(subject)]
    _tell(release, reference, beside, as_json=as_json)


def amend(
    ctx: typer.Context,
    release: ReleaseName,
    grant: Annotated[
        list[Grant] | None, typer.Option(metavar="GRANT", help=f"Now a yes; repeat it: {_GRANTS}.")
    ] = None,
    refuse: Annotated[list[Grant] | None, typer.Option(metavar="GRANT", help="Now a no; repeat it.")] = None,
    territory: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="Where from now on; repeat it.")
    ] = None,
    valid_until: Annotated[date | None, day_option("--valid-until", "The new last valid day.")] = None,
    no_end: Annotated[bool, typer.Option("--no-end", help="Valid until withdrawn.")] = False,
    compensation: Annotated[str, typer.Option(metavar="TEXT", help="What they get for it now.")] = "",
    sublicensing: Annotated[
        bool | None, typer.Option("--sublicensing/--no-sublicensing", help="Whether it may be passed on.")
    ] = None,
    shoot: Annotated[str | None, ShootName] = None,
    language: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="Language they read it in; else the old one's.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write a release that takes the place of another once it is signed.

    It says what the other says but for what you name here. Nothing is added up: from the moment it is
    signed the other covers nothing, even if the new one is withdrawn later. Both stay on record.

    \b
    Examples:
      volenti release amend rel_1 --grant commercial --valid-until 2031-12-31
      volenti release amend rel_1 --refuse redistribution --territory DE --territory AT
    """
    from volenti.consent.purpose import Grants
    from volenti.consent.releasetext import evidence
    from volenti.consent.wording import words

    if no_end and valid_until is not None:
        raise UsageError("A last day was given, and none asked for.", "Choose one of the two.")
    both = set(grant or []) & set(refuse or [])
    if both:
        raise UsageError(f"{min(both)} is both granted and refused.", "Choose one of the two.")
    with opened(ctx) as ws:
        old = ws.parts.consent.release(release).release
        terms = old.terms
        terms = replace(
            terms,
            territory=tuple(territory or terms.territory),
            valid_until=None if no_end else valid_until or terms.valid_until,
            compensation=compensation or terms.compensation,
            sublicensing=terms.sublicensing if sublicensing is None else sublicensing,
        )
        said = old.evidence.language.partition("-")[0]
        said = said if said in LANGUAGES else LANGUAGES[0]
        read_in = language or said
        usual, new = words(said)["terms"], words(read_in)["terms"]
        # What was as usual is said in the language it is now read in.
        same = {name: new[name] for name in new if getattr(terms, name) == usual[name]}
        amended = ws.parts.consent.supersede(
            release,
            grants=Grants((old.grants.yes | set(grant or [])) - set(refuse or [])),
            terms=replace(terms, **same),
            shoot=replace(old.shoot, name=old.shoot.name if shoot is None else shoot),
            evidence=evidence(old.evidence.method, old.evidence.witness, read_in),
        )
    _tell(amended, None, [], as_json=as_json)


def _tell(release: Release, reference: Path | None, beside: list[str], *, as_json: bool) -> None:
    """Print a new release's identifier, and what comes next.

    beside: releases in force whose place it doesn't take.
    """
    if as_json:
        say_json(release.to_json())
        return
    say(release.id)
    if not release.grants.yes:
        note("It grants nothing: every question was answered no.")
    if beside:
        note(f"What they said in {', '.join(beside)} stays in force too: nothing is taken back by this one.")
        advise(f"To replace one, amend it instead: volenti release amend {beside[-1]}")
    advise(f"Let them read it: volenti release show {release.id} --text, and --notice")
    photo_option = f" --reference {reference}" if reference else ""
    advise(f"Then let them sign: volenti release sign {release.id} --key FILE{photo_option}")
