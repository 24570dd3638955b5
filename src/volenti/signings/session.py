"""SigningSession: one link by which people sign for one shoot, and what it asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self

from volenti.consent.document import Problem, faults_of_text, require
from volenti.consent.purpose import Grant
from volenti.consent.terms import Shoot
from volenti.consent.territory import faults_of_law, faults_of_territory
from volenti.consent.wording import LANGUAGES
from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.vault.records import Record

#: For how long a session is open at most, and how many people may sign by one link.
OPEN_MAX, PEOPLE_MAX = timedelta(days=31), 500
#: For how long what was signed on a device while the session was open is still taken.
LATE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class SigningSession:
    """One link by which people sign for one shoot. Raises DocumentError where a field can't be.

    `name`: the shoot's. `asks` are the grants that people are asked about; every other one is a no.
    `languages` are those that they may read in. `has_witness`: whether somebody else has to see it signed.
    `people`: how many may sign. `token` is what the link holds; the row's index has only its SHA-256.
    """

    id: str = field(metadata=ELSEWHERE)
    token: str = field(repr=False)
    name: str
    photographer: str
    first_day: date
    last_day: date
    controller: str
    law: str
    asks: tuple[Grant, ...]
    territory: tuple[str, ...]
    languages: tuple[str, ...]
    people: int
    opened: datetime
    until: datetime
    valid_until: date | None = None
    compensation: str = ""
    sublicensing: bool = False
    has_witness: bool = False
    closed: datetime | None = None

    __repr__ = short_repr

    def faults(self) -> list[Problem]:
        """What is wrong with a session that is to be opened."""
        found = [*faults_of_text("controller", self.controller, blank=False)]
        found += faults_of_text("shoot", self.name, blank=False)
        found += faults_of_text("photographer", self.photographer, blank=False)
        if self.name != self.name.strip():
            found.append(Problem("shoot", "begins or ends with a space."))
        if self.last_day < self.first_day:
            found.append(Problem("last_day", "is before the first day."))
        found += faults_of_law("law", self.law)
        found += faults_of_territory("territory", self.territory)
        if not self.asks:
            found.append(Problem("ask", "names no grant: say what people are asked about."))
        if not set(self.languages) <= set(LANGUAGES) or not self.languages:
            found.append(Problem("language", f"is none of: {', '.join(LANGUAGES)}."))
        if not 1 <= self.people <= PEOPLE_MAX:
            found.append(Problem("people", f"is a number from 1 to {PEOPLE_MAX}."))
        if not self.opened < self.until <= self.opened + OPEN_MAX:
            found.append(Problem("until", f"has to be within the next {OPEN_MAX.days} days."))
        if self.last_day > self.opened.date():
            found.append(Problem("last_day", "is in the future."))
        if self.valid_until is not None and self.valid_until < self.opened.date():
            found.append(Problem("valid_until", "is in the past."))
        return found

    def check(self) -> Self:
        """The session itself; raises DocumentError that names every field that can't be as given."""
        require(self.faults())
        return self

    def is_open_at(self, moment: datetime) -> bool:
        """Whether people may sign at that moment, as far as time goes."""
        return moment < self.until and (self.closed is None or moment < self.closed)

    @property
    def path(self) -> str:
        """The link without the application's address."""
        return f"/sign/{self.token}"

    @property
    def shoot(self) -> Shoot:
        """The shoot that releases are about."""
        return Shoot(self.photographer, self.first_day, self.last_day, name=self.name)

    @classmethod
    def read(cls, record: Record) -> Self:
        """The session of a row."""
        return decoded(cls, record.body, id=record.id)


def grants_in_order(names: Sequence[str]) -> tuple[Grant, ...]:
    """Grants by name, each once, in their usual order; UsageError where one isn't a grant."""
    unknown = [each for each in names if each not in set(Grant)]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no grant.", f"Choose among: {', '.join(Grant)}.")
    return tuple(each for each in Grant if each in names)
