"""Checking a certificate in the browser, without trusting this server: online, offline, and as a file."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.web.room import EVERYBODY, Room

if TYPE_CHECKING:
    from volenti.web.visit import Visit

room = Room()
_STATIC = files("volenti.web") / "static"


@room.get("/verify", open_to=EVERYBODY)
def verify(visit: Visit) -> Response:
    """The page that checks certificates; everything is done by the browser."""
    return visit.page("verify.html", key=str(visit.ws.public_key), saved=False)


@room.get("/verify/worker.js", open_to=EVERYBODY)
def worker(visit: Visit) -> Response:
    """What keeps the page in the browser for when there is no network."""
    return Response(
        (_STATIC / "verify-worker.js").read_bytes(),
        media_type="text/javascript",
        headers={"Service-Worker-Allowed": "/verify"},
    )


@room.get("/verify/page.html", open_to=EVERYBODY)
def saved(visit: Visit) -> Response:
    """The same page as one file, with styles and scripts in it, to be kept and opened anywhere."""
    page = bytes(visit.page("verify.html", key=str(visit.ws.public_key), saved=True).body).decode()
    page = re.sub(r'<link rel="stylesheet" href="/static/([a-z-]+\.css)">', _style, page)
    page = re.sub(r'<link rel="icon"[^>]*>\n?', "", page)
    library = _text("certificate.js").replace("export ", "")
    script = library + re.sub(r"^import .*\n", "", _text("verify.js"))
    # As a function, because a replacement text would have its backslashes read.
    page = re.sub(
        r'<script type="module" src="/static/verify\.js"></script>',
        lambda _: f'<script type="module">\n{script}</script>',
        page,
    )
    return Response(
        page,
        media_type="text/html",
        headers={"Content-Disposition": 'attachment; filename="check-certificates.html"'},
    )


def _style(found: re.Match[str]) -> str:
    return f"<style>\n{_text(found[1])}</style>"


def _text(name: str) -> str:
    return (_STATIC / name).read_text()
