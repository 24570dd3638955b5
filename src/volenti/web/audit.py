"""Audit: what the last one found, what each line means, and having one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.jobs.job import JobState
from volenti.web.jobs import STAFF
from volenti.web.room import Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room(Place("/audit", "Audit", STAFF))
#: How many problems are shown of each kind; the command line has all.
SHOWN_MAX = 200


@room.get("/audit", open_to=STAFF)
def show(visit: Visit) -> Response:
    """Show the last audit's report, and the one that runs."""
    audits = [each for each in visit.ws.jobs.list() if each.verb == "audit"]
    last = next((each for each in audits if each.state is JobState.DONE), None)
    said = [str(each) for each in last.figures.get("problems", ())] if last else []
    problems = {
        kind: [text.partition(": ")[2] for text in said if text.startswith(f"{kind}: ")][:SHOWN_MAX]
        for kind in ("residue", "lost", "wrong")
    }
    return visit.page(
        "audit.html",
        last=last,
        has_words=last is not None and "problems" in last.figures,
        problems=problems,
        under_way=[each for each in audits if not each.is_over],
        failed=audits[0] if audits and audits[0].state is JobState.FAILED else None,
    )


@room.post("/audit", open_to=STAFF)
def start(visit: Visit) -> Response:
    """Have an audit run; where one waits or runs already, that one has to do."""
    assert visit.user is not None
    jobs = visit.ws.jobs
    if not any(each.verb == "audit" and not each.is_over for each in jobs.list()):
        jobs.start("audit", {"deep": visit.said("deep") == "yes"}, by=visit.user.id)
    return visit.go("/audit")
