"""Webhooks: which other systems are told what happens, and whether they take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import VolentiError
from volenti.web.room import Room
from volenti.web.tokens import ADMINS
from volenti.webhooks.webhook import Happened

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit
    from volenti.webhooks.webhook import Webhook

room = Room()


@room.get("/webhooks", open_to=ADMINS)
def show(visit: Visit) -> Response:
    """List the webhooks, how far each was told, and which are dead."""
    return _page(visit)


@room.post("/webhooks", open_to=ADMINS)
def add(visit: Visit) -> Response:
    """Add a webhook, and show what its receiver checks messages with."""
    kinds = [each for each in visit.form.getlist("kind") if isinstance(each, str)]
    try:
        added = visit.ws.webhooks.add(visit.said("address"), kinds=kinds)
    except VolentiError as error:
        return _page(visit, problem=error, chosen=kinds)
    return _page(visit, added=added)


@room.post("/webhooks/{webhook}/test", open_to=ADMINS)
def test(visit: Visit) -> Response:
    """Send a message that says nothing; a dead webhook that takes it is told again what happened."""
    try:
        tested = visit.ws.webhooks.test(visit.path("webhook"))
    except VolentiError as error:
        return _page(visit, problem=error)
    return _page(visit, tested=tested)


@room.post("/webhooks/{webhook}/remove", open_to=ADMINS)
def remove(visit: Visit) -> Response:
    """Remove a webhook; it is told nothing more."""
    visit.ws.webhooks.remove(visit.path("webhook"))
    return visit.go("/webhooks")


def _page(
    visit: Visit,
    *,
    added: Webhook | None = None,
    tested: Webhook | None = None,
    problem: VolentiError | None = None,
    chosen: list[str] | None = None,
) -> Response:
    return visit.page(
        "webhooks.html",
        400 if problem else 200,
        webhooks=visit.ws.webhooks.list(),
        kinds=[each.value for each in Happened],
        added=added,
        tested=tested,
        problem=problem,
        chosen=chosen if chosen is not None else [each.value for each in Happened],
        address=visit.said("address") if problem else "",
    )
