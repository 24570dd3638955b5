"""Recipients: who got pictures, what was called back of them, and who acknowledged that it is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from volenti.core.errors import VolentiError
from volenti.users.user import UserRole
from volenti.web.room import OFFICER, OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

#: Officers answer for what was passed on, and engineers pass it on.
DELIVERERS = OFFICERS | {UserRole.ENGINEER}
room = Room(Place("/recipients", "Recipients", DELIVERERS))


@room.get("/recipients", open_to=DELIVERERS)
def recipients(visit: Visit) -> Response:
    """List every delivery, those first whose recipient is late."""
    return _page(visit)


@room.post("/recipients/acknowledge", open_to=OFFICER)
def acknowledge(visit: Visit) -> Response:
    """Keep the acknowledgement that a recipient sent."""
    try:
        kept = visit.ws.feed.acknowledge(visit.said("acknowledgement"))
    except VolentiError as error:
        return _page(visit, error)
    return visit.go(f"/recipients#{kept.delivery.id}")


def _page(visit: Visit, problem: VolentiError | None = None) -> Response:
    now, feed = datetime.now(UTC), visit.ws.feed.list()
    listed = [(each, each.is_overdue(now)) for each in reversed(feed.notices)]
    listed.sort(key=lambda each: (not each[1], each[0].open == 0))
    return visit.page(
        "recipients.html",
        400 if problem else 200,
        listed=listed,
        feed=feed,
        problem=problem,
    )
