"""volenti release withdraw: takes back a yes."""

from __future__ import annotations

from typing import Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json
from volenti.cli.terminal.session import opened
from volenti.cli.terminal.suspended import say_suspended
from volenti.consent.purpose import Grant

OneRelease = Annotated[
    str | None, typer.Argument(metavar="RELEASE", help="Which release.", show_default=False)
]
Whose = Annotated[str | None, typer.Option(metavar="SUBJECT", help="All releases of this person.")]
OneGrant = Annotated[
    Grant | None, typer.Option(metavar="GRANT", help=f"Only this yes. One of: {', '.join(Grant)}.")
]
OneShoot = Annotated[str | None, typer.Option(metavar="ID", help="Only the pictures of this shoot.")]


def withdraw(
    ctx: typer.Context,
    release: OneRelease = None,
    subject: Whose = None,
    grant: OneGrant = None,
    shoot: OneShoot = None,
    as_json: AsJson = False,
) -> None:
    """Take back a yes. It counts from this moment, for reading, learning and serving.

    Nothing reads the pictures for that use any more. A part of a model that learned from them for that use
    isn't served until it is trained again without them: volenti train, or a request for withdrawal.
    The deletion feed calls back what was delivered for that use: volenti feed list.
    What was signed stays on record beside the withdrawal. --grant and --shoot narrow it: one yes, one
    shoot's pictures. Where nobody said yes to a grant, nothing is put on record. Once a shoot is withdrawn,
    pictures whose shoot isn't known are held. To have everything of theirs erased as well, open a request:
    volenti request open.

    \b
    Examples:
      volenti release withdraw rel_1
      volenti release withdraw --subject sub_ada --grant commercial
      volenti release withdraw --subject sub_ada --shoot spring
    """
    with opened(ctx) as ws:
        withdrawal = ws.releases.withdraw(release, subject=subject, grant=grant, shoot=shoot)
        if withdrawal is None:
            _say_never_given(grant, as_json=as_json)
            return
        who = withdrawal.subject
        named = {each.release.shoot.name for each in ws.releases.list(who)}
        suspended = ws.suspensions()
    if as_json:
        say_json(withdrawal.to_json())
        return
    what = f"the grant {grant}" if grant else "everything"
    what += f" for the shoot {shoot}" if shoot else ""
    of = release or f"every release of {who}"
    say(f"Withdrawn: {what} of {of}, at {withdrawal.at:%Y-%m-%d %H:%M:%S} UTC.")
    if shoot is not None and shoot not in named:
        note(f"No release of theirs names it: what came with --shoot {shoot} is out. Check the spelling.")
    say_suspended(suspended)
    advise(f"To erase what is held of them as well: volenti request open --subject {who}")


def _say_never_given(grant: Grant | None, *, as_json: bool) -> None:
    if as_json:
        say_json({})
        return
    say(f"Nothing was withdrawn: no signed release that this is about says yes to {grant}.")
    advise("See what they say yes to: volenti release list")
