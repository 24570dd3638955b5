"""Rows of an import that contradict each other: one person says yes and no to the same, about one shoot."""

from __future__ import annotations

from volenti.consent.document import Problem
from volenti.consent.purpose import Grant
from volenti.consent.signed_release import SignedRelease

#: Whose release it is, and which shoot it is about.
_About = tuple[object, ...]


class RowGrants:
    """Compares each row's unsigned release with those of earlier rows, for the same person and shoot.

    A signed one is what somebody signed, and is taken as it is. A release that takes another's place may say
    something else.
    """

    def __init__(self) -> None:
        self._rows: dict[_About, list[tuple[int, SignedRelease]]] = {}

    def against(self, row: int, given: SignedRelease) -> list[Problem]:
        """The faults of a row that says something else than an earlier one."""
        release = given.release
        if given.signatures:
            return []
        shoot = release.shoot
        rows = self._rows.setdefault((release.subject, shoot.name, shoot.first_day, shoot.last_day), [])
        found = []
        for earlier, other in rows:
            said = other.release
            if release.supersedes == said.id or said.supersedes == release.id:
                continue
            unlike = [each.value for each in Grant if release.grants[each] != said.grants[each]]
            if unlike:
                told = (
                    f"row {earlier} says something else of {', '.join(unlike)}, for the same person and "
                    "shoot. Correct one of the two rows, or leave one out."
                )
                found.append(Problem(f"release.grants.{unlike[0]}", told))
        rows.append((row, given))
        return found
