"""volenti serve: starts the web application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import volenti
from volenti.cli.terminal.output import advise, note, say
from volenti.cli.terminal.session import opened, session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.users.user import User
    from volenti.workspace.workspace import Workspace

#: The login of the user whom it adds where there is none.
FIRST = "admin"
Host = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="Where to listen; anything but this machine needs HTTPS before it."),
]
Port = Annotated[int, typer.Option(metavar="NUMBER", min=1, max=65535, help="The port to listen on.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="NAME", help="A name that browsers reach it by; repeat it for several."),
]
Https = Annotated[
    bool, typer.Option("--https", help="Browsers reach it by HTTPS, through a proxy on this machine.")
]
Certificate = Annotated[
    Path | None, typer.Option(metavar="FILE", help="PEM file of a certificate: it speaks HTTPS itself.")
]
Key = Annotated[Path | None, typer.Option(metavar="FILE", help="PEM file of the certificate's key.")]
Proxy = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="A proxy with HTTPS on another machine; it alone is answered."),
]


def serve(
    ctx: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8765,
    names: Names = None,
    https: Https = False,
    certificate: Certificate = None,
    key: Key = None,
    proxy: Proxy = "",
) -> None:
    """Start the web application.

    It goes on until it is interrupted. While nobody can sign in, it makes the first user, where there is
    none, and prints the link with which they choose their password.

    \b
    Examples:
      volenti serve
      volenti -C studio serve --port 8000
      volenti serve --host 0.0.0.0 --name volenti.example.org --certificate site.pem --key site.key
    """
    name = (names or ["localhost"])[0]
    if certificate:
        address = f"https://{name}:{port}"
    else:
        address = f"https://{name}" if names and (https or proxy) else f"http://{name}:{port}"
    with opened(ctx) as ws:
        users = ws.users.list()
        if not any(each.has_password for each in users):
            _say_first(ws, address, users)
    say(f"{address}/")
    volenti.serve(
        session(ctx).folder,
        host=host,
        port=port,
        names=names or (),
        https=https,
        certificate=certificate,
        key=key,
        proxy=proxy,
    )


def _say_first(ws: Workspace, address: str, users: Sequence[User]) -> None:
    """Say how the first user gets in. Where users were added, their own links were handed out with that."""
    is_begun = [each.login for each in users] == [FIRST]
    if users and not is_begun:
        note("Nobody can sign in yet: those who were added choose a password by the link that came with it.")
        advise(f"It is good once, for a day. A new one: volenti user link {users[0].login}")
        return
    roles = ["admin", "officer", "engineer"]
    token = ws.users.link(FIRST) if is_begun else ws.users.add(FIRST, name="Admin", roles=roles).token
    say(f"{address}/welcome/{token}")
    note(f"Nobody can sign in yet: with this link the user {FIRST} chooses a password.")
    advise("It is good once, for a day. More users: volenti user add")
