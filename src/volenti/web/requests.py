"""Requests: what people asked for, by when it is due, and opening one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.core.clock import moment
from volenti.core.errors import UsageError, VolentiError
from volenti.requests.course import KINDS
from volenti.web.headers import WITH_PICTURE_INSIDE
from volenti.web.inquiring import named
from volenti.web.room import OFFICER, OFFICERS, Body, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import UploadFile
    from starlette.responses import Response

    from volenti.requests.request import Request
    from volenti.web.visit import Visit
    from volenti.workspace.workspace import Workspace

room = Room(Place("/requests", "Requests", OFFICERS))
#: Finished requests on a page.
SHOWN = 50
#: A photograph of whoever asks, and the form around it.
PHOTOGRAPH = Body(24 << 20, max_files=1)


@dataclass(frozen=True, slots=True)
class Open:
    """A request that isn't finished: who asks, by name, and how much of its time is left."""

    request: Request
    name: str
    days_left: int
    #: The share of the time from opening to the deadline that is over, in per cent, from 0 to 100.
    spent: int
    is_late: bool


@room.get("/requests", open_to=OFFICERS)
def requests(visit: Visit) -> Response:
    """List what is open, the most urgent first, and what was finished, the latest first."""
    every = visit.ws.requests.list()
    unfinished = [each for each in every if not each.is_finished]
    finished = [each for each in reversed(every) if each.is_finished]
    page = max(1, _number(visit.request.query_params.get("page", "1")))
    return visit.page(
        "requests.html",
        open=sorted(_open(visit.ws, unfinished), key=lambda each: each.request.due),
        finished=finished[(page - 1) * SHOWN : page * SHOWN],
        number=page,
        is_more=len(finished) > page * SHOWN,
        count=len(finished),
    )


@room.get("/requests/new", open_to=OFFICER)
def ask(visit: Visit) -> Response:
    """Ask what is asked for, and by whom."""
    said = visit.request.query_params
    return _asked(visit, said.get("who", ""), said.get("kind", ""))


@room.post("/requests/new", open_to=OFFICER)
def open_one(visit: Visit) -> Response:
    """Open a request, or list the people who may be meant where it isn't clear who asks."""
    who, kind = visit.said("who").strip(), visit.said("kind")
    subject = visit.said("subject")
    try:
        if not subject:
            found = visit.ws.subjects.find(who)
            if len(found) != 1:
                return _asked(visit, who, kind, found=found)
            subject = found[0].id
        grant = visit.said("grant") if kind == "withdrawal" else ""
        opened = visit.ws.requests.open(kind, subject, grant=grant or None)
    except VolentiError as error:
        return _asked(visit, who, kind, problem=error)
    return visit.go(f"/requests/{opened.id}")


@room.post("/requests/look-for", open_to=OFFICER, body=PHOTOGRAPH)
def look_for(visit: Visit) -> Response:
    """Look for somebody who isn't known by a name, by a photograph that they brought along."""
    from volenti.perception.exhibit import size_of

    given = visit.form.get("photograph")
    try:
        if given is None or isinstance(given, str) or not given.size:
            raise UsageError("There is no photograph.", "Choose a picture that shows them alone.")
        photo = _bytes(given)
        found = visit.ws.requests.look_for(photo)
        sheet = visit.ws.requests.compare(photo, found) if found else b""
    except VolentiError as error:
        return _asked(visit, "", "erasure", problem=error)
    size = size_of(sheet) if sheet else None
    shown = visit.page("requests-found.html", found=named(visit, found), sheet=_inline(sheet), size=size)
    shown.headers["Content-Security-Policy"] = WITH_PICTURE_INSIDE
    return shown


@room.post("/requests/faces", open_to=OFFICER)
def open_for_faces(visit: Visit) -> Response:
    """Open the erasure of somebody who was never enrolled, for the faces that were chosen as theirs."""
    faces = [each for each in visit.form.getlist("face") if isinstance(each, str)]
    try:
        opened = visit.ws.requests.open("erasure", face=faces)
    except VolentiError as error:
        return _asked(visit, "", "erasure", problem=error)
    return visit.go(f"/requests/{opened.id}")


def _asked(
    visit: Visit,
    who: str,
    kind: str,
    *,
    found: Sequence[object] | None = None,
    problem: VolentiError | None = None,
) -> Response:
    return visit.page(
        "requests-new.html",
        400 if problem else 200,
        who=who,
        kind=kind,
        kinds=KINDS,
        grants=[each.value for each in Grant],
        found=found,
        problem=problem,
    )


def opened(ws: Workspace, request: Request) -> Open:
    """A request with the name of who asks and the time that is left."""
    return _open(ws, [request])[0]


def _open(ws: Workspace, requests: Sequence[Request]) -> list[Open]:
    now = datetime.now(UTC)
    names = ws.requests.names(requests)
    made = []
    for each in requests:
        begin, end = moment(each.opened), moment(each.due)
        spent = round(100 * ((now - begin) / (end - begin)))
        name = names.get(each.id, "")
        made.append(Open(each, name, each.days_left(now), min(100, max(0, spent)), each.is_overdue(now)))
    return made


def _bytes(given: UploadFile) -> bytes:
    return given.file.read()


def _inline(sheet: bytes) -> str:
    """A picture as a data address: it is shown once, and lies nowhere."""
    from base64 import b64encode

    return f"data:image/jpeg;base64,{b64encode(sheet).decode()}" if sheet else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 1
