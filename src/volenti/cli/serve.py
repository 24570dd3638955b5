"""volenti serve: starts the web application."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from volenti.cli.terminal.output import advise, note, say
from volenti.cli.terminal.session import opened, session

Host = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="Where to listen. Anything but this machine needs HTTPS in front."),
]
Port = Annotated[int, typer.Option(metavar="NUMBER", min=1, max=65535, help="The port to listen on.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="NAME", help="A name that browsers reach it by; repeat it for several."),
]
Https = Annotated[
    bool, typer.Option("--https", help="Browsers reach it by HTTPS, through a proxy on this machine.")
]


def serve(
    ctx: typer.Context, host: Host = "127.0.0.1", port: Port = 8765, names: Names = None, https: Https = False
) -> None:
    """Start the web application, and go on until it is interrupted.

    Without any user it makes the first one, and prints the path with which they choose their password.

    \b
    Example:
      volenti -C studio serve
    """
    import uvicorn

    import volenti
    from volenti.web.application import LOCAL, application
    from volenti.web.workspaces import Workspaces

    address = f"http{'s' if https else ''}://{(names or ['localhost'])[0]}" + ("" if names else f":{port}")
    with opened(ctx) as ws:
        if not any(each.has_password for each in ws.users.list()):
            first = next(iter(ws.users.list()), None)
            token = (
                ws.users.add("admin", name="Admin", roles=["admin", "officer"]).token
                if first is None
                else ws.users.link(first.id)
            )
            say(f"{address}/welcome/{token}")
            note("Nobody can sign in yet. With this link the first user chooses a password, within a day.")
            advise("More users: volenti user add")
    say(f"{address}/")
    made = application(
        Workspaces(partial(volenti.open, session(ctx).folder)), hosts=names or LOCAL, is_https=https
    )
    uvicorn.run(
        made,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=https,
        forwarded_allow_ips="127.0.0.1",
    )
