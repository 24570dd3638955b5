"""Jobs: what long work runs, what ran, and how far it is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response

from volenti.core.clock import moment, system_clock
from volenti.core.errors import RefusedError
from volenti.jobs.job import JobState
from volenti.users.user import UserRole
from volenti.web.room import OFFICER, OFFICERS, Room
from volenti.web.visit import Place, pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.jobs.job import Job
    from volenti.web.visit import Visit

#: Whoever has long work done, or sees to the machine that does it.
STAFF = OFFICERS | {UserRole.ENGINEER, UserRole.ADMIN}
#: What an engineer may stop: work on models, and no request of anybody's.
OF_MODELS = ("dataset cut", "train", "prove-forgetting", "audit", "backup create")
#: After how many milliseconds a browser asks again how far a job is.
RETRY_MS = 1000
#: How long a job waits before the page says that no worker is there.
_PATIENCE = timedelta(seconds=15)

room = Room(Place("/jobs", "Jobs", STAFF))


@room.get("/jobs", open_to=STAFF)
def show_all(visit: Visit) -> Response:
    """Show what runs and waits, and what ran."""
    found = visit.ws.jobs.list()
    under_way = [each for each in reversed(found) if not each.is_over]
    return visit.page(
        "jobs.html",
        under_way=under_way,
        over=[each for each in found if each.is_over],
        is_without_worker=_is_without_worker(under_way),
        names={each.id: each.name for each in visit.ws.users.list()},
    )


@room.get("/jobs/{job}", open_to=STAFF)
def show(visit: Visit) -> Response:
    """Show one job, how far it is, and what came of it."""
    job = visit.ws.jobs.show(visit.path("job"))
    names = {each.id: each.name for each in visit.ws.users.list()}
    return visit.page("job.html", job=job, names=names, may_stop=may_stop(visit, job))


@room.get("/jobs/{job}/events", open_to=STAFF)
def events(visit: Visit) -> Response:
    """How far a job is, as one server-sent event (HTML, section 9.2).

    The browser asks again after RETRY_MS, also where the server was started anew meanwhile. Once the job is
    over, the event says so, and the page's script asks no more.
    """
    job = visit.ws.jobs.show(visit.path("job"))
    html = pages(visit.words.language).get_template("job-bar.html").render(job=job, words=visit.words)
    said = json.dumps({"html": html, "over": job.is_over})
    return Response(f"retry: {RETRY_MS}\ndata: {said}\n\n", media_type="text/event-stream")


@room.post("/jobs/{job}/stop", open_to=STAFF)
def stop(visit: Visit) -> Response:
    """Stop a job; what was finished of it is kept."""
    job = visit.ws.jobs.show(visit.path("job"))
    if not may_stop(visit, job):
        raise RefusedError("This isn't yours to stop.", "Ask an officer.")
    visit.ws.jobs.stop(job.id)
    return visit.go(f"/jobs/{job.id}")


def may_stop(visit: Visit, job: Job) -> bool:
    """Whether who is signed in may stop a job."""
    roles = set(visit.user.roles if visit.user else ())
    return not job.is_over and (job.verb in OF_MODELS or not roles.isdisjoint(OFFICER | {UserRole.ADMIN}))


def _is_without_worker(under_way: Sequence[Job]) -> bool:
    """Whether a job waits, and nobody does any."""
    if not under_way or any(each.state is JobState.RUNNING for each in under_way):
        return False
    return system_clock() - moment(under_way[0].asked) > _PATIENCE
