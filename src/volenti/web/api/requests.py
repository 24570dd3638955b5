"""Requests: what people ask for, by when, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from volenti.consent.purpose import Grant
from volenti.core.clock import system_clock
from volenti.core.errors import ConflictError, NotFoundError
from volenti.requests.identity import Identified
from volenti.users.apitoken import Scope
from volenti.web.api.operation import Call, Identifier, Noun, Paged, Reply, Text

if TYPE_CHECKING:
    from volenti.jobs.job import Job
    from volenti.requests.request import Request

noun = Noun("Requests", "What people ask for, by when, and what comes of it.")

Kind = Literal["erasure", "access", "portability", "withdrawal", "restriction", "objection"]


class RequestFacts(msgspec.Struct, frozen=True):
    """A request. `subject` is null once it names nobody any more; `next` are the commands that go on with it.

    `identified`: how it was made sure who asks; null where nobody did.
    """

    id: str
    kind: str
    subject: str | None
    state: str
    opened: str
    due: str
    overdue: bool
    finished: bool
    identified: str | None
    steps: tuple[str, ...]
    next: tuple[str, ...]


class RequestList(msgspec.Struct, frozen=True):
    """Some requests. `after` is where the next page begins; empty where there is none."""

    requests: tuple[RequestFacts, ...]
    after: str = ""


class NewRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What somebody asks for. `release`, `grant` and `shoot` say what a withdrawal is about."""

    kind: Kind
    subject: Identifier
    release: Identifier | None = None
    grant: Grant | None = None
    shoot: Text | None = None
    identity: Identified | None = None


