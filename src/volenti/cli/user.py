"""volenti user: who works with the workspace in the web application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.users.user import UserRole

if TYPE_CHECKING:
    from volenti.users.user import User

app = CommandGroup("Who works with the workspace in the web application.")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Whose: their login, or their identifier.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help=f"Repeat it for several: {', '.join(UserRole)}."),
]


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the users, with their roles.

    \b
    Example:
      volenti user list
    """
    with opened(ctx) as ws:
        found = ws.users.list()
    if as_json:
        say_json({"users": [_facts(each) for each in found]})
        return
    if not found:
        note("There is no user yet.")
        advise('Add the first: volenti user add LOGIN --name "NAME" --role admin --role officer')
        return
    say_table(
        ("LOGIN", "NAME", "ROLES", "STATE"),
        [(each.login, each.name, ", ".join(each.roles), _state(each)) for each in found],
    )


@app.command("add")
def add(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="What they sign in with.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What their decisions are signed with.")],
    roles: Roles = None,
    as_json: AsJson = False,
) -> None:
    """Add a user, and print the link with which they choose their password. It is good once, for a day.

    \b
    Example:
      volenti user add pat@example.org --name "Pat P." --role officer
    """
    with opened(ctx) as ws:
        added = ws.users.add(login, name=name, roles=roles or ())
    _say_link(added.user, added.token, as_json=as_json)


@app.command("change")
def change(
    ctx: typer.Context,
    login: Login,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Their name from now on.")] = None,
    roles: Roles = None,
    locked: Annotated[
        bool | None, typer.Option("--lock/--unlock", help="Let nobody sign in as them, or let them again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a user's name or roles, or lock them out. What isn't given stays.

    Where roles or the lock change, they have to sign in again.

    \b
    Example:
      volenti user change pat@example.org --lock
    """
    with opened(ctx) as ws:
        user = ws.users.change(login, name=name, roles=roles, locked=locked)
    if as_json:
        say_json(_facts(user))
        return
    say(f"{user.login}: {user.name}, {', '.join(user.roles)}, {_state(user)}.")


@app.command("link")
def link(ctx: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Print a new link with which a user chooses a password. Earlier links are good no more.

    \b
    Example:
      volenti user link pat@example.org
    """
    with opened(ctx) as ws:
        token = ws.users.link(login)
        user = ws.users.linked(token)
    _say_link(user, token, as_json=as_json)


@app.command("remove")
def remove(
    ctx: typer.Context,
    login: Login,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a user. What they decided stays decided, under their name.

    \b
    Example:
      volenti user remove pat@example.org
    """
    with opened(ctx) as ws:
        if not yes:
            ask_first(
                f"Remove {login}?",
                "Nobody was removed.",
                UsageError("A user is removed for good, and nobody can be asked here.", "Add --yes."),
                as_json=as_json,
            )
        user = ws.users.remove(login)
    if as_json:
        say_json(_facts(user))
        return
    say(f"{user.login} is removed.")


@app.command("factors")
def factors(ctx: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """List the second factors of a user: apps that show codes, passkeys, recovery codes.

    \b
    Example:
      volenti user factors pat@example.org
    """
    with opened(ctx) as ws:
        found = ws.users.factors(login)
    if as_json:
        shown = ("id", "kind", "name", "at", "used")
        say_json({"factors": [{name: getattr(each, name) for name in shown} for each in found]})
        return
    if not found:
        note("There is none: their password alone lets them in.")
        advise("Set one up: open your account in the web application, volenti serve")
        return
    say_table(
        ("KIND", "NAME", "SINCE", "USED"),
        [(each.kind.value, each.name or f"{len(each.codes)} left", each.at, each.used) for each in found],
    )


@app.command("reset")
def reset(
    ctx: typer.Context,
    login: Login,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take away all second factors of somebody who lost them. Their sessions end.

    \b
    Example:
      volenti user reset pat@example.org
    """
    with opened(ctx) as ws:
        if not yes:
            ask_first(
                f"Take away the second factors of {login}?",
                "Nothing was changed.",
                UsageError("Factors are taken away for good, and nobody can be asked here.", "Add --yes."),
                as_json=as_json,
            )
        user = ws.users.reset(login)
    if as_json:
        say_json(_facts(user))
        return
    say(f"{user.login} has no second factor any more.")


@app.command("sessions")
def sessions(ctx: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """List the browsers in which a user is signed in.

    \b
    Example:
      volenti user sessions pat@example.org
    """
    with opened(ctx) as ws:
        found = ws.users.sessions(login)
    if as_json:
        say_json({"sessions": [{"id": each.id, "begun": each.begun, "seen": each.seen} for each in found]})
        return
    if not found:
        note("They are signed in nowhere.")
        return
    say_table(("SESSION", "BEGUN", "USED"), [(each.id, each.begun, each.seen) for each in found])


@app.command("end")
def end(
    ctx: typer.Context,
    login: Login,
    session: Annotated[
        str | None, typer.Option("--session", metavar="SESSION", help="Only this one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """End a session of a user, or all of them: they have to sign in again.

    \b
    Example:
      volenti user end pat@example.org
    """
    with opened(ctx) as ws:
        ended = ws.users.end(login, session)
    if as_json:
        say_json({"ended": ended})
        return
    say(f"{ended} session{'s'[: ended != 1]} ended.")


@app.command("demand")
def demand(
    ctx: typer.Context,
    roles: Roles = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="No role has to have one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say which roles have to have a second factor; without any, print which do.

    Whoever lacks one has to sign in again, and sets one up then.

    \b
    Examples:
      volenti user demand --role admin --role officer
      volenti user demand
    """
    if roles and nobody:
        raise UsageError("Roles were given, and that none has to.", "Leave out --nobody, or the roles.")
    with opened(ctx) as ws:
        demanded = ws.users.demand(roles or ()) if roles or nobody else ws.users.demanded()
    if as_json:
        say_json({"roles": list(demanded)})
        return
    say(f"A second factor is demanded of: {', '.join(demanded) or 'nobody'}.")


def _facts(user: User) -> Any:
    facts = {name: value for name, value in encoded(user).items() if name != "password"}
    return {"id": user.id, **facts, "has_password": user.has_password}


def _state(user: User) -> str:
    if user.is_locked:
        return "locked"
    return "can sign in" if user.has_password else "no password yet"


def _say_link(user: User, token: str, *, as_json: bool) -> None:
    if as_json:
        say_json({**_facts(user), "link": f"/welcome/{token}"})
        return
    say(f"/welcome/{token}")
    note(f"With this path {user.name} chooses a password, once, within a day. Put the application's")
    note("address before it, and hand it over yourself: whoever has it can sign in as them.")
    advise("Start the application: volenti serve")
