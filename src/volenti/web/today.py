"""Today: what blocks the next dataset, what is due, and whether what is kept is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.users.user import UserRole
from volenti.web.room import OFFICERS, SIGNED_IN, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room(Place("/", "Today", SIGNED_IN))
#: How far ahead what is due is shown.
DAYS = 14


@room.get("/", open_to=SIGNED_IN)
def today(visit: Visit) -> Response:
    """What there is to do today, for those who answer for it; a greeting for others."""
    ws, roles = visit.ws, set(visit.user.roles if visit.user else ())
    if roles.isdisjoint(OFFICERS | {UserRole.ADMIN}):
        return visit.page("today.html", held=None, due=(), notices=(), suspended=())
    answers_for_people = not roles.isdisjoint(OFFICERS)
    return visit.page(
        "today.html",
        held=len(ws.review.list()) if answers_for_people else None,
        due=ws.due(DAYS) if answers_for_people else (),
        suspended=ws.suspensions() if answers_for_people else (),
        notices=ws.notices(),
    )
