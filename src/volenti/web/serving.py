"""Serving: the web application on a port of this machine."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from volenti.core.errors import MissingModelError, UsageError, VolentiError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from volenti.web.workspaces import Workspaces
    from volenti.workspace.workspace import Workspace

#: After how many seconds Python lets another thread go on.
SWITCH_SECONDS = 0.001
#: Addresses that only this machine reaches.
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the application listens, and how browsers reach it.

    certificate, key: PEM files, with which it speaks HTTPS itself; key is None where the first file has both.
    proxies: addresses of the proxies with HTTPS before it; where there are any, nobody else is answered.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it by HTTPS."""
        return self.certificate is not None or bool(self.proxies)

    def check(self) -> None:
        """Raise UsageError where others could read along, or what was given can't be used.

        Also where the port is taken.
        """
        if not self.is_https and self.host not in THIS_MACHINE:
            raise UsageError(
                f"{self.host} is reached from other machines, and without HTTPS others could read along.",
                "Give a certificate, or name the proxy with HTTPS before it: volenti serve --help",
            )
        if self.key is not None and self.certificate is None:
            raise UsageError(
                "There is a key, and no certificate.", "Give both: --certificate FILE --key FILE"
            )
        for each in self.proxies:
            try:
                ip_address(each)
            except ValueError:
                raise UsageError(
                    f"{each!r} is no address of a proxy.", "Give its IP address, such as 192.0.2.10."
                ) from None
        try:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            socket.create_server((self.host, self.port), family=family).close()
        except OSError as error:
            raise UsageError(
                f"Nothing can listen on port {self.port} of {self.host}: {error.strerror or error}.",
                "End what listens there, or choose another: --port 8001",
            ) from error


def serve(open_one: Callable[[], Workspace], listening: Listening, names: Sequence[str]) -> None:
    """Start the application, and go on until it is interrupted (`volenti.serve`).

    open_one: opens the workspace once more.
    """
    listening.check()
    try:
        import uvicorn

        from volenti.web.application import LOCAL, application
        from volenti.web.courier import Courier
        from volenti.web.worker import Worker
        from volenti.web.workspaces import Workspaces
    except ModuleNotFoundError as error:
        raise MissingModelError(
            f"{error.name} isn't installed, and the web application needs it.", "pip install 'volenti[web]'"
        ) from error
    workspaces = Workspaces(open_one)
    # A workspace that can't be opened is told before anything is served.
    with workspaces.one() as ws:
        folder = ws.path
    made = application(
        workspaces, hosts=names or LOCAL, is_https=listening.is_https, proxies=listening.proxies
    )
    # A small picture that is asked for needn't wait long at each step while a long page is made.
    sys.setswitchinterval(SWITCH_SECONDS)
    server = uvicorn.Server(configured(made, listening))
    # Whoever comes first needn't wait until pictures and names are read.
    Thread(target=partial(read_lists, workspaces), name="lists", daemon=True).start()
    with Worker(folder), Courier(workspaces):
        server.run()


def read_lists(workspaces: Workspaces) -> None:
    """Have pictures, names and releases read once, so that they are found quickly from the first look on.

    For a hundred thousand pictures that takes seconds.
    """
    with suppress(VolentiError), workspaces.one() as ws:
        ws.pictures.window(0, 1)
        ws.subjects.browse(count=1)
        ws.releases.browse(count=1)


def configured(app: FastAPI, listening: Listening) -> uvicorn.Config:
    """What the server goes by. Raises UsageError where certificate and key can't be used."""
    import uvicorn

    config = uvicorn.Config(
        app,
        host=listening.host,
        port=listening.port,
        log_level="warning",
        # A line for each request would have addresses of people's pages in it.
        access_log=False,
        server_header=False,
        # The application itself reads what a proxy says (`forwarded`).
        proxy_headers=False,
        ssl_certfile=listening.certificate,
        ssl_keyfile=listening.key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"The certificate can't be used: {error.strerror or error}.",
            "Give a certificate and its own key, as PEM files without a password.",
        ) from error
    if config.ssl is not None:
        # Earlier versions are broken (RFC 8996).
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config
