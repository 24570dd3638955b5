"""What falls due: releases that end soon, and minors who come of age.

On that day nothing changes but what `coverage` answers: a release that ends covers nothing from
the next day on. A guardian's yes doesn't lapse when the subject turns eighteen; it holds until
the subject withdraws it or signs a release of their own. This list tells the controller whom to
ask. Pure: the same releases on the same day give the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from volenti.consent.release_entry import ReleaseEntry
from volenti.consent.storedrelease import State


class DueEvent(StrEnum):
    """What happens on the day."""

    ENDS = "ends"
    COMES_OF_AGE = "comes-of-age"
    CAME_OF_AGE = "came-of-age"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that falls due: a release's last day, or its subject's eighteenth birthday."""

    day: date
    event: DueEvent
    subject: str
    release: str


def due(releases: Iterable[ReleaseEntry], today: date, days: int) -> list[Due]:
    """What falls due from today on within so many days, earliest first; only releases in force count.

    A subject who came of age already is listed as long as a release that their guardian signed is in force.
    """
    found = [event for each in releases if each.state is State.SIGNED for event in _due(each, today, days)]
    return sorted(found, key=lambda each: (each.day, each.subject, each.release))


def _due(release: ReleaseEntry, today: date, days: int) -> Iterator[Due]:
    until = today + timedelta(days=days)
    last_day, of_age = release.valid_until, release.of_age
    if last_day is not None and last_day < today:
        return
    if last_day is not None and last_day <= until:
        yield Due(last_day, DueEvent.ENDS, release.subject, release.id)
    if of_age is not None and of_age <= until:
        event = DueEvent.CAME_OF_AGE if of_age <= today else DueEvent.COMES_OF_AGE
        yield Due(of_age, event, release.subject, release.id)
