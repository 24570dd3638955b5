"""Judging: pictures that wait are judged at a button, by the policy for a purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.core.errors import UsageError
from volenti.web.room import OFFICER, Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room()


def purposes(visit: Visit) -> tuple[str, ...]:
    """What pictures can be judged for by whoever visits, the usual purpose first; nothing where they may not.

    It is what the policies are for that come with the project.
    """
    if not visit.is_officers:
        return ()
    found = {str(each.purpose) for each in visit.ws.policies.list().values()}
    return tuple(sorted(found, key=lambda each: (each != Grant.GENERATIVE_TRAINING, each)))


@room.post("/pictures/judge", open_to=OFFICER)
def judge(visit: Visit) -> Response:
    """Have the pictures judged; where the same is under way already, show that."""
    assert visit.user is not None
    purpose = visit.said("purpose")
    if purpose not in purposes(visit):
        raise UsageError("There is no policy for this purpose.", "Choose one of those that are shown.")
    said = {"purpose": purpose}
    same = (each for each in visit.ws.jobs.list() if each.verb == "clear" and each.arguments == said)
    job = next((each for each in same if not each.is_over), None)
    job = job or visit.ws.jobs.start("clear", said, by=visit.user.id)
    return visit.go(f"/jobs/{job.id}")
