"""Headers that every answer has: a browser runs no script of others, frames nothing, and keeps nothing."""

from __future__ import annotations

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Scripts, styles and pictures come from here alone, and none stands inside a page.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
#: The same for a page with a picture inside of it, which is shown once and is kept nowhere.
WITH_PICTURE_INSIDE = POLICY.replace("img-src 'self'", "img-src 'self' data:")
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer a browser says of this site's own forms, too, that they come from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
#: Nobody keeps an answer, on a disk or on the way.
PRIVATE = "no-store"


#: What is nobody's is kept by the browser, which asks each time whether it is still the same.
SAME = "no-cache"


class Lengths:
    """Refuses what doesn't say how long it is: what is sent in pieces may be larger than what it says.

    Browsers always say it. Whoever says both a length and that it comes in pieces wants it read in two ways
    (RFC 9112, section 6.3).
    """

    def __init__(self, app: ASGIApp, *, but: str) -> None:
        """but: below this path, whoever answers counts what comes and stops reading by itself."""
        self._app = app
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        is_page = scope["type"] == "http" and not scope["path"].startswith(self._but)
        if is_page and "transfer-encoding" in RequestHeaders(scope=scope):
            await PlainTextResponse("Say how long this is.", 411)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class Headers:
    """Adds the headers; where nothing else was said, an answer isn't kept by anybody."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its answer."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    # A page that shows a picture which is kept nowhere says so by a policy of its own.
                    if value != POLICY or headers.get(name) != WITH_PICTURE_INSIDE:
                        headers[name] = value
                headers.setdefault("Cache-Control", PRIVATE)
                if self._is_https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
