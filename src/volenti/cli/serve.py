"""volenti serve: starts the web application."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import volenti
from volenti.cli.terminal.output import advise, note, say
from volenti.cli.terminal.session import opened, session
from volenti.users.user import UserRole

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
            roles = ["admin", "officer", "engineer"]
            # Whoever may manage users comes first.
            known = sorted(users, key=lambda each: UserRole.ADMIN not in each.roles)
            token = (
                ws.users.link(known[0].id)
                if known
                else ws.users.add("admin", name="Admin", roles=roles).token
            )
            login = ws.users.linked(token).login
            say(f"{address}/welcome/{token}")
            note(f"Nobody can sign in yet: with this link the user {login} chooses a password.")
            advise("It is good once, for a day. More users: volenti user add")
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