class IdentityCheck(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How it was made sure who asks. `waived`: nobody made sure, and log, answer and certificate say so."""

    how: Identified


class ErasurePlan(msgspec.Struct, frozen=True):
    """What running an erasure would erase, train again and cost, in `plan`."""

    plan: dict[str, Any]


class RunWanted(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How a request is carried out. `overtake`: erase although another request of theirs isn't finished."""

    overtake: bool = False


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


class Certificate(msgspec.Struct, frozen=True):
    """The certificate of an erasure that is over, in `certificate`: anybody can check it offline."""

    certificate: dict[str, Any]


REQUEST: dict[str, Any] = {
    "id": "req_c7d2k3v5q2m7x4n6a2b5",
    "kind": "erasure",
    "subject": "sub_k3v5q2m7x4n6a2b5c7d2",
    "state": "opened",
    "opened": "2026-11-22T20:37:00Z",
    "due": "2026-12-22T20:37:00Z",
    "overdue": False,
    "finished": False,
    "identified": "document",
    "steps": ["identify"],
    "next": ["volenti request run req_c7d2k3v5q2m7x4n6a2b5"],
}

_JOB: dict[str, Any] = {
    "id": "job_m7x4n6a2b5c7d2k3v5q2",
    "state": "queued",
    "what": "",
    "percent": None,
    "failure": None,
}


@noun.get(
    "/requests",
    "listRequests",
    Scope.REQUESTS_READ,
    asks=Paged,
    gives=RequestList,
    example={"requests": [REQUEST], "after": ""},
)
def list_requests(call: Call) -> Reply:
    """List requests by identifier, those that are over too."""
    page = call.ws.requests.page(after=call.asked.after, count=call.asked.count)
    return Reply(RequestList(tuple(map(_facts, page.items)), page.after), after=page.after)


@noun.post(
    "/requests",
    "openRequest",
    Scope.REQUESTS_WRITE,
    takes=NewRequest,
    gives=RequestFacts,
    status=201,
    example=REQUEST,
    example_taken={"kind": "erasure", "subject": "sub_k3v5q2m7x4n6a2b5c7d2", "identity": "document"},
)
def open_request(call: Call) -> Reply:
    """Open a request. Nothing is done yet; it is due within 30 days.

    Where the person has one for the same that isn't finished, that one is answered.
    """
    said: NewRequest = call.taken
    opened = call.ws.requests.open(
        said.kind,
        said.subject,
        release=said.release,
        grant=said.grant,
        shoot=said.shoot,
        identity=said.identity,
    )
    return Reply(_facts(opened), (said.subject,), f"/requests/{opened.id}")


@noun.get("/requests/{request}", "showRequest", Scope.REQUESTS_READ, gives=RequestFacts, example=REQUEST)
def show_request(call: Call) -> Reply:
    """Show a request, and how far it has got."""
    return Reply(_facts(call.ws.requests.show(call.path("request"))))


@noun.post(
    "/requests/{request}/identify",
    "identifyRequest",
    Scope.REQUESTS_WRITE,
    takes=IdentityCheck,
    gives=RequestFacts,
    example=REQUEST,
    example_taken={"how": "document"},
)
def identify_request(call: Call) -> Reply:
    """Write down how it was made sure that who asks is who they say."""
    found = call.ws.requests.identify(call.path("request"), how=call.taken.how)
    return Reply(_facts(found), found.owners)


@noun.get(
    "/requests/{request}/plan",
    "planRequest",
    Scope.REQUESTS_READ,
    gives=ErasurePlan,
    example={"plan": {"request": REQUEST["id"], "items": 41, "bytes": 1_840_221, "seconds": 37.5}},
)
def plan_request(call: Call) -> Reply:
    """Say what running an erasure would erase and what it would cost. Changes nothing."""
    return Reply(ErasurePlan(call.ws.requests.plan(call.path("request")).to_json()))


@noun.post(
    "/requests/{request}/run",
    "runRequest",
    Scope.REQUESTS_RUN,
    takes=RunWanted,
    gives=JobFacts,
    status=202,
    example=_JOB,
    example_taken={"overtake": False},
)
def run_request(call: Call) -> Reply:
    """Have a request carried out, whatever its kind. Of an erasure there is no way back.

    It is put into the queue of jobs; `GET /jobs/{job}` says how far it is. 409 where nobody made sure who
    asks, the request asks for an answer, or it is over.
    """
    found = call.ws.requests.show(call.path("request"))
    found.check_identified()
    if found.id not in {each.id for each in call.ws.requests.due()}:
        said = f"{found.id}, for {found.kind}, is {found.state}: there is nothing to run."
        raise ConflictError(said, found.remedy)
    arguments = {"request": found.id, "overtake": call.taken.overtake}
    job = call.ws.jobs.start("request run", arguments, by=call.token.shown)
    return Reply(_job(job), place=f"/jobs/{job.id}")


@noun.get("/jobs/{job}", "showJob", Scope.REQUESTS_READ, gives=JobFacts, example=_JOB)
def show_job(call: Call) -> Reply:
    """Show how far a job is that carries out a request, and what came of it."""
    job = call.ws.jobs.show(call.path("job"))
    if job.verb != "request run":
        raise NotFoundError(f"No job {job.id!r} runs a request.", "Start one: POST /requests/{request}/run")
    return Reply(_job(job))


@noun.get(
    "/requests/{request}/certificate",
    "certificateOfRequest",
    Scope.REQUESTS_READ,
    gives=Certificate,
    example={"certificate": {"payloadType": "application/vnd.in-toto+json", "signatures": []}},
)
def certificate_of_request(call: Call) -> Reply:
    """Give the certificate of an erasure that is over, which anybody can check offline."""
    return Reply(Certificate(call.ws.certificates.show(call.path("request"))))


def _job(job: Job) -> JobFacts:
    failure = job.failure
    told = None if failure is None else JobFailure(failure.code, failure.message, failure.remedy)
    return JobFacts(job.id, job.state.value, job.what, job.percent, told)


def _facts(request: Request) -> RequestFacts:
    identified = request.history.identified
    return RequestFacts(
        request.id,
        request.kind,
        None if request.names_nobody or request.faces is not None else request.subject,
        request.state,
        request.opened,
        request.due,
        request.is_overdue(system_clock()),
        request.is_finished,
        None if identified is None else identified.how.value,
        request.steps,
        request.next_steps,
    )
