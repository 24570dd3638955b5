"""A person's own pictures, what became of each, and where they are used."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.core.errors import IntegrityError, NotFoundError, RefusedError
from volenti.web.room import NOT_SHOWN, PERSON, Room

if TYPE_CHECKING:
    from volenti.web.visit import Visit
    from volenti.workspace.shownpicture import ShownPicture

room = Room()
#: How many pictures a page shows.
COUNT = 24
#: How many looks are shown, the latest ones.
LOOKS_MAX = 200


@room.get("/me/pictures", open_to=PERSON)
def pictures(visit: Visit) -> Response:
    """A page of their pictures: what became of each, and when."""
    asked = visit.request.query_params.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 8 else 1
    found = visit.ws.subjects.pictures(visit.person.id, count=COUNT, page=max(page, 1))
    return visit.page("me-pictures.html", found=found)


@room.get("/me/pictures/{image}", open_to=PERSON)
def picture(visit: Visit) -> Response:
    """One picture of theirs, what was decided about it and when, and where it is used."""
    shown, why_not = _own(visit), None
    try:
        # Of a damaged one a drawing is shown instead, as in every list.
        with suppress(IntegrityError):
            visit.ws.subjects.picture(visit.person.id, shown.id, preview=True)
    except RefusedError as error:
        why_not = error
    return visit.page("me-picture.html", picture=shown, why_not=why_not, alone=len(shown.people) == 1)


@room.picture("/me/pictures/{image}/small.jpg", open_to=PERSON)
def small(visit: Visit) -> Response:
    """A small picture; a drawing that says nothing where it can't be shown. Its own page says why."""
    try:
        data = visit.ws.subjects.picture(visit.person.id, visit.path("image"), preview=True)
    except RefusedError:
        return visit.go(NOT_SHOWN)
    return Response(data, media_type="image/jpeg")


@room.picture("/me/pictures/{image}/large.jpg", open_to=PERSON)
def large(visit: Visit) -> Response:
    """The picture as it is kept, with others in it made unrecognisable."""
    data = visit.ws.subjects.picture(visit.person.id, visit.path("image"))
    kind = next((kind for start, kind in _KINDS if data.startswith(start)), "application/octet-stream")
    return Response(data, media_type=kind)


#: How files of the formats begin that browsers show.
_KINDS = (
    (b"\xff\xd8", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
)


@room.get("/me/uses", open_to=PERSON)
def uses(visit: Visit) -> Response:
    """Where they are used: datasets, models, works, and who was given what."""
    return visit.page("me-uses.html", uses=visit.ws.subjects.uses(visit.person.id))


@room.get("/me/looks", open_to=PERSON)
def looks(visit: Visit) -> Response:
    """Which of those who work here looked at their pictures, when and why."""
    return visit.page("me-looks.html", looks=visit.ws.subjects.looks(visit.person.id)[:LOOKS_MAX])


def _own(visit: Visit) -> ShownPicture:
    """A picture of theirs; of another person's nobody learns that there is one."""
    shown = None
    with suppress(NotFoundError, RefusedError):
        shown = visit.ws.pictures.show(visit.path("image"))
    if shown is None or visit.person.id not in shown.people:
        raise NotFoundError("There is no such picture of yours.", "Go back to your pictures.")
    return shown
