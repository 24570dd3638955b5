"""A person's own requests: asked for in plain words, followed day by day, answered with files to keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.core.errors import NotFoundError
from volenti.requests.identity import Identified
from volenti.web.room import EVERYBODY, PERSON, Room
from volenti.web.zipped import zipped

if TYPE_CHECKING:
    from volenti.requests.request import Request
    from volenti.web.visit import Visit

room = Room()
#: What can be asked for by a page of its own; a yes is taken back where it stands.
ASKED = ("access", "portability", "restriction", "objection", "erasure")
#: What is in force from the moment on in which it is asked for.
AT_ONCE = ("restriction", "objection")


@room.get("/me/requests", open_to=PERSON)
def requests(visit: Visit) -> Response:
    """What they asked for, the latest first, and what they may ask for."""
    found = visit.ws.requests.list(subject=visit.person.id)[::-1]
    return visit.page("me-requests.html", requests=found, kinds=ASKED)


@room.get("/me/ask/{kind}", open_to=PERSON)
def ask(visit: Visit) -> Response:
    """Say in plain words what a request does, before it is made."""
    return visit.page("me-ask.html", kind_asked=_kind(visit))


@room.post("/me/ask/{kind}", open_to=PERSON)
def asked(visit: Visit) -> Response:
    """Open a request. Their link and code are how it was made sure who asks."""
    ws, kind = visit.ws, _kind(visit)
    opened = ws.requests.open(kind, visit.person.id, identity=Identified.ACCOUNT)
    if kind in AT_ONCE:
        ws.requests.run(opened.id)
    if kind == "erasure":
        # They learn it here alone: later nobody is left who could be told.
        return visit.page("me-followed.html", link=ws.requests.follow_link(opened.id))
    return visit.go(f"/me/requests/{opened.id}")


@room.get("/me/requests/{request}", open_to=PERSON)
def request(visit: Visit) -> Response:
    """One request of theirs, and how far it has come."""
    found = _own(visit)
    return visit.page("me-request.html", request=found, days_left=found.days_left(datetime.now(UTC)))


@room.post("/me/requests/{request}/answer", open_to=PERSON)
def answer(visit: Visit) -> Response:
    """Answer a request for access or portability with one file, which is kept nowhere."""
    found = _own(visit)
    given = visit.ws.requests.answer(found.id, identity=Identified.ACCOUNT)
    files = {"answer.pdf": given.pages, "answer.json": given.document, **given.pictures}
    return Response(
        zipped(files),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{found.id}.zip"'},
    )


@room.post("/me/requests/{request}/lift", open_to=PERSON)
def lift(visit: Visit) -> Response:
    """End a pause of theirs: whoever asked for it may say so."""
    visit.ws.requests.lift(_own(visit).id)
    return visit.go(f"/me/requests/{visit.path('request')}")


@room.get("/follow/{token}", open_to=EVERYBODY)
def follow(visit: Visit) -> Response:
    """How far a request has come, for whoever holds its link; it names nobody."""
    found = visit.ws.requests.followed(visit.path("token"))
    return visit.page(
        "follow.html",
        request=found.request,
        has_certificate=found.certificate is not None,
        days_left=found.request.days_left(datetime.now(UTC)),
        link=visit.path("token"),
    )


@room.get("/follow/{token}/certificate.json", open_to=EVERYBODY)
def certificate(visit: Visit) -> Response:
    """The certificate of an erasure that is over, with its opening: the link alone opens it."""
    found = visit.ws.requests.followed(visit.path("token"))
    if found.certificate is None:
        raise NotFoundError("There is no certificate yet.", "Come back once the erasure is done.")
    return Response(
        found.certificate,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{found.request.id}.json"'},
    )


def _kind(visit: Visit) -> str:
    if visit.path("kind") not in ASKED:
        raise NotFoundError("This can't be asked for.", "Open the list of what you may ask for.")
    return visit.path("kind")


def _own(visit: Visit) -> Request:
    """A request of theirs; of another person's nobody learns that there is one."""
    for each in visit.ws.requests.list(subject=visit.person.id):
        if each.id == visit.path("request"):
            return each
    raise NotFoundError("There is no such request of yours.", "Open the list of your requests.")
