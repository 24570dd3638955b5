"""Signing in and out, and choosing a password by a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.web.room import EVERYBODY, SIGNED_IN, Room

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room()


def cookie_of(request: Request, *, person: bool = False) -> str:
    """The cookie's name. With the prefix a browser takes it over HTTPS alone, from this host alone.

    person: of whoever was photographed; else of a user.
    """
    name = "volenti-person" if person else "volenti"
    return f"__Host-{name}" if request.app.state.is_https else name


def set_cookie(request: Request, answer: Response, token: str, *, person: bool = False) -> None:
    """Have the browser hold a session's token, until it is closed. person: as `cookie_of` takes it."""
    answer.set_cookie(
        cookie_of(request, person=person),
        token,
        path="/",
        secure=request.app.state.is_https,
        httponly=True,
        samesite="lax",
    )


@room.get("/sign-in", open_to=EVERYBODY)
def show(visit: Visit) -> Response:
    """Ask for login and password."""
    return visit.go("/") if visit.user else visit.page("sign-in.html", login="", problem=None)


@room.post("/sign-in", open_to=EVERYBODY)
def enter(visit: Visit) -> Response:
    """Begin a session; an earlier one of this browser ends, so that nobody goes on in another's."""
    login = visit.said("login")
    try:
        token = visit.ws.users.sign_in(login, visit.said("password"), address=visit.address)
    except (RefusedError, ConflictError) as error:
        status = 429 if isinstance(error, ConflictError) else 403
        return visit.page("sign-in.html", status, login=login, problem=error)
    before = visit.request.cookies.get(cookie_of(visit.request))
    if before:
        visit.ws.users.sign_out(before)
    answer = visit.go("/")
    set_cookie(visit.request, answer, token)
    return answer


@room.post("/sign-out", open_to=SIGNED_IN)
def leave(visit: Visit) -> Response:
    """End the session."""
    visit.ws.users.sign_out(visit.request.cookies.get(cookie_of(visit.request), ""))
    answer = visit.go("/sign-in")
    answer.delete_cookie(cookie_of(visit.request), path="/", secure=visit.request.app.state.is_https)
    return answer


@room.get("/welcome/{token}", open_to=EVERYBODY)
def welcome(visit: Visit) -> Response:
    """Ask for the password that is chosen by a link."""
    return visit.page("welcome.html", who=visit.ws.users.linked(visit.path("token")), problem=None)


@room.post("/welcome/{token}", open_to=EVERYBODY)
def choose(visit: Visit) -> Response:
    """Choose a password."""
    who = visit.ws.users.linked(visit.path("token"))
    try:
        if visit.said("password") != visit.said("again"):
            raise UsageError("The two aren't the same.", "Type the password twice.")
        visit.ws.users.choose_password(visit.path("token"), visit.said("password"))
    except UsageError as error:
        return visit.page("welcome.html", 400, who=who, problem=error)
    return visit.go("/sign-in")
