"""Log: what the transparency log says, in words, with what anybody needs to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from volenti.core.errors import NotFoundError
from volenti.users.user import UserRole
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

READERS = OFFICERS | {UserRole.ADMIN, UserRole.ENGINEER}
room = Room(Place("/log", "Log", READERS))
#: Entries on a page.
SHOWN = 50


@room.get("/log", open_to=READERS)
def log(visit: Visit) -> Response:
    """Show the newest entries, or those before a number, and the signed checkpoint."""
    before = visit.request.query_params.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 12 else None
    head = visit.ws.log.show(last=SHOWN, before=number)
    numbers = [each.number for each in head.entries]
    begin, end = (numbers[0], numbers[-1] + 1) if numbers else (0, 0)
    return visit.page("log.html", head=head, entries=head.entries[::-1], begin=begin, end=end)


@room.get("/log/checkpoint", open_to=READERS)
def checkpoint(visit: Visit) -> Response:
    """The signed checkpoint, to keep somewhere else."""
    return PlainTextResponse(visit.ws.log.show(last=0).checkpoint)


@room.get("/log/{entry}/proof", open_to=READERS)
def proof(visit: Visit) -> Response:
    """The proof that an entry is in the log (C2SP tlog-proof)."""
    number = visit.path("entry")
    if not number.isdecimal() or len(number) > 12:
        raise NotFoundError(f"There is no entry {number!r}.", "Choose one of the log's page.")
    return PlainTextResponse(visit.ws.log.prove(int(number)).proof)


@room.post("/log/verify", open_to=READERS)
def verify(visit: Visit) -> Response:
    """Recompute the whole log, and compare it with a checkpoint that was kept, where one was given."""
    # Browsers send line ends as CRLF (HTML, section 4.10.21.4); what was signed has none.
    kept = visit.said("checkpoint").replace("\r\n", "\n").strip()
    report = visit.ws.log.verify([kept + "\n"] if kept else [])
    return visit.page("log-verified.html", report=report)
