"""What is due, with the workspace's own second copy among it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.requests.deadlines import Deadline, Matter

if TYPE_CHECKING:
    from volenti.wiring.parts import Parts


def due(parts: Parts, days: int) -> list[Deadline]:
    """What is due within so many days; first a mirror that is behind, which is due now.

    What a term that ended leaves to be called back is called back first, as by `feed list`.
    """
    parts.recalls.call_back_all()
    found = parts.deadlines.due(days)
    lag = parts.adapters.catch_up()
    if lag is not None:
        now = parts.consent.today
        behind = parts.deadlines.deadline(
            now, Matter.MIRROR, "mirror", lag.message, lag.remedy, is_overdue=True
        )
        found.insert(0, behind)
    return found
