"""The users: who works with the workspace, and as what. For those who manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import ConflictError, NotFoundError, UsageError, VolentiError
from volenti.users.user import UserRole
from volenti.web.account import not_proved
from volenti.web.room import ADMINS, Room
from volenti.web.sign_in import status_of
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.users.user import User
    from volenti.web.visit import Visit

room = Room(Place("/users", "Users", ADMINS))


@room.get("/users", open_to=ADMINS)
def every(visit: Visit) -> Response:
    """List the users."""
    return _list(visit)


@room.post("/users", open_to=ADMINS)
def add(visit: Visit) -> Response:
    """Add a user, and show their link once."""
    if (first := not_proved(visit, "users")) is not None:
        return first
    try:
        added = visit.ws.users.add(visit.said("login"), name=visit.said("name"), roles=_roles(visit))
    except (UsageError, ConflictError) as error:
        return _list(visit, error, "add")
    return _link(visit, added.user, added.token)


@room.post("/users/demand", open_to=ADMINS)
def demand(visit: Visit) -> Response:
    """Say which roles have to have a second factor."""
    if (first := not_proved(visit, "users")) is not None:
        return first
    try:
        visit.ws.users.demand(_roles(visit))
    except UsageError as error:
        return _list(visit, error, "demand")
    return visit.go("/users")


@room.get("/users/{user}", open_to=ADMINS)
def show(visit: Visit) -> Response:
    """Show one user."""
    return _user(visit)


@room.post("/users/{user}", open_to=ADMINS)
def change(visit: Visit) -> Response:
    """Change a user, or do one of what can be done with one."""
    if (first := not_proved(visit, "users")) is not None:
        return first
    users, user = visit.ws.users, _named(visit).id
    try:
        match visit.said("do"):
            case "save":
                users.change(user, name=visit.said("name"), roles=_roles(visit))
            case "lock" | "unlock" as what:
                users.change(user, locked=what == "lock")
            case "link":
                return _link(visit, _named(visit), users.link(user))
            case "reset":
                users.reset(user)
            case "end":
                users.end(user)
            case _:
                raise UsageError("This isn't one of the buttons.", "Open the page, and press one of them.")
    except (UsageError, ConflictError) as error:
        return _user(visit, error)
    return visit.go(f"/users/{user}")


@room.get("/users/{user}/remove", open_to=ADMINS)
def ask_remove(visit: Visit) -> Response:
    """Ask before a user is removed, and say what that touches."""
    return _remove(visit)


@room.post("/users/{user}/remove", open_to=ADMINS)
def remove(visit: Visit) -> Response:
    """Remove a user."""
    if (first := not_proved(visit, "users")) is not None:
        return first
    user = _named(visit)
    try:
        if visit.said("sure") != "yes":
            raise UsageError("Nobody was removed.", "Tick that you are sure, and press the button.")
        visit.ws.users.remove(user.id)
    except (UsageError, ConflictError) as error:
        return _remove(visit, error)
    return visit.go("/users")


def _roles(visit: Visit) -> list[str]:
    return [each for each in visit.form.getlist("role") if isinstance(each, str)]


def _named(visit: Visit) -> User:
    """The user of the path: by identifier alone, since a login isn't to stand in an address."""
    found = next((each for each in visit.ws.users.list() if each.id == visit.path("user")), None)
    if found is None:
        raise NotFoundError("There is no such user.", "Go back to the users.")
    return found


def _list(visit: Visit, problem: VolentiError | None = None, at: str = "") -> Response:
    users = visit.ws.users
    every = users.list()
    return visit.page(
        "users.html",
        status_of(problem) if problem else 200,
        users=every,
        secured={each.id for each in every if len(users.factors(each.id))},
        roles=list(UserRole),
        demanded=users.demanded(),
        problem=problem,
        at=at,
        said={name: visit.said(name) if at == "add" else "" for name in ("login", "name")},
        ticked=_roles(visit) if at == "add" else (),
    )


def _user(visit: Visit, problem: VolentiError | None = None) -> Response:
    user = _named(visit)
    return visit.page(
        "user.html",
        status_of(problem) if problem else 200,
        who=user,
        roles=list(UserRole),
        factors=visit.ws.users.factors(user.id),
        sessions=visit.ws.users.sessions(user.id),
        problem=problem,
    )


def _remove(visit: Visit, problem: VolentiError | None = None) -> Response:
    user = _named(visit)
    return visit.page(
        "user-remove.html",
        status_of(problem) if problem else 200,
        who=user,
        sessions=visit.ws.users.sessions(user.id),
        factors=visit.ws.users.factors(user.id),
        problem=problem,
    )


def _link(visit: Visit, user: User, token: str) -> Response:
    import segno

    address = f"{visit.site}/welcome/{token}"
    code = segno.make(address, micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return visit.page("user-link.html", who=user, address=address, code=code)
