"""Request: one request, how far it has come, and what its officer decides about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.core.clock import day
from volenti.core.errors import ConflictError, NotFoundError, UsageError, VolentiError
from volenti.jobs.job import JobState
from volenti.requests.course import ANSWERED, COURSES
from volenti.requests.history import GROUNDS, Delay, Ground
from volenti.requests.identity import Identified
from volenti.web.requests import opened
from volenti.web.room import OFFICER, OFFICERS, Room
from volenti.web.zipped import zipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from volenti.jobs.job import Job
    from volenti.requests.request import Request
    from volenti.web.visit import Visit

room = Room()
#: The steps that are shown of each kind, in their order: those of a course that ends well.
STEPS = {
    "erasure": ("opened", "frozen", "erasing", "replaying", "certified", "done"),
    "withdrawal": ("opened", "frozen", "replaying", "done"),
    "access": ("opened", "done"),
    "portability": ("opened", "done"),
    "restriction": ("opened", "in-force", "done"),
    "objection": ("opened", "in-force", "done"),
}
#: Grounds on which something may be kept of somebody who is erased.
KEPT_FOR = (Ground.CLAIMS, Ground.OBLIGATION)


@room.get("/requests/{request}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show a request with its course, and what can be done next."""
    return page(visit, visit.ws.requests.show(visit.path("request")))


@room.post("/requests/{request}/identify", open_to=OFFICER)
def identify(visit: Visit) -> Response:
    """Write down how somebody made sure who asks."""
    return _decided(visit, lambda name: visit.ws.requests.identify(name, how=visit.said("how")))


@room.post("/requests/{request}/extend", open_to=OFFICER)
def extend(visit: Visit) -> Response:
    """Put the deadline off, once."""
    return _decided(visit, lambda name: visit.ws.requests.extend(name, reason=visit.said("reason")))


@room.post("/requests/{request}/refuse", open_to=OFFICER)
def refuse(visit: Visit) -> Response:
    """Refuse a request on a ground of law."""
    return _decided(visit, lambda name: visit.ws.requests.refuse(name, ground=visit.said("ground")))


@room.post("/requests/{request}/keep", open_to=OFFICER)
def keep(visit: Visit) -> Response:
    """Have an erasure keep what was signed, until a day."""

    def kept(name: str) -> Request:
        try:
            until = day(visit.said("until"))
        except ValueError as error:
            raise UsageError("This is no day.", "Choose the last day on which it may be kept.") from error
        return visit.ws.requests.keep(name, ground=visit.said("ground"), until=until)

    return _decided(visit, kept)


@room.post("/requests/{request}/lift", open_to=OFFICER)
def lift(visit: Visit) -> Response:
    """End a restriction."""
    return _decided(visit, visit.ws.requests.lift)


@room.post("/requests/{request}/answer", open_to=OFFICER)
def answer(visit: Visit) -> Response:
    """Answer a request for access or portability with one file, which is kept nowhere, to hand over."""
    request = visit.ws.requests.show(visit.path("request"))
    try:
        given = visit.ws.requests.answer(request.id)
    except (UsageError, ConflictError) as error:
        return page(visit, request, error)
    files = {"answer.pdf": given.pages, "answer.json": given.document, **given.pictures}
    return _file(zipped(files), f"{request.id}.zip", "application/zip")


@room.post("/requests/{request}/link", open_to=OFFICER)
def link(visit: Visit) -> Response:
    """Make a link with which whoever asks follows the request, to hand to them."""
    request = visit.ws.requests.show(visit.path("request"))
    token = visit.ws.requests.follow_link(request.id)
    return visit.page("request-link.html", request=request, link=f"{visit.site}/follow/{token}")


@room.get("/requests/{request}/certificate.json", open_to=OFFICERS)
def certificate(visit: Visit) -> Response:
    """The certificate of an erasure that is over."""
    name = visit.ws.requests.show(visit.path("request")).id
    text = json.dumps(visit.ws.certificates.show(name), indent=1)
    return _file(text.encode(), f"{name}-certificate.json")


@room.get("/requests/{request}/certificate.pdf", open_to=OFFICERS)
def certificate_page(visit: Visit) -> Response:
    """The certificate as a page to read, with itself attached."""
    name = visit.ws.requests.show(visit.path("request")).id
    document = json.dumps(visit.ws.certificates.show(name)).encode()
    pages = visit.ws.certificates.page(document, visit.ws.public_key)
    return _file(pages, f"{name}-certificate.pdf", "application/pdf")


def page(visit: Visit, request: Request, problem: VolentiError | None = None) -> Response:
    """The page of a request."""
    return visit.page("request.html", 400 if problem else 200, **facts(visit, request, problem))


def facts(visit: Visit, request: Request, problem: VolentiError | None) -> dict[str, object]:
    """What every page about a request says."""
    return {
        "request": request,
        "open": None if request.is_finished or request.names_nobody else opened(visit.ws, request),
        "steps": _steps(request),
        "is_answered": COURSES[request.kind] is ANSWERED,
        "ways": [each.value for each in Identified],
        "delays": [each.value for each in Delay],
        "grounds": GROUNDS[request.kind],
        "kept_for": KEPT_FOR,
        "certificate": _certificate(visit, request),
        "job": _job(visit, request),
        "problem": problem,
    }


def _job(visit: Visit, request: Request) -> Job | None:
    """The job that carries the request out, or failed to; None where there is none, or it is done."""
    found = (each for each in visit.ws.jobs.list() if each.arguments.get("request") == request.id)
    latest = next(found, None)
    return None if latest is None or latest.state is JobState.DONE else latest


def _steps(request: Request) -> list[tuple[str, bool]]:
    """The steps of its course, and whether each has been reached; one that was refused ends there."""
    course = STEPS[request.kind]
    if request.state in course:
        reached = course.index(request.state)
        return [(each, place <= reached) for place, each in enumerate(course)]
    if request.state == "waiting":
        return [(each, each not in ("certified", "done")) for each in course]
    return [("opened", True), (request.state, True)]


def _certificate(visit: Visit, request: Request) -> dict[str, object] | None:
    if request.kind != "erasure" or not request.is_certified:
        return None
    try:
        return dict(visit.ws.certificates.show(request.id))
    except NotFoundError:
        return None


def _decided(visit: Visit, decide: Callable[[str], Request]) -> Response:
    """Decide something about the request that the path names, and show it; with the reason where it can't."""
    request = visit.ws.requests.show(visit.path("request"))
    try:
        decide(request.id)
    except (UsageError, ConflictError) as error:
        return page(visit, request, error)
    return visit.go(f"/requests/{request.id}")


def _file(content: bytes, name: str, kind: str = "application/json") -> Response:
    """A file to save. name: it is made of an identifier, and of nothing that somebody typed."""
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
