"""Am I in there? Somebody asks with a photograph, without an account; an officer compares, and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import Response

from volenti.core.errors import ConflictError, MissingModelError, UsageError
from volenti.web.room import EVERYBODY, OFFICER, OFFICERS, Body, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volenti.clearance.facesearch import Resembling
    from volenti.web.visit import Visit

room = Room(Place("/inquiries", "Inquiries", OFFICERS))
#: A photograph as phones take them.
PHOTO = Body(12 << 20, max_files=1)


@room.get("/am-i-in-there", open_to=EVERYBODY)
def ask(visit: Visit) -> Response:
    """Say what is compared and what is kept, before anything is sent."""
    return visit.page("in-there.html", problem=None)


@room.post("/am-i-in-there", open_to=EVERYBODY, body=PHOTO)
def asked(visit: Visit) -> Response:
    """Take an inquiry, and give the link with which it is followed."""
    try:
        token = visit.ws.requests.inquire(_photo(visit), address=visit.address)
    except (UsageError, ConflictError, MissingModelError) as error:
        return visit.page("in-there.html", 429 if isinstance(error, ConflictError) else 400, problem=error)
    return visit.go(f"/am-i-in-there/{token}")


@room.get("/am-i-in-there/{token}", open_to=EVERYBODY)
def follow(visit: Visit) -> Response:
    """The answer, or until when there will be one."""
    return visit.page("in-there-followed.html", inquiry=visit.ws.requests.inquired(visit.path("token")))


@room.get("/inquiries", open_to=OFFICERS)
def inquiries(visit: Visit) -> Response:
    """Who waits for an answer, for the officer; the one that is due first stands first."""
    return visit.page("inquiries.html", inquiries=visit.ws.requests.inquiries(waiting=True))


@room.get("/inquiries/{inquiry}", open_to=OFFICERS)
def inquiry(visit: Visit) -> Response:
    """One inquiry, with who resembles whoever asks."""
    from volenti.perception.exhibit import size_of

    into = visit.ws.requests.inquiry(visit.path("inquiry"))
    size = size_of(into.sheet)
    return visit.page("inquiry.html", inquiry=into.inquiry, found=named(visit, into.found), size=size)


@room.picture("/inquiries/{inquiry}/sheet.jpg", open_to=OFFICERS)
def sheet(visit: Visit) -> Response:
    """The face of whoever asks beside those that were found. That an officer looked is put on record."""
    into, user = visit.ws.requests.inquiry(visit.path("inquiry")), visit.user
    assert user is not None
    seen = [each.name.rpartition(".")[0] for each in into.found if each.kind == "face"]
    visit.ws.pictures.look(seen, by=user.id, why="request")
    return Response(into.sheet, media_type="image/jpeg")


@room.post("/inquiries/{inquiry}", open_to=OFFICER)
def answer(visit: Visit) -> Response:
    """Answer an inquiry, and go on to the next one."""
    visit.ws.requests.reply(visit.path("inquiry"), visit.said("reply"))
    return visit.go("/inquiries")


def named(visit: Visit, found: Iterable[Resembling]) -> list[tuple[int, Resembling, str]]:
    """Whom a face comes near to: the number on the sheet, and the name; faces in pictures have none."""

    def name(each: Resembling) -> str:
        return visit.ws.subjects.show(each.name).subject.legal_name if each.kind == "subject" else ""

    return [(number, each, name(each)) for number, each in enumerate(found, 1)]


def _photo(visit: Visit) -> bytes:
    if visit.said("agreed") != "yes":
        raise UsageError("You haven't agreed to being looked for.", "Without that nothing is compared.")
    sent = visit.form.get("photo")
    data = sent.file.read() if isinstance(sent, UploadFile) else b""
    if not data:
        raise UsageError("No photograph was sent.", "Take one of yourself alone, or choose one.")
    return data
