"""Signing in and out: by password, second factor, passkey, identity provider; and choosing a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from volenti.core.errors import ConflictError, RefusedError, TooOftenError, UsageError, VolentiError
from volenti.users.session import CODE, SET_UP
from volenti.web.room import EVERYBODY, SIGNED_IN, Room

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room()
#: Where the identity provider sends the browser to, and for how many seconds the browser remembers that it
#: went there.
BACK, AWAY = "/sign-in/back", 300
#: How often that may be begun from one address in a quarter of an hour.
ASKED_FROM = 60


#: What the cookie of a person who was photographed is called in addition.
OF_PERSON = "-person"


def cookie_of(request: Request, suffix: str = "") -> str:
    """The cookie's name. With the prefix a browser takes it over HTTPS alone, from this host alone."""
    return f"__Host-volenti{suffix}" if request.app.state.is_https else f"volenti{suffix}"


def set_cookie(
    request: Request, answer: Response, token: str, suffix: str = "", seconds: int | None = None
) -> None:
    """Have the browser hold a token, for some seconds or until it is closed."""
    answer.set_cookie(
        cookie_of(request, suffix),
        token,
        path="/",
        max_age=seconds,
        secure=request.app.state.is_https,
        httponly=True,
        samesite="lax",
    )


def way_on(lacks: str) -> str:
    """Where somebody goes who isn't signed in, by what their session lacks."""
    return {CODE: "/sign-in/second", SET_UP: "/account"}.get(lacks, "/sign-in")


def let_in(visit: Visit, token: str) -> Response:
    """Have the browser hold a session's token, and go on to where it leads."""
    waiting = visit.ws.users.waiting(token)
    answer = visit.go(way_on(waiting[1].session.lacks) if waiting else "/")
    set_cookie(visit.request, answer, token)
    return answer


def status_of(error: VolentiError) -> int:
    """The status of a page that says what went wrong beside a form."""
    if isinstance(error, TooOftenError):
        return 429
    return 403 if isinstance(error, RefusedError) else 400


@room.get("/sign-in", open_to=EVERYBODY)
def show(visit: Visit) -> Response:
    """Ask for login and password."""
    return visit.go("/") if visit.user else _page(visit, is_chosen="chosen" in visit.request.query_params)


@room.post("/sign-in", open_to=EVERYBODY)
def enter(visit: Visit) -> Response:
    """Begin a session; an earlier one of this browser ends, so that nobody goes on in another's."""
    login = visit.said("login")
    try:
        token = visit.ws.users.sign_in(login, visit.said("password"), address=visit.address)
    except (RefusedError, ConflictError) as error:
        return _page(visit, error, login)
    visit.ws.users.sign_out(visit.token)
    return let_in(visit, token)


@room.get("/sign-in/second", open_to=SIGNED_IN, waiting=(CODE,))
def second(visit: Visit) -> Response:
    """Ask for the second factor; whoever is signed in has given it."""
    return _second(visit) if _waits(visit) else visit.go("/")


@room.post("/sign-in/second", open_to=SIGNED_IN, waiting=(CODE,))
def give_code(visit: Visit) -> Response:
    """Take a code of an app, or a recovery code."""
    if not _waits(visit):
        return visit.go("/")
    try:
        token = visit.ws.users.give_code(visit.token, visit.said("code"))
    except (RefusedError, TooOftenError) as error:
        return _second(visit, error)
    return let_in(visit, token)


@room.post("/sign-in/passkey/ask", open_to=EVERYBODY, waiting=(CODE,))
def ask_passkey(visit: Visit) -> Response:
    """What the browser is to sign."""
    try:
        return JSONResponse(visit.ws.users.ask_passkey(visit.site, token=visit.token, address=visit.address))
    except TooOftenError as error:
        return JSONResponse({"message": f"{error.message} {error.remedy}"}, 429)


@room.post("/sign-in/passkey", open_to=EVERYBODY, waiting=(CODE,))
def give_passkey(visit: Visit) -> Response:
    """Begin a session with a passkey."""
    waits = _waits(visit)
    try:
        token = visit.ws.users.give_passkey(visit.said("answer"), visit.site, token=visit.token)
    except RefusedError as error:
        return _second(visit, error) if waits else _page(visit, error)
    visit.ws.users.sign_out(visit.token)
    return let_in(visit, token)


@room.get("/sign-in/provider", open_to=EVERYBODY)
def ask_provider(visit: Visit) -> Response:
    """Send the browser to the identity provider: by a link, since forms lead to this site alone."""
    visit.limit("provider", times=ASKED_FROM, per="quarter")
    begun = visit.ws.users.ask_provider(f"{visit.site}{BACK}")
    answer = visit.go(begun.address)
    set_cookie(visit.request, answer, begun.token, "-back", AWAY)
    return answer


@room.get(BACK, open_to=EVERYBODY)
def back(visit: Visit) -> Response:
    """Take what the identity provider says, and begin a session."""
    said, held = visit.request.query_params, cookie_of(visit.request, "-back")
    state, code, issuer = said.get("state", ""), said.get("code", ""), said.get("iss", "")
    try:
        token = visit.ws.users.give_provider(state, code, visit.request.cookies.get(held, ""), issuer=issuer)
    except VolentiError as error:
        return _page(visit, error)
    visit.ws.users.sign_out(visit.token)
    answer = let_in(visit, token)
    answer.delete_cookie(held, path="/", secure=visit.request.app.state.is_https)
    return answer


@room.post("/sign-out", open_to=SIGNED_IN, waiting=(CODE, SET_UP))
def leave(visit: Visit) -> Response:
    """End the session."""
    visit.ws.users.sign_out(visit.token)
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
    return visit.go("/sign-in?chosen=1")


def _waits(visit: Visit) -> bool:
    return visit.session is not None and visit.session.lacks == CODE


def _page(
    visit: Visit, problem: VolentiError | None = None, login: str = "", *, is_chosen: bool = False
) -> Response:
    return visit.page(
        "sign-in.html",
        status_of(problem) if problem else 200,
        login=login,
        problem=problem,
        is_chosen=is_chosen,
        has_provider=visit.ws.users.has_provider(),
    )


def _second(visit: Visit, problem: VolentiError | None = None) -> Response:
    assert visit.user is not None
    kinds = {each.kind.value for each in visit.ws.users.factors(visit.user.id)}
    return visit.page("second.html", status_of(problem) if problem else 200, kinds=kinds, problem=problem)
