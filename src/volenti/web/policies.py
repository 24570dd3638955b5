"""Policies: the rules that pictures are judged by, in plain words, and what another one would change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from volenti.clearance.looks import Why
from volenti.core.errors import NotFoundError, RefusedError, VolentiError
from volenti.perception.finding import TABLE
from volenti.web.pictures import note
from volenti.web.room import OFFICERS, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.clearance.policy import Policy
    from volenti.clearance.service import Change
    from volenti.web.visit import Visit

room = Room(Place("/policies", "Policies", OFFICERS))
#: At how many pictures a trial looks at most, and how many of each change are shown.
MOST, SHOWN = 2000, 24


@room.get("/policies", open_to=OFFICERS)
def everything(visit: Visit) -> Response:
    """Show the policies that come with the project, each in plain words."""
    return visit.page("policies.html", policies=visit.ws.policies.list())


@room.get("/policies/{policy}", open_to=OFFICERS)
def show(visit: Visit) -> Response:
    """Show one policy: what it does about each thing that is found, and its file."""
    policy = _known(visit)
    return _page(visit, policy, visit.ws.policies.show(visit.path("policy")))


@room.post("/policies/{policy}", open_to=OFFICERS)
def try_it(visit: Visit) -> Response:
    """Show which pictures would be decided differently by a policy as it is typed. Nothing is changed."""
    policy, text = _known(visit), visit.said("text").replace("\r\n", "\n")
    try:
        tried = visit.ws.policies.read(text)
        changes, waiting = visit.ws.changes(policy=tried, most=MOST)
    except RefusedError:
        raise
    except VolentiError as error:
        return _page(visit, policy, text, problem=error)
    judged = visit.ws.pictures.window(0, 1, states=("cleared", "held")).total
    tally = defaultdict(list)
    for each in changes:
        tally[each.before, each.after].append(each)
    found = [(*kind, len(some), _with_pictures(some)) for kind, some in sorted(tally.items(), key=_gravity)]
    note(visit, [each.image for *_, some in found for each in some], Why.GRID)
    return _page(visit, tried, text, changes=found, waiting=waiting, is_sample=judged > MOST)


def _known(visit: Visit) -> Policy:
    name = visit.path("policy")
    # By name alone: what is no policy of the project's is no file of this machine's, either.
    if name not in visit.ws.policies.list():
        raise NotFoundError("There is no such policy.", "Open the list of policies.")
    return visit.ws.policies.find(name)


def _gravity(item: tuple[tuple[str, str], list[Change]]) -> int:
    """What is cleared now comes first, because somebody may rely on it."""
    return ("cleared", "held", "").index(item[0][0]) if item[0][0] in ("cleared", "held", "") else 3


def _with_pictures(changes: list[Change]) -> list[Change]:
    # A file's name may say who is in it, and the page has no use for it.
    return [replace(each, file="") for each in changes[:SHOWN]]


def _page(
    visit: Visit,
    policy: Policy,
    text: str,
    *,
    problem: VolentiError | None = None,
    changes: list[Any] | None = None,
    waiting: int = 0,
    is_sample: bool = False,
) -> Response:
    verdicts = defaultdict(list)
    for code, kind in TABLE.items():
        if kind.verdict not in ("unreadable", "duplicate"):
            verdict = policy.verdict_on(code)
            verdicts[verdict].append((visit.words.finding(code), verdict != kind.verdict))
    facts: dict[str, Any] = {"name": visit.path("policy"), "policy": policy, "text": text}
    facts |= {"verdicts": dict(verdicts), "changes": changes, "waiting": waiting, "most": MOST}
    return visit.page(
        "policy.html", 400 if problem else 200, problem=problem, is_sample=is_sample, shown=SHOWN, **facts
    )
