"""volenti signing: links by which people sign on a page of the web application."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.clock import stamp
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.signings.service import SignedHere
    from volenti.workspace.signings import SigningOnRecord

app = CommandGroup("Links by which people sign releases on a page of the web application.")

Shoot = Annotated[str, typer.Argument(metavar="SHOOT", help="The name of the shoot.")]
Controller = Annotated[str, typer.Option(metavar="TEXT", help="To whom releases are given.")]
Photographer = Annotated[str, typer.Option(metavar="NAME", help="Who takes the pictures.")]
Law = Annotated[str, typer.Option(metavar="CODE", help="The governing law, such as DE.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="By default today.")]
LastDay = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="By default the first.")
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="The last valid day; else until withdrawn."),
]
Ask = Annotated[
    list[str] | None,
    typer.Option(metavar="GRANT", help="What people are asked about; repeat it for several."),
]
Territory = Annotated[
    list[str] | None, typer.Option(metavar="CODE", help="A country, or WORLD; repeat it for several.")
]
Compensation = Annotated[str, typer.Option(metavar="TEXT", help="What people get for it.")]
Sublicensing = Annotated[bool, typer.Option("--sublicensing", help="It may be passed on.")]
HasWitness = Annotated[bool, typer.Option("--witness", help="Somebody else has to see it signed.")]
People = Annotated[int, typer.Option(metavar="N", help="How many may sign.")]
Hours = Annotated[int, typer.Option(metavar="N", help="For how many hours the link is good.")]
Language = Annotated[
    list[str] | None, typer.Option(metavar="CODE", help="In which people may read: en, de, es.")
]
Signing = Annotated[str, typer.Argument(metavar="SIGNING", help="The identifier of a session.")]


@app.command("open")
def open_(
    ctx: typer.Context,
    shoot: Shoot,
    controller: Controller,
    photographer: Photographer,
    law: Law,
    first_day: Day = None,
    last_day: LastDay = None,
    ask: Ask = None,
    territory: Territory = None,
    valid_until: Until = None,
    compensation: Compensation = "",
    sublicensing: Sublicensing = False,
    witness: HasWitness = False,
    people: People = 50,
    hours: Hours = 12,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Open a session, and print the link by which people sign for one shoot.

    \b
    Example:
      volenti signing open march --controller "Example Studio, Berlin" --photographer "Pat P." --law DE
    """
    given: dict[str, Any] = {"ask": ask, "territory": territory, "language": language}
    days = {"first_day": first_day, "last_day": last_day, "valid_until": valid_until}
    given |= {name: each.date() for name, each in days.items() if each}
    with opened(ctx) as ws:
        session = ws.signings.open(
            shoot,
            controller=controller,
            photographer=photographer,
            law=law,
            compensation=compensation,
            sublicensing=sublicensing,
            witness=witness,
            people=people,
            hours=hours,
            **{name: each for name, each in given.items() if each},
        )
    if as_json:
        say_json({"id": session.id, "link": session.path, "until": stamp(session.until)})
        return
    say(session.path)
    note(f"Whoever has this path can sign for {session.name} until {stamp(session.until)}. Put the")
    note("application's address before it; its page has the code to hold up to phones.")
    advise(f"See who has signed: volenti signing show {session.id}")


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the sessions, the latest first.

    \b
    Example:
      volenti signing list
    """
    with opened(ctx) as ws:
        found = ws.signings.list()
    if as_json:
        say_json({"signings": [_facts(each) for each in found]})
        return
    if not found:
        note("No session was opened yet.")
        advise("Open one: volenti signing open SHOOT --controller TEXT --photographer NAME --law CODE")
        return
    say_table(
        ("SIGNING", "SHOOT", "STATE", "SIGNED"),
        [(each.session.id, each.session.name, _state(each), f"{each.count}") for each in found],
    )


@app.command("show")
def show(ctx: typer.Context, signing: Signing, as_json: AsJson = False) -> None:
    """Show a session: its link, what it asks, and the releases that were signed.

    \b
    Example:
      volenti signing show sgn_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.signings.show(signing)
    session = found.signing.session
    if as_json:
        signed = [
            {"release": each.release, "subject": each.subject, "today": release.today.value}
            for each, release in found.signed
        ]
        say_json({**_facts(found.signing), "link": session.path, "signed": signed})
        return
    say_fields(
        [
            ("signing", session.id),
            ("shoot", session.name),
            ("state", _state(found.signing)),
            ("link", session.path),
            ("asks", tuple(each.value for each in session.asks)),
            ("witness", "wanted" if session.has_witness else ""),
            ("people", f"{found.signing.count} of {session.people}"),
        ]
    )
    if found.signed:
        say_table(
            ("RELEASE", "PERSON", "TODAY", "PHOTOGRAPHS"),
            [
                (each.release, each.subject, release.today.value, _photos(each, release))
                for each, release in found.signed
            ],
        )


@app.command("close")
def close(ctx: typer.Context, signing: Signing, as_json: AsJson = False) -> None:
    """Close a session: its link is good no more. What was signed stays.

    \b
    Example:
      volenti signing close sgn_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        closed = ws.signings.close(signing)
    if as_json:
        say_json(_facts(closed))
        return
    say(f"{closed.session.id} is closed; {closed.count} signed.")


def _facts(each: SigningOnRecord) -> Any:
    facts = {name: value for name, value in encoded(each.session).items() if name != "token"}
    return {"id": each.session.id, **facts, "is_open": each.is_open, "signed_by": each.count}


def _state(each: SigningOnRecord) -> str:
    if each.is_open:
        return f"open until {stamp(each.session.until)}"
    return "closed" if each.session.closed else "over"


def _photos(each: SignedHere, release: ReleaseOnRecord) -> str:
    given = len(release.release.shoot.references)
    said = [f"{given} good" * (given > 0), f"{each.unusable} unusable" * (each.unusable > 0)]
    return ", ".join(filter(None, said)) or "none"
