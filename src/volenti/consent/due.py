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

from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject


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


def due(people: Iterable[tuple[Subject, Iterable[SignedRelease]]], today: date, days: int) -> list[Due]:
    """What falls due from today on within so many days, earliest first.

    people: everybody, each with those of their releases that are in force. A subject who came of
    age already is listed as long as a release that their guardian signed is in force.
    """
    found = [each for subject, releases in people for each in _due(subject, releases, today, days)]
    return sorted(found, key=lambda each: (each.day, each.subject, each.release))


def _due(subject: Subject, releases: Iterable[SignedRelease], today: date, days: int) -> Iterator[Due]:
    until = today + timedelta(days=days)
    for signed in releases:
        release = signed.release
        last_day = release.terms.valid_until
        if last_day is not None and last_day < today:
            continue
        if last_day is not None and last_day <= until:
            yield Due(last_day, DueEvent.ENDS, subject.id, release.id)
        by_guardian = signed.signed_as(Role.GUARDIAN) and signed.was_minor(subject)
        if by_guardian and subject.comes_of_age <= until:
            came = subject.comes_of_age <= today
            event = DueEvent.CAME_OF_AGE if came else DueEvent.COMES_OF_AGE
            yield Due(subject.comes_of_age, event, subject.id, release.id)
