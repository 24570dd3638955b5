"""Serving: the web application on a port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.errors import MissingModelError, UsageError, VolentiError

if TYPE_CHECKING:
    from volenti.web.workspaces import Workspaces
    from volenti.workspace.workspace import Workspace

#: Addresses that only this machine reaches.
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def serve(
    open_one: Callable[[], Workspace], host: str, port: int, names: Sequence[str], *, is_https: bool
) -> None:
    """Start the application, and go on until it is interrupted (`volenti.serve`).

    open_one: opens the workspace once more.
    """
    if not is_https and host not in THIS_MACHINE:
        raise UsageError(
            f"{host} is reached from other machines, and without HTTPS anybody between could read along.",
            "Put a proxy with HTTPS before it, and say so: volenti serve --https --name NAME",
        )
    try:
        import uvicorn

        from volenti.web.application import LOCAL, application
        from volenti.web.workspaces import Workspaces
    except ModuleNotFoundError as error:
        raise MissingModelError(
            f"{error.name} isn't installed, and the web application needs it.", "pip install 'volenti[web]'"
        ) from error
    workspaces = Workspaces(open_one)
    with workspaces.one():
        pass  # so that a workspace that can't be opened is told before anything is served
    # The first look at a long list takes seconds for a hundred thousand pictures: nobody waits for it.
    threading.Thread(target=_prepare, args=(workspaces,), daemon=True).start()
    made = application(workspaces, hosts=names or LOCAL, is_https=is_https)
    uvicorn.run(
        made,
        host=host,
        port=port,
        log_level="warning",
        # A line for each request would have addresses of people's pages in it.
        access_log=False,
        server_header=False,
        proxy_headers=is_https,
        forwarded_allow_ips="127.0.0.1",
    )


def _prepare(workspaces: Workspaces) -> None:
    with suppress(VolentiError), workspaces.one() as ws:
        ws.pictures.window(0, 1)
