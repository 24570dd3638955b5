"""The application: lets requests in through the doors of its rooms, and turns errors into pages.

A request is let in where its door is open to the roles of whoever is signed in. One that does something has
to come from a page of this application: the browser says so (Fetch Metadata, Origin), and the form carries
what only the session's pages know.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from hmac import compare_digest
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from volenti.core.errors import RefusedError, UsageError, VolentiError
from volenti.core.logs import Logger
from volenti.web import (
    account,
    audit,
    contact,
    desk,
    erasing,
    imports,
    inquiring,
    jobs,
    judging,
    log,
    people,
    picture_changes,
    pictures,
    policies,
    portal,
    portal_pictures,
    portal_requests,
    recipients,
    record,
    releases,
    request,
    requests,
    shoots,
    sign_in,
    signing,
    signings,
    today,
    tokens,
    users,
    verifying,
    webhooks,
)
from volenti.web.api import page
from volenti.web.api.operation import BASE
from volenti.web.api.problem import STATUS
from volenti.web.api.wiring import add_api, api_problem, is_api
from volenti.web.forwarded import Forwarded
from volenti.web.headers import SAME, Headers, Lengths
from volenti.web.room import PERSON, Door, Room
from volenti.web.visit import Place, Visit, pages
from volenti.web.visitor import visitor_of
from volenti.web.words import Words, preferred

if TYPE_CHECKING:
    from volenti.web.workspaces import Workspaces

#: The rooms, in the order of the navigation.
ROOMS: tuple[Room, ...] = (
    sign_in.room,
    account.room,
    signing.room,
    portal.room,
    portal_pictures.room,
    portal_requests.room,
    verifying.room,
    today.room,
    desk.room,
    picture_changes.room,
    judging.room,
    pictures.room,
    people.room,
    contact.room,
    imports.room,
    releases.room,
    signings.room,
    shoots.room,
    policies.room,
    requests.room,
    request.room,
    erasing.room,
    inquiring.room,
    recipients.room,
    record.room,
    log.room,
    audit.room,
    jobs.room,
    users.room,
    tokens.room,
    webhooks.room,
    page.room,
)
#: The names of this machine.
LOCAL = ("localhost", "127.0.0.1", "[::1]")
#: How many fields of a form are read at most.
FIELDS_MAX = 200
#: The first that an error is one of counts.
_STATUS = {**STATUS, UsageError: 400}
#: Files of forms stay in memory, so that nothing of a person lies on a disk in the clear.
MultiPartParser.spool_max_size = 1 << 30
_log = Logger(__name__)


def application(
    workspaces: Workspaces,
    *,
    hosts: Sequence[str] = ("localhost", "127.0.0.1", "[::1]"),
    is_https: bool = False,
    proxies: Sequence[str] = (),
) -> FastAPI:
    """The application over a workspace.

    hosts: the names that it answers to, so that no other site's name leads here. is_https: whether browsers
    reach it by HTTPS; then its cookie is sent in no other way. proxies: addresses of proxies before it; where
    there are any, nobody else is answered.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        workspaces.close()

    app = _Application(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.is_https = is_https
    # What a path says by name comes before what it leaves open: /pictures/add isn't the picture "add".
    for door in sorted(doors(), key=lambda each: [part.startswith("{") for part in each.path.split("/")]):
        app.add_api_route(
            door.path,
            _endpoint(door, workspaces),
            methods=[door.method],
            include_in_schema=False,
            response_model=None,
        )
    add_api(app, workspaces)
    app.mount("/static", _Static(directory=str(files("volenti.web") / "static")))
    app.add_exception_handler(HTTPException, _no_such_page)
    if proxies:
        app.add_middleware(Forwarded, proxies=proxies)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    return app


class _Application(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        """Put the headers around everything, also around what answers where a page fails."""
        return Headers(Lengths(super().build_middleware_stack(), but=BASE), is_https=self.state.is_https)


class _Static(StaticFiles):
    """Styles, scripts and drawings: the same for everybody."""

    def file_response(self, *args: Any, **named: Any) -> Response:
        answer = super().file_response(*args, **named)
        answer.headers["Cache-Control"] = SAME
        return answer


def doors() -> list[Door]:
    """Every door of every room."""
    return [door for room in ROOMS for door in room.doors]


def _endpoint(door: Door, workspaces: Workspaces) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        form = FormData()
        if door.method == "POST":
            # Without a length nobody knows how much is coming; browsers always say it.
            length = request.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > door.body.max_bytes:
                return PlainTextResponse("This is too large.", 413)
            form = await request.form(max_files=door.body.max_files, max_fields=door.body.max_fields)
        return await workspaces.work(partial(_answer, door, workspaces, request, form))

    return endpoint


def _answer(door: Door, workspaces: Workspaces, request: Request, form: FormData) -> Response:
    with workspaces.one() as ws:
        who = visitor_of(door, ws, request)
        words = Words(preferred(request.headers.get("accept-language", "")))
        places = _places(who.roles)
        visit = Visit(request, ws, form, words, who.user, who.session, places, who.subject, who.token)
        try:
            _check(door, visit)
            answer = door.view(visit)
        except _NotSignedIn:
            answer = visit.go("/me/link" if door.open_to == PERSON else sign_in.way_on(who.lacks))
        except VolentiError as error:
            answer = _told(visit, error)
        if who.renewed and "set-cookie" not in answer.headers:
            suffix = sign_in.OF_PERSON if who.subject else ""
            sign_in.set_cookie(request, answer, who.renewed, suffix)
        return answer


class _NotSignedIn(Exception):
    """Nobody is signed in, and the door isn't open to everybody."""


def _check(door: Door, visit: Visit) -> None:
    if door.open_to is not None and not (door.open_to == PERSON and visit.subject):
        if visit.user is None:
            raise _NotSignedIn
        if not door.lets_in(visit.user.roles):
            raise RefusedError("This isn't open to you.", "Ask whoever manages the users for the role.")
    if door.method == "POST":
        _check_origin(visit)


def _check_origin(visit: Visit) -> None:
    """Refuse a form that another site sent."""
    headers = visit.request.headers
    site, origin = headers.get("sec-fetch-site", "same-origin"), headers.get("origin")
    theirs = site not in ("same-origin", "none") or origin not in (None, visit.site)
    session = visit.session
    if theirs or (session and not compare_digest(visit.said("form").encode(), session.form.encode())):
        raise RefusedError("This form wasn't sent from a page of this session.", "Open the page, and repeat.")


def _told(visit: Visit, error: VolentiError) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    if status >= 500:
        _log.info("page failed", code=error.code)
    return visit.page("problem.html", status, problem=error)


def _places(roles: Sequence[str]) -> tuple[Place, ...]:
    places = (room.place for room in ROOMS)
    return tuple(each for each in places if each is not None and not each.open_to.isdisjoint(roles))


def _page_above(request: Request) -> str:
    """The page that an address lies below, and that can be opened."""
    path = request.url.path
    while path := path.rpartition("/")[0]:
        scope = {**request.scope, "path": path}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes[:-1]):
            return path
    return "/"


def _no_such_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if is_api(request):
        return api_problem(status, getattr(error, "headers", None))
    if status == 405 and request.method == "GET":
        # A page that answered a form was opened again, by a tab that was restored or by its address.
        return RedirectResponse(_page_above(request), 303)
    words = Words(preferred(request.headers.get("accept-language", "")))
    page = pages(words.language).get_template("nowhere.html")
    return HTMLResponse(page.render(words=words, user=None, status=status), status)
