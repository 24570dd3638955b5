"""Fetching over HTTP from servers that may be hostile: bounded time, bounded size, no foreign host.

A time limit for each read doesn't limit the whole: a server that sends a byte every few seconds, also of the
headers, would hold its reader for ever. So a timer shuts the connection down when the time is over. Redirects
are followed to the same host alone; otherwise a public server could send its readers to hosts inside their
own network.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPDefaultErrorHandler as DefaultErrors
from urllib.request import HTTPErrorProcessor as Errors
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

#: Redirects on one host that are followed.
REDIRECTS_MAX = 5
#: Whether a redirect from the first address to the second is followed.
Follows = Callable[[str, str], bool]


def same_host(before: str, after: str) -> bool:
    """Whether both addresses are on one host, and the second isn't less safe than the first."""
    old, new = urlsplit(before), urlsplit(after)
    kept = old.scheme == new.scheme and old.netloc == new.netloc
    return kept or (
        (old.scheme, new.scheme) == ("http", "https")
        and old.hostname == new.hostname
        and old.port is new.port is None
    )


def safe(before: str, after: str) -> bool:
    """Whether the second address is encrypted. For files whose SHA-256 is known before they are fetch."""
    return urlsplit(after).scheme == "https"


def fetch(
    address: str,
    *,
    bytes_max: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    follows: Follows = same_host,
) -> bytes:
    """Read what is at an http or https address, within `seconds` altogether.

    At most `bytes_max` bytes and one more are returned: the one more shows that there is too much. Raises
    HTTPError for an answer other than success, and URLError, with a `reason`, for every other failure.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise URLError("only http and https are read")
    timed = _TimedConnections(seconds)
    try:
        opener = _opener(timed, follows)
        with opener.open(Request(address, headers=dict(headers or {})), timeout=seconds) as answer:
            data: bytes = answer.read(bytes_max + 1)
    except (http.client.HTTPException, ValueError) as error:
        raise URLError(timed.why or f"it doesn't answer as a server does ({type(error).__name__})") from error
    except HTTPError:
        raise
    except OSError as error:
        raise URLError(timed.why or str(getattr(error, "reason", None) or error)) from error
    finally:
        timed.close()
    # Where the server named no length, a connection that was shut down looks like the end of the answer.
    if timed.why:
        raise URLError(timed.why)
    return data


class _TimedConnections:
    """The connections of one call; a timer shuts them down when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.why = ""
        self._seconds = seconds
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True
        self._timer.start()

    def connect(self, *given: Any, **options: Any) -> socket.socket:
        """Connect as `socket.create_connection` does, and keep a second handle: TLS takes over the first."""
        made = socket.create_connection(*given, **options)
        with self._lock:
            self._connections.append(made.dup())
        if self.why:
            self._shut_down()
        return made

    def _shut_down(self) -> None:
        self.why = f"it wasn't done after {self._seconds:g} seconds"
        with self._lock:
            for each in self._connections:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._connections:
                each.close()
            self._connections.clear()


class _Redirects(HTTPRedirectHandler):
    """Follows the redirects that `follows` allows, and refuses every other one."""

    max_redirections = REDIRECTS_MAX

    def __init__(self, follows: Follows) -> None:
        self._follows = follows

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        if not self._follows(req.full_url, newurl):
            raise URLError(f"it sends its readers to {urlsplit(newurl).hostname or 'another place'}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(timed: _TimedConnections, follows: Follows) -> OpenerDirector:
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        _Plain(timed),
        _Secure(timed),
        _Redirects(follows),
        DefaultErrors(),
        Errors(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _connection(kind: Callable[..., Any], timed: _TimedConnections, host: str, **options: Any) -> Any:
    made = kind(host, **options)
    # http.client makes its connections with this function.
    made._create_connection = timed.connect
    return made


class _Plain(HTTPHandler):
    def __init__(self, timed: _TimedConnections) -> None:
        super().__init__()
        self._timed = timed

    def http_open(self, req: Request) -> Any:
        return self.do_open(partial(_connection, http.client.HTTPConnection, self._timed), req)


class _Secure(HTTPSHandler):
    def __init__(self, timed: _TimedConnections) -> None:
        super().__init__()
        self._timed = timed

    def https_open(self, req: Request) -> Any:
        return self.do_open(partial(_connection, http.client.HTTPSConnection, self._timed), req)
