"""volenti token: what other systems show to use the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.clock import stamp, system_clock
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.users.apitoken import Scope

if TYPE_CHECKING:
    from volenti.users.apitoken import ApiToken

app = CommandGroup("What other systems show to use the HTTP API, and what they may do.")


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens, with what they may do, until when, and when they were used last.

    \b
    Example:
      volenti token list
    """
    with opened(ctx) as ws:
        found = ws.tokens.list()
    if as_json:
        say_json({"tokens": [_facts(each) for each in found]})
        return
    if not found:
        note("There is no token yet.")
        advise("Add one: volenti token add NAME --scope subjects:read")
        return
    now = stamp(system_clock())
    say_table(
        ("TOKEN", "NAME", "SCOPES", "UNTIL", "USED"),
        [
            (
                each.shown,
                each.name,
                ", ".join(each.scopes),
                "over" if each.is_over(now) else each.until[:10],
                each.used or "never",
            )
            for each in found
        ],
    )


@app.command("add")
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which system shows it.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help=f"Repeat it for several: {', '.join(Scope)}."),
    ] = None,
    days: Annotated[int, typer.Option(metavar="NUMBER", help="For how many days it is good.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Add a token, and print its secret once; nobody can show it again.

    \b
    Example:
      volenti token add "booking system" --scope subjects:read --scope releases:read
    """
    with opened(ctx) as ws:
        added = ws.tokens.add(name, scopes=scopes or (), days=days)
    if as_json:
        say_json({**_facts(added.token), "secret": added.secret})
        return
    say(added.secret)
    note(f"This is the secret of {added.token.shown}, good until {added.token.until[:10]}. Put it where")
    note("the other system finds it: it is kept nowhere here, and nobody can show it again.")
    advise("What it can call: volenti serve, and open /api")


@app.command("remove")
def remove(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The beginning of its identifier.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a token: from then on it opens nothing.

    \b
    Example:
      volenti token remove 3f9ac2d1
    """
    with opened(ctx) as ws:
        if not yes:
            ask_first(
                f"Remove the token {token}?",
                "Nothing was removed.",
                UsageError("A token is removed for good, and nobody can be asked here.", "Add --yes."),
                as_json=as_json,
            )
        removed = ws.tokens.remove(token)
    if as_json:
        say_json(_facts(removed))
        return
    say(f"The token of {removed.name} is removed.")


def _facts(token: ApiToken) -> Any:
    return {"id": token.id, **encoded(token)}
