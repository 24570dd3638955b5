"""Tokens: which other systems may use the HTTP API, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.clock import stamp, system_clock
from volenti.core.errors import UsageError, VolentiError
from volenti.users.apitoken import Scope
from volenti.users.user import UserRole
from volenti.web.room import Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit
    from volenti.workspace.tokens import AddedToken

ADMINS = frozenset({UserRole.ADMIN})
room = Room(Place("/tokens", "Other systems", ADMINS))
#: For how many days a token is good, as the page offers it.
DAYS = (30, 90, 365)


@room.get("/tokens", open_to=ADMINS)
def show(visit: Visit) -> Response:
    """List the tokens, and offer to add one."""
    return _page(visit)


@room.post("/tokens", open_to=ADMINS)
def add(visit: Visit) -> Response:
    """Add a token, and show its secret: this once, to whoever added it."""
    scopes = [each for each in visit.form.getlist("scope") if isinstance(each, str)]
    try:
        days = visit.said("days")
        if not days.isdecimal() or int(days) not in DAYS:
            raise UsageError("It isn't said for how long the token is good.", "Choose one of the times.")
        added = visit.ws.tokens.add(visit.said("name"), scopes=scopes, days=int(days))
    except VolentiError as error:
        return _page(visit, problem=error, chosen=scopes)
    return _page(visit, added=added)


@room.post("/tokens/{token}/remove", open_to=ADMINS)
def remove(visit: Visit) -> Response:
    """Remove a token; it opens nothing from then on."""
    visit.ws.tokens.remove(visit.path("token"))
    return visit.go("/tokens")


def _page(
    visit: Visit,
    *,
    added: AddedToken | None = None,
    problem: VolentiError | None = None,
    chosen: list[str] | None = None,
) -> Response:
    return visit.page(
        "tokens.html",
        400 if problem else 200,
        tokens=visit.ws.tokens.list(),
        now=stamp(system_clock()),
        nouns=_by_noun(),
        days=DAYS,
        added=added,
        problem=problem,
        chosen=chosen or [],
    )


def _by_noun() -> dict[str, list[str]]:
    """Scopes by the noun that they are about."""
    found: dict[str, list[str]] = {}
    for each in Scope:
        found.setdefault(each.value.partition(":")[0], []).append(each.value)
    return found
