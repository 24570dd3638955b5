"""Erasing: what carrying a request out would do, the word that it is to be done, and the job that does it."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from volenti.core.errors import ConflictError, UsageError, VolentiError
from volenti.web.request import facts, page
from volenti.web.room import OFFICER, OFFICERS, Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.core.canonical import Json
    from volenti.erasure.plan import Plan
    from volenti.requests.request import Request
    from volenti.web.visit import Visit

room = Room()
#: How many characters of a request's identifier have to be typed before it erases somebody.
CODE = 4


@room.get("/requests/{request}/plan", open_to=OFFICERS)
def plan(visit: Visit) -> Response:
    """Show what an erasure would erase, what it costs, and who is told."""
    request = visit.ws.requests.show(visit.path("request"))
    return _planned(visit, request)


@room.get("/requests/{request}/run", open_to=OFFICERS)
def back(visit: Visit) -> Response:
    """Lead back to the plan whoever loads the page again on which something wasn't taken."""
    return visit.go(f"/requests/{visit.ws.requests.show(visit.path('request')).id}/plan")


@room.post("/requests/{request}/run", open_to=OFFICER)
def run(visit: Visit) -> Response:
    """Have a request carried out; of an erasure the end of its identifier has to be typed."""
    assert visit.user is not None
    request = visit.ws.requests.show(visit.path("request"))
    try:
        if visit.said("what") == "uphold":
            visit.ws.jobs.start("request uphold", {"request": request.id}, by=visit.user.id)
            return visit.go(f"/requests/{request.id}")
        if request.kind == "erasure":
            _check_code(request, visit.said("code"))
            _check_overtakes(visit, request)
        request.check_identified()
        said: Json = {"request": request.id}
        if visit.said("audit"):
            said["audit"] = True
        if visit.said("overtake"):
            said["overtake"] = True
        visit.ws.jobs.start("request run", said, by=visit.user.id)
    except VolentiError as error:
        return _planned(visit, request, error) if request.kind == "erasure" else page(visit, request, error)
    return visit.go(f"/requests/{request.id}")


def code_of(request: Request) -> str:
    """What has to be typed before a request erases somebody: the end of its identifier."""
    return request.id[-CODE:]


def _check_code(request: Request, typed: str) -> None:
    if not compare_digest(typed.strip().encode(), code_of(request).encode()):
        raise UsageError(
            "The characters aren't those of this request: nothing was erased.", f"Type {code_of(request)}"
        )


def _check_overtakes(visit: Visit, request: Request) -> None:
    """Refuse to erase over the person's other requests, unless that was ticked; a job would fail later."""
    if not visit.said("overtake") and visit.ws.requests.plan(request.id).overtakes:
        raise ConflictError(
            "Other requests of theirs aren't finished: nothing was erased.",
            "Carry them out first, or tick that you erase all the same.",
        )


def _planned(visit: Visit, request: Request, problem: VolentiError | None = None) -> Response:
    try:
        made = visit.ws.requests.plan(request.id)
    except VolentiError as error:
        return page(visit, request, problem or error)
    return visit.page(
        "request-plan.html",
        400 if problem else 200,
        plan=made,
        holders=_holders(made),
        slices=sum(len(each.slices) for each in made.prices),
        code=code_of(request),
        **facts(visit, request, problem),
    )


def _holders(made: Plan) -> list[tuple[str, int, int]]:
    """Each store that holds something of them, how many items, and bytes."""
    held: dict[str, tuple[int, int]] = {}
    for each in made.holdings:
        items, size = held.get(each.holder, (0, 0))
        held[each.holder] = items + each.items, size + each.bytes
    return [(name, *amounts) for name, amounts in held.items()]
