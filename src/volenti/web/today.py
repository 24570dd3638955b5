"""Today: what blocks the next dataset, what is due, what runs, and whether what is kept is well."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from volenti.core.clock import moment, system_clock
from volenti.users.user import UserRole
from volenti.web.judging import purposes
from volenti.web.room import OFFICERS, SIGNED_IN, Room
from volenti.web.visit import Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit
    from volenti.workspace.overview import Overview

room = Room(Place("/", "Today", SIGNED_IN))
#: How far ahead what is due is shown, and how many things of it.
DAYS, DUE_MAX = 14, 12
#: After how long a backup and an audit count as old.
OLD = timedelta(days=7)
#: Where each thing that is due is dealt with, by its matter.
DUE_AT = {
    "request": "/requests",
    "inquiry": "/inquiries",
    "acknowledgement": "/recipients",
    "release-ends": "/releases",
    "of-age": "/people",
    "pictures-dropped": "/desk",
    "retention-ends": "/requests",
}
#: Findings that a person looks at in review; the others need something else first.
_REASONS_MAX = 6


@room.get("/", open_to=SIGNED_IN)
def today(visit: Visit) -> Response:
    """What there is to do today, for those who answer for it; a greeting for others."""
    roles = set(visit.user.roles if visit.user else ())
    if roles.isdisjoint(OFFICERS | {UserRole.ADMIN, UserRole.ENGINEER}):
        return visit.page("today-greeting.html")
    seen = visit.ws.today(DAYS)
    return visit.page(
        "today.html",
        seen=seen,
        answers_for_people=not roles.isdisjoint(OFFICERS),
        reasons=seen.pictures.reasons[:_REASONS_MAX],
        due=seen.due[:DUE_MAX],
        due_at=DUE_AT,
        purposes=purposes(visit) if seen.pictures.waiting else (),
        bar=_bar(seen),
        rooms={place.path for place in visit.places},
        is_backup_old=not seen.last_backup or _is_old(seen.last_backup),
        is_audit_old=seen.last_audit is None or _is_old(seen.last_audit.ended),
        is_audit_well=seen.last_audit is not None and seen.last_audit.figures.get("ok") is True,
    )


def _bar(seen: Overview) -> tuple[tuple[str, float, float], ...]:
    """Parts of a bar of 100, each by its name, where it begins and how long it is."""
    counts = (
        ("cleared", seen.pictures.cleared),
        ("held", seen.pictures.held),
        ("waiting", seen.pictures.waiting),
    )
    total = sum(count for _, count in counts)
    parts, at = [], 0.0
    for name, count in counts:
        # What there is can be seen, however little of it there is.
        width = max(1.0, 100 * count / total) if count else 0.0
        parts.append((name, at, min(width, 100 - at)))
        at += width
    return tuple(parts) if total else ()


def _is_old(when: str) -> bool:
    return system_clock() - moment(when) > OLD
