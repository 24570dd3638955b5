"""Pages of people and of releases: found in memory by the directory, and read anew for one page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.core.shown import short_repr, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.consent.release_entry import ReleaseEntry
    from volenti.wiring.parts import Parts
    from volenti.workspace.subject_records import SubjectOnRecord

#: How many a page has where nothing else is said, and at most.
COUNT, COUNT_MAX = 50, 500
#: What a release that holds today is listed under, too: it ends within so many days, or was signed by a
#: guardian for somebody who comes of age within these, or has come of age.
ENDS_SOON, OF_AGE, SOON_DAYS = "ends soon", "comes of age", 60


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the people who were found, by name, and how many were found in all."""

    people: tuple[SubjectOnRecord, ...]
    total: int
    page: int
    pages: int

    __repr__ = short_repr

    def _repr_html_(self) -> str:
        """What a notebook shows: how many there are, and nobody."""
        return table("People found", [("people", self.total)])


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """One page of the releases that were found, by their people's names.

    `totals`: how many there are by what they amount to today, whatever standing was asked for; those that
    are due soon are among the signed ones, too. `shoots`: the names of the shoots that releases name.
    """

    releases: tuple[ReleaseOnRecord, ...]
    total: int
    page: int
    pages: int
    totals: Mapping[str, int] = field(default_factory=dict)
    shoots: tuple[str, ...] = ()

    __repr__ = short_repr

    def _repr_html_(self) -> str:
        """What a notebook shows: how many there are, and nobody's."""
        return table("Releases", self.totals.items())


def cut(found: Sequence[str], count: int, page: int) -> tuple[list[str], int, int]:
    """The identifiers of one page, its number, and how many pages there are.

    A page after the last one is the last one. Raises UsageError where count or page can't be.
    """
    if not 1 <= count <= COUNT_MAX or page < 1:
        raise UsageError("There is no such page.", f"Pages begin with 1, and have 1 to {COUNT_MAX} lines.")
    pages = max(1, -(-len(found) // count))
    at = min(page, pages)
    return list(found[(at - 1) * count : at * count]), at, pages


def releases_page(
    parts: Parts, words: str, standing: str | None, shoot: str | None, count: int, page: int
) -> ReleasePage:
    """A page of releases (`Releases.browse`)."""
    consent, today = parts.consent, parts.consent.today
    restricted, soon = consent.restricted(), today + timedelta(days=SOON_DAYS)

    def standings(each: ReleaseEntry) -> tuple[str, ...]:
        now = each.standing(today, restricted=each.subject in restricted).value
        if now != "signed":
            return (now,)
        due = {ENDS_SOON: each.valid_until, OF_AGE: each.of_age}
        return (now, *(what for what, until in due.items() if until is not None and until <= soon))

    every = parts.directory.releases(parts.records, consent, words)
    shoots = tuple(sorted({each.shoot for each in every if each.shoot}))
    there = [(each, standings(each)) for each in every if shoot in (None, each.shoot)]
    totals = Counter(one for _, now in there for one in now)
    found = [each.id for each, now in there if standing is None or standing in now]
    names, at, pages = cut(found, count, page)
    shown = tuple(consent.on_record(each) for each in names)
    return ReleasePage(shown, len(found), at, pages, dict(totals), shoots)
