"""Jobs: long work that another system asked for, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from volenti.core.errors import NotFoundError
from volenti.users.apitoken import Scope
from volenti.web.api.operation import Call, Noun, Reply

if TYPE_CHECKING:
    from volenti.jobs.job import Job

noun = Noun("Jobs", "Long work that carries requests out, and how far it is.")


class JobFailure(msgspec.Struct, frozen=True):
    """Why a job failed."""

    code: str
    message: str
    remedy: str


class JobFacts(msgspec.Struct, frozen=True):
    """A job that carries out a request: queued, running, done, failed or stopped.

    `percent` is how much of the step `what` is done, null where nobody knows.
    """

    id: str
    state: str
    what: str
    percent: int | None
    failure: JobFailure | None


JOB: dict[str, Any] = {
    "id": "job_m7x4n6a2b5c7d2k3v5q2",
    "state": "queued",
    "what": "",
    "percent": None,
    "failure": None,
}


@noun.get("/jobs/{job}", "showJob", Scope.REQUESTS_READ, gives=JobFacts, example=JOB)
def showjob_facts(call: Call) -> Reply:
    """Show how far a job is that carries out a request, and what came of it."""
    job = call.ws.jobs.show(call.path("job"))
    if job.verb != "request run":
        raise NotFoundError(f"No job {job.id!r} runs a request.", "Start one: POST /requests/{request}/run")
    return Reply(job_facts(job))


def job_facts(job: Job) -> JobFacts:
    """A job as the API says it."""
    failure = job.failure
    told = None if failure is None else JobFailure(failure.code, failure.message, failure.remedy)
    return JobFacts(job.id, job.state.value, job.what, job.percent, told)
