"""Fetching over HTTP from servers that mean no good: in bounded time, of bounded size, from nowhere else.

A time limit for each read isn't one for the whole: a server that sends a byte every few seconds keeps its
reader for ever, headers included. So the connection itself is shut down when the time is over. A redirect is
followed on the same host alone, else a public server could have its readers ask hosts of their own network.
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
    """Whether both addresses are one host's, and the second isn't less safe than the first."""
    old, new = urlsplit(before), urlsplit(after)
    kept = old.scheme == new.scheme and old.netloc == new.netloc
    return kept or (
        (old.scheme, new.scheme) == ("http", "https")
        and old.hostname == new.hostname
        and old.port is new.port is None
    )


def safe(before: str, after: str) -> bool:
    """Whether the second address is encrypted. For files whose every byte is known before."""
    return urlsplit(after).scheme == "https"


def fetched(
    address: str,
    *,
    bytes_max: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    follows: Follows = same_host,
) -> bytes:
    """What is at an http or https address, in `seconds` altogether.

    Of what is longer than `bytes_max` one byte more is read, to show that. Raises HTTPError for an answer
    other than success, and OSError (URLError) for everything else, with a `reason`.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise URLError("only http and https are read")
    watched = _Watched(seconds)
    try:
        opener = _opener(watched, follows)
        with opener.open(Request(address, headers=dict(headers or {})), timeout=seconds) as answer:
            data: bytes = answer.read(bytes_max + 1)
    except (http.client.HTTPException, ValueError) as error:
        raise URLError(
            watched.why or f"it doesn't answer as a server does ({type(error).__name__})"
        ) from error
    except HTTPError:
        raise
    except OSError as error:
        raise URLError(watched.why or str(getattr(error, "reason", None) or error)) from error
    finally:
        watched.close()
    # Cut off in the middle of what says no length looks like the end of it.
    if watched.why:
        raise URLError(watched.why)
    return data


class _Watched:
    """The connections of one call, shut down when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.why = ""
        self._seconds = seconds
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._over)
        self._timer.daemon = True
        self._timer.start()

    def connected(self, *given: Any, **options: Any) -> socket.socket:
        """`socket.create_connection`, with another handle on what it made: TLS takes the first for itself."""
        made = socket.create_connection(*given, **options)
        with self._lock:
            self._connections.append(made.dup())
        if self.why:
            self._over()
        return made

    def _over(self) -> None:
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
    """Follows what `follows` allows; any other redirect is the answer's end."""

    max_redirections = REDIRECTS_MAX

    def __init__(self, follows: Follows) -> None:
        self._follows = follows

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        if not self._follows(req.full_url, newurl):
            raise URLError(f"it sends its readers to {urlsplit(newurl).hostname or 'another place'}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(watched: _Watched, follows: Follows) -> OpenerDirector:
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        _Plain(watched),
        _Secure(watched),
        _Redirects(follows),
        DefaultErrors(),
        Errors(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _connection(kind: Callable[..., Any], watched: _Watched, host: str, **options: Any) -> Any:
    made = kind(host, **options)
    # What http.client makes its connections with.
    made._create_connection = watched.connected
    return made


class _Plain(HTTPHandler):
    def __init__(self, watched: _Watched) -> None:
        super().__init__()
        self._watched = watched

    def http_open(self, req: Request) -> Any:
        return self.do_open(partial(_connection, http.client.HTTPConnection, self._watched), req)


class _Secure(HTTPSHandler):
    def __init__(self, watched: _Watched) -> None:
        super().__init__()
        self._watched = watched

    def https_open(self, req: Request) -> Any:
        return self.do_open(partial(_connection, http.client.HTTPSConnection, self._watched), req)
