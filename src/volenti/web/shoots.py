"""Shoots: where pictures come from; who has a release for each, and what became of its pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.clearance.looks import Why
from volenti.consent.purpose import PURPOSES
from volenti.core.errors import NotFoundError, UsageError
from volenti.web.pictures import KEPT, is_kept, note
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit
    from volenti.workspace.shoots import ShootOnRecord

room = Room(Place("/shoots", "Shoots", OFFICERS))
#: How many releases and how many pictures a shoot's page shows.
COUNT, PICTURES = 50, 18


@room.get("/shoots", open_to=OFFICERS)
def everything(visit: Visit) -> Response:
    """Show every shoot, with how many people and pictures it has."""
    return visit.page("shoots.html", shoots=visit.ws.shoots.browse())


@room.get("/shoots/{shoot}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one shoot: who has a release for it and what for, and what became of its pictures."""
    found = _shoot(visit)
    page = visit.request.query_params.get("page", "1")
    if not page.isdecimal() or not 0 < int(page) < 10**6:
        raise UsageError("There is no such page.", "Open the first one.")
    pictures = visit.ws.pictures.window(0, PICTURES, states=KEPT, shoot=found.name)
    note(visit, [each.id for each in pictures.pictures if is_kept(each)], Why.GRID)
    return visit.page(
        "shoot.html",
        shoot=found,
        releases=visit.ws.releases.browse(shoot=found.name, count=COUNT, page=int(page)),
        pictures=pictures,
        purposes=PURPOSES,
        texts=[each for each in visit.ws.releases.texts() if each.kind == "release"],
    )


def _shoot(visit: Visit) -> ShootOnRecord:
    found = next((each for each in visit.ws.shoots.browse() if each.id == visit.path("shoot")), None)
    if found is None:
        raise NotFoundError("There is no such shoot.", "Open the list of shoots.")
    return found
