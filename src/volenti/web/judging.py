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
#: How many pictures are looked at for the policy that was used last.
LOOKED_AT = 20


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
    said = _judged_by(visit, purpose)
    same = (each for each in visit.ws.jobs.list() if each.verb == "clear" and each.arguments == said)
    job = next((each for each in same if not each.is_over), None)
    job = job or visit.ws.jobs.start("clear", said, by=visit.user.id)
    return visit.go(f"/jobs/{job.id}")


def _judged_by(visit: Visit, purpose: str) -> dict[str, str]:
    """By what to judge: the policy that was used last for the purpose; at first the one that comes with it.

    What a policy of one's own decided, such as one that asks for two people, no other judges at a button. Any
    picture that was judged lately names it, because all are judged by the same.
    """
    latest = visit.ws.pictures.window(0, LOOKED_AT, states=("cleared", "held")).pictures
    decisions = (each for picture in latest for each in visit.ws.pictures.show(picture.id).decisions)
    used = max(
        (each for each in decisions if each.purpose == purpose), key=lambda each: each.at, default=None
    )
    return {"policy": used.policy} if used else {"purpose": purpose}
