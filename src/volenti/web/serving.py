"""Serving: the web application on a port of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from volenti.core.errors import MissingModelError

if TYPE_CHECKING:
    from volenti.workspace.workspace import Workspace


def serve(
    open_one: Callable[[], Workspace], host: str, port: int, names: Sequence[str], *, is_https: bool
) -> None:
    """Start the application, and go on until it is interrupted (`volenti.serve`).

    open_one: opens the workspace once more.
    """
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
