"""Contradictions: two releases of one person that say different things of the same pictures.

Each release that covers a use suffices (`coverage`), so that a no in one means nothing beside a yes in
another. Whoever takes in a release asks here what it contradicts. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from volenti.consent.onrecord import ReleaseOnRecord
from volenti.consent.purpose import Grant
from volenti.consent.release import Release
from volenti.consent.territory import includes


@dataclass(frozen=True, slots=True)
class Said:
    """What a release says today: its document, and when which yes of it was taken back since."""

    release: Release
    taken_back: Mapping[Grant, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, known: ReleaseOnRecord) -> Said:
        """What a release on record says today. What was taken back for one shoot counts as taken back."""
        found: dict[Grant, datetime] = {}
        for each in known.withdrawals:
            found |= {one: each.at for one in known.release.grants.yes if each.grant in (None, one)}
        return cls(known.release, found)

    @property
    def yes(self) -> frozenset[Grant]:
        """The grants that are a yes today."""
        return self.release.grants.yes - self.taken_back.keys()

    @property
    def day(self) -> date:
        """The day on which it was signed; the last of all days where it wasn't yet."""
        at = self.release.evidence.signed_at
        return date.max if at is None else at.date()

    def brings_back(self, other: Said) -> list[str]:
        """The fields that say yes here, and were taken back from the other release after this was signed."""
        at, given = self.release.evidence.signed_at, self.release.grants
        back = (
            [] if at is None else [one for one, when in other.taken_back.items() if given[one] and at <= when]
        )
        return [f"grants.{one}" for one in Grant if one in back]

    def allows_less(self, other: Said, today: date) -> list[str]:
        """The fields by which this release allows less than the other, of what both are about."""
        return self._less(other, today) if are_about_one(self.release, other.release) else []

    def contradicts(self, other: Said, today: date) -> list[str]:
        """The fields in which what was signed last says less, and would be lost beside the other release.

        Of two that were signed on one day, each may be the last.
        """
        less = self.allows_less(other, today) if self.day >= other.day else []
        more = other.allows_less(self, today) if self.day <= other.day else []
        return list(dict.fromkeys([*less, *more]))

    def differs(self, other: Said, today: date) -> list[str]:
        """The fields in which one of the two allows less, whichever was signed last, and whatever for."""
        return list(dict.fromkeys([*self._less(other, today), *other._less(self, today)]))

    def _less(self, other: Said, today: date) -> list[str]:
        if not other.yes:
            return []
        mine, theirs = self.release.terms, other.release.terms
        found = [f"grants.{one}" for one in Grant if one in other.yes - self.yes]
        if not all(includes(mine.territory, place) for place in theirs.territory):
            found.append("terms.territory")
        if mine.valid_from > max(theirs.valid_from, today):
            found.append("terms.valid_from")
        if (mine.valid_until or date.max) < (theirs.valid_until or date.max):
            found.append("terms.valid_until")
        if theirs.sublicensing and not mine.sublicensing:
            found.append("terms.sublicensing")
        names = self.release.shoot.name, other.release.shoot.name
        if names[0] and not names[1] and are_of_one_shoot(self.release, other.release):
            found.append("shoot.name")
        return found


def are_about_one(one: Release, other: Release) -> bool:
    """Whether there may be a use of a picture that both are about, by the shoots and countries they name.

    A release that names no shoot is about all pictures.
    """
    places = one.terms.territory, other.terms.territory
    is_somewhere = any(includes(places[1], each) for each in places[0])
    is_somewhere |= any(includes(places[0], each) for each in places[1])
    return is_somewhere and _may_share_pictures(one, other)


def are_of_one_shoot(one: Release, other: Release, *, whenever: bool = False) -> bool:
    """Whether both are about the same shoot, which one of them may not name.

    whenever: whether their days don't matter, because both are known to be of one paper.
    """
    days = [(each.shoot.first_day, each.shoot.last_day) for each in (one, other)]
    return (whenever or days[0] == days[1]) and _may_share_pictures(one, other)


def _may_share_pictures(one: Release, other: Release) -> bool:
    names = {one.shoot.name, other.shoot.name}
    return len(names) == 1 or "" in names
