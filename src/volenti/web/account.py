"""The account: one's own name, password, second factors and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError, VolentiError
from volenti.users.session import SET_UP
from volenti.web.room import SIGNED_IN, Room
from volenti.web.sign_in import set_cookie, status_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from volenti.users.user import User
    from volenti.web.visit import Visit

room = Room()
#: Where somebody may go on to once they typed their password again.
ONWARD = {"account": "/account", "users": "/users"}


@room.get("/account", open_to=SIGNED_IN, waiting=(SET_UP,))
def show(visit: Visit) -> Response:
    """Show the account; where a second factor has to be set up, how."""
    return _page(visit)


@room.post("/account/name", open_to=SIGNED_IN)
def rename(visit: Visit) -> Response:
    """Change one's name."""
    try:
        visit.ws.users.change(_who(visit).id, name=visit.said("name"))
    except UsageError as error:
        return _page(visit, error, "name")
    return visit.go("/account")


@room.post("/account/password", open_to=SIGNED_IN)
def change_password(visit: Visit) -> Response:
    """Change one's password by the one before; one's other sessions end."""
    try:
        if visit.said("password") != visit.said("again"):
            raise UsageError("The two aren't the same.", "Type the new password twice.")
        visit.ws.users.change_password(
            _who(visit).id, visit.said("old"), visit.said("password"), session=visit.token
        )
    except (UsageError, RefusedError, ConflictError) as error:
        return _page(visit, error, "password")
    return visit.page("account-done.html", done="password", codes=())


@room.get("/account/prove/{onward}", open_to=SIGNED_IN)
def ask_proof(visit: Visit) -> Response:
    """Ask for the password once more."""
    return _proof(visit)


@room.post("/account/prove/{onward}", open_to=SIGNED_IN)
def prove(visit: Visit) -> Response:
    """Note that whoever sits there knows the password."""
    try:
        visit.ws.users.prove(visit.token, visit.said("password"))
    except (RefusedError, ConflictError) as error:
        return _proof(visit, error)
    return visit.go(ONWARD.get(visit.path("onward"), "/account"))


@room.post("/account/app", open_to=SIGNED_IN, waiting=(SET_UP,))
def begin_app(visit: Visit) -> Response:
    """Begin to set up an app."""
    if (first := not_proved(visit)) is not None:
        return first
    visit.ws.users.offer_app(_who(visit).id)
    return visit.go("/account/app")


@room.get("/account/app", open_to=SIGNED_IN, waiting=(SET_UP,))
def show_app(visit: Visit) -> Response:
    """Show the code that an app scans."""
    return not_proved(visit) or _app(visit)


@room.post("/account/app/confirm", open_to=SIGNED_IN, waiting=(SET_UP,))
def confirm_app(visit: Visit) -> Response:
    """Finish setting up an app, and show recovery codes where there were none."""
    if (first := not_proved(visit)) is not None:
        return first
    try:
        codes = visit.ws.users.confirm_app(_who(visit).id, visit.said("code"), name=visit.said("name"))
    except (RefusedError, UsageError) as error:
        return _app(visit, error)
    return _added(visit, codes)


@room.post("/account/passkeys/ask", open_to=SIGNED_IN, waiting=(SET_UP,))
def want_passkey(visit: Visit) -> Response:
    """What the browser is to make a passkey by."""
    if not visit.ws.users.is_proved(visit.token):
        return JSONResponse({"go": "/account/prove/account"}, 403)
    try:
        return JSONResponse(visit.ws.users.want_passkey(_who(visit).id, visit.site))
    except ConflictError as error:
        return JSONResponse({"message": f"{error.message} {error.remedy}"}, 409)


@room.post("/account/passkeys", open_to=SIGNED_IN, waiting=(SET_UP,))
def add_passkey(visit: Visit) -> Response:
    """Add a passkey that the browser made, and show recovery codes where there were none."""
    if (first := not_proved(visit)) is not None:
        return first
    try:
        codes = visit.ws.users.add_passkey(
            _who(visit).id, visit.said("answer"), visit.site, name=visit.said("name")
        )
    except (RefusedError, UsageError, ConflictError) as error:
        return _page(visit, error, "factors")
    return _added(visit, codes)


