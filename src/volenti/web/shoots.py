"""Shoots: where pictures come from; who has a release for each, and what became of its pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.consent.purpose import PURPOSES
from volenti.core.errors import NotFoundError, UsageError
from volenti.web.given import note_looks
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place
from volenti.workspace.shoots import ShootOnRecord, id_of

if TYPE_CHECKING:
    from volenti.web.visit import Visit

room = Room(Place("/shoots", "Shoots", OFFICERS))
#: How many releases and how many pictures a shoot's page shows.
COUNT, PICTURES = 50, 18


@room.get("/shoots", open_to=OFFICERS)
def everything(visit: Visit) -> Response:
    """Show every shoot, with how many people and pictures it has."""
    return visit.page("shoots.html", shoots=visit.ws.shoots.list())


@room.get("/shoots/{shoot}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one shoot: who has a release for it and what for, and what became of its pictures."""
    name = _name(visit)
    page = visit.request.query_params.get("page", "1")
    if not page.isdecimal() or not 0 < int(page) < 10**6:
        raise UsageError("There is no such page.", "Open the first one.")
    pictures = visit.ws.pictures.list(shoot=name, count=PICTURES)
    note_looks(visit, [each.id for each in pictures.pictures if each.id])
    return visit.page(
        "shoot.html",
        shoot=ShootOnRecord(name, (), {}),
        releases=visit.ws.releases.browse(shoot=name, count=COUNT, page=int(page)),
        pictures=pictures,
        purposes=PURPOSES,
        texts=[each for each in visit.ws.releases.texts() if each.kind == "release"],
    )


@room.get("/shoots/{shoot}/pictures/{image}.jpg", open_to=OFFICERS)
def picture(visit: Visit) -> Response:
    """A small picture of the shoot."""
    found = visit.ws.pictures.show(visit.path("image"))
    if id_of(found.shoot) != visit.path("shoot"):
        raise NotFoundError("There is no such picture of this shoot.", "Open the shoot's page.")
    return Response(visit.ws.pictures.preview(found.id), media_type="image/jpeg")


def _name(visit: Visit) -> str:
    """The name of the shoot that the address means. Only pictures know it where no release names it."""
    ws, wanted = visit.ws, visit.path("shoot")
    for name in ("", *ws.releases.browse(count=1).shoots):
        if id_of(name) == wanted:
            return name
    found = next((each.name for each in ws.shoots.list() if each.id == wanted), None)
    if found is None:
        raise NotFoundError("There is no such shoot.", "Open the list of shoots.")
    return found
