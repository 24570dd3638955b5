"""Forwarded: behind a proxy, what the proxy says of a request; nobody else is answered."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send


class Forwarded:
    """Takes where a request comes from, and by which protocol, from the headers that a proxy adds.

    Of several addresses the last counts: the proxy added it, and what stands before it anybody can send. What
    came by HTTP is sent on to HTTPS.
    """

    def __init__(self, app: ASGIApp, proxies: Collection[str]) -> None:
        """proxies: the addresses that connections come from."""
        self._app = app
        self._proxies = frozenset(filter(None, map(_address, proxies)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client") or ("", 0)
        if _address(client[0]) not in self._proxies:
            await PlainTextResponse("Only the proxy is answered.", 403)(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _last(headers, "x-forwarded-proto") == "http":
            await _by_https(scope, headers)(scope, receive, send)
            return
        came_from = _address(_last(headers, "x-forwarded-for"))
        if came_from:
            scope = {**scope, "client": (came_from, 0)}
        await self._app(scope, receive, send)


def _by_https(scope: Scope, headers: Headers) -> Response:
    if scope["method"] not in ("GET", "HEAD"):
        # It was sent in the clear already: whoever sent it shall notice.
        return PlainTextResponse("This is answered by HTTPS alone.", 403)
    # The name was checked before: it is one of the application's.
    host = headers.get("host", "").partition(":")[0]
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return RedirectResponse(f"https://{host}{(scope['raw_path'] + query).decode('latin-1')}", 308)


def _last(headers: Headers, name: str) -> str:
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip().lower()


def _address(text: str) -> str:
    """An address in one form; empty where it is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
