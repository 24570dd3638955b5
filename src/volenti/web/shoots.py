"""Shoots: where pictures come from; who has a release for each, and what became of its pictures."""

from __future__ import annotations

from dataclasses import dataclass
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
#: How many shoots a page of the list has, and how many releases and pictures a shoot's page shows.
SHOOTS, COUNT, PICTURES = 50, 50, 18


@dataclass(frozen=True, slots=True)
class Shown:
    """The shoots of one page of the list, of `total` that were found."""

    shoots: tuple[ShootOnRecord, ...]
    total: int
    page: int
    pages: int


@room.get("/shoots", open_to=OFFICERS)
def everything(visit: Visit) -> Response:
    """Show the first shoots by name, or those of a page, with how many people and pictures each has."""
    return _listed(visit, "", visit.request.query_params.get("page", "1"))


@room.post("/shoots", open_to=OFFICERS)
def find(visit: Visit) -> Response:
    """Show shoots by what was typed. A form is sent, because a shoot's name may name a person."""
    return _listed(visit, visit.said("words"), visit.said("page") or "1")


@room.get("/shoots/{shoot}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one shoot: who has a release for it and what for, and what became of its pictures."""
    found = _shoot(visit)
    page = _number(visit.request.query_params.get("page", "1"))
    pictures = visit.ws.pictures.window(0, PICTURES, states=KEPT, shoot=found.name)
    note(visit, [each.id for each in pictures.pictures if is_kept(each)], Why.GRID)
    return visit.page(
        "shoot.html",
        shoot=found,
        releases=visit.ws.releases.browse(shoot=found.name, count=COUNT, page=page),
        pictures=pictures,
        purposes=PURPOSES,
        texts=[each for each in visit.ws.releases.texts() if each.kind == "release"],
    )


def _listed(visit: Visit, words: str, page: str) -> Response:
    found = visit.ws.shoots.browse(words)
    pages = max(1, -(-len(found) // SHOOTS))
    at = min(_number(page), pages)
    shown = found[(at - 1) * SHOOTS : at * SHOOTS]
    return visit.page(
        "shoots.html", found=Shown(tuple(shown), len(found), at, pages), words_said=words.strip()
    )


def _number(page: str) -> int:
    if not page.isdecimal() or not 0 < int(page) < 10**6:
        raise UsageError("There is no such page.", "Open the first one.")
    return int(page)


def _shoot(visit: Visit) -> ShootOnRecord:
    found = next((each for each in visit.ws.shoots.browse() if each.id == visit.path("shoot")), None)
    if found is None:
        raise NotFoundError("There is no such shoot.", "Open the list of shoots.")
    return found
