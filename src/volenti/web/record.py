"""Record: the record of processing activities (Art. 30 GDPR), on screen and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.users.user import UserRole
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

#: It names nobody who was photographed.
READERS = OFFICERS | {UserRole.ADMIN}
room = Room(Place("/record", "Record", READERS))


@room.get("/record", open_to=READERS)
def record(visit: Visit) -> Response:
    """Show the record, counted now from what is stored."""
    return visit.page("record.html", record=visit.ws.register())