@room.get("/account/factors/{factor}", open_to=SIGNED_IN)
def show_factor(visit: Visit) -> Response:
    """Show one factor, to rename or remove it."""
    return _factor(visit)


@room.post("/account/factors/{factor}", open_to=SIGNED_IN)
def change_factor(visit: Visit) -> Response:
    """Rename or remove a factor."""
    if (first := not_proved(visit)) is not None:
        return first
    user, factor = _who(visit).id, visit.path("factor")
    try:
        if visit.said("do") == "remove":
            visit.ws.users.remove_factor(user, factor)
            return visit.go("/account")
        visit.ws.users.rename_factor(user, factor, visit.said("name"))
    except (ConflictError, UsageError) as error:
        return _factor(visit, error)
    return visit.go("/account")


@room.post("/account/codes", open_to=SIGNED_IN)
def new_codes(visit: Visit) -> Response:
    """Make new recovery codes, and show them once."""
    if (first := not_proved(visit)) is not None:
        return first
    try:
        codes = visit.ws.users.new_codes(_who(visit).id)
    except ConflictError as error:
        return _page(visit, error, "factors")
    return visit.page("account-done.html", done="codes", codes=codes)


@room.post("/account/sessions", open_to=SIGNED_IN)
def end_session(visit: Visit) -> Response:
    """End another session of one's own, or all others."""
    assert visit.session is not None
    user, named = _who(visit).id, visit.said("session")
    others = [each.id for each in visit.ws.users.sessions(user) if each.form != visit.session.form]
    for each in others if named == "others" else [named]:
        if each in others:
            visit.ws.users.end(user, each)
    return visit.go("/account")


def not_proved(visit: Visit, onward: str = "account") -> Response | None:
    """Where to go first, where it is too long ago that somebody showed who they are; else None."""
    return None if visit.ws.users.is_proved(visit.token) else visit.go(f"/account/prove/{onward}")


def _who(visit: Visit) -> User:
    assert visit.user is not None
    return visit.user


def _added(visit: Visit, codes: Sequence[str]) -> Response:
    """Say that a factor was added. A session that waited for it goes on, with another token."""
    token = ""
    if visit.session is not None and visit.session.lacks:
        token = visit.ws.users.go_on(visit.token)
    if not codes and not token:
        return visit.go("/account")
    if token and (found := visit.ws.users.signed_in(token)):
        # The page's forms belong to the session that goes on.
        visit.session = found[1].session
    answer = visit.page("account-done.html", done="factor", codes=codes)
    if token:
        set_cookie(visit.request, answer, token)
    return answer


def _page(visit: Visit, problem: VolentiError | None = None, at: str = "") -> Response:
    user, users = _who(visit), visit.ws.users
    status = status_of(problem) if problem else 200
    if visit.session is not None and visit.session.lacks:
        return visit.page("set-up.html", status, problem=problem)
    return visit.page(
        "account.html",
        status,
        factors=users.factors(user.id),
        sessions=users.sessions(user.id),
        is_demanded=not set(user.roles).isdisjoint(users.demanded()),
        problem=problem,
        at=at,
    )


def _app(visit: Visit, problem: VolentiError | None = None) -> Response:
    import segno

    new = visit.ws.users.offered_app(_who(visit).id)
    if new is None:
        return visit.go("/account")
    code = segno.make(new.address, micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return visit.page(
        "account-app.html", status_of(problem) if problem else 200, new=new, code=code, problem=problem
    )


def _factor(visit: Visit, problem: VolentiError | None = None) -> Response:
    every = visit.ws.users.factors(_who(visit).id)
    found = next((each for each in every if each.id == visit.path("factor")), None)
    if found is None:
        raise NotFoundError("There is no such factor of yours.", "Go back to your account.")
    return visit.page(
        "account-factor.html", status_of(problem) if problem else 200, factor=found, problem=problem
    )


def _proof(visit: Visit, problem: VolentiError | None = None) -> Response:
    return visit.page("account-prove.html", status_of(problem) if problem else 200, problem=problem)
