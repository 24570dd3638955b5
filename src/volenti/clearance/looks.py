"""Looks: which users looked at people's pictures, when and why, for those people to read.

A row says how many pictures a user saw, for one reason, within one hour. A look at one picture is the
picture's: the row goes with it, and belongs to everybody whom it shows. Of a grid there is one row a person
and hour, so that a page of two hundred small pictures isn't two hundred rows; the same holds of the reference
photographs by which somebody is recognised. While nobody is known in a
picture, the row lies under the key of its day in quarantine. The first look of each row is an event; events
name users by identifier alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from volenti.clearance.image import Image
from volenti.core.clock import Clock, stamp
from volenti.core.codec import ELSEWHERE, decoded, encoded
from volenti.core.digest import commitment, derive
from volenti.core.errors import IntegrityError, KeyDestroyedError
from volenti.core.shown import short_repr
from volenti.vault.event_log import Event
from volenti.vault.owner import people_among
from volenti.vault.records import Record

if TYPE_CHECKING:
    from volenti.vault.event_log import EventLog
    from volenti.vault.ports import Row
    from volenti.vault.records import Records

LOOK = "look"
#: Kind of the event of the first look.
LOOKED = "pictures-looked-at"


class Why(StrEnum):
    """For what a user looks at pictures."""

    GRID = "grid"
    PICTURE_PAGE = "picture-page"
    REVIEW = "review"
    REQUEST = "request"
    CORRECTION = "correction"
    #: Photographs by which somebody is recognised; they belong to that person and to no picture.
    REFERENCE = "reference"
    #: Another system shows or processes it: by an API token, which stands in place of a user.
    OTHER_SYSTEM = "other-system"


@dataclass(frozen=True, slots=True)
class Looker:
    """The user who looks: identifier, name and roles, as they are now."""

    user: str
    name: str
    roles: tuple[str, ...]

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Look:
    """That a user looked: `pictures` of them, for a reason, in the hour that begins at `at` (RFC 3339).

    `image` is the picture; empty for a grid and for reference photographs, of which only the number is kept.
    """

    user: str
    name: str
    roles: tuple[str, ...]
    why: Why
    at: str
    pictures: int = 0
    image: str = field(default="", metadata=ELSEWHERE)

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The look of a row."""
        return decoded(cls, record.body, image=record.parent)


class Looks:
    """Notes looks, and says who looked."""

    def __init__(self, records: Records, events: EventLog, clock: Clock, secret: bytes) -> None:
        """secret: the workspace's; rows are named with it, so that their names don't tell who looked."""
        self._records = records
        self._events = events
        self._clock = clock
        self._secret = derive(secret, "look-identifier")

    def note(self, images: Iterable[str], looker: Looker, why: Why) -> int:
        """Put on record that somebody looks at pictures, and return at how many.

        Pictures that aren't on record are left out.
        """
        seen = {name: owners for name in dict.fromkeys(images) if (owners := self._shown_in(name))}
        if not seen:
            return 0
        with self._records.transaction():
            if why is Why.GRID:
                counted = Counter(owner for owners in seen.values() for owner in owners)
                self._note(looker, why, [("", (owner,), count) for owner, count in sorted(counted.items())])
            else:
                self._note(looker, why, [(name, owners, 1) for name, owners in seen.items()])
        return len(seen)

    def note_reference(self, subject: str, looker: Looker) -> None:
        """Put on record that somebody looks at a reference photograph of a person's."""
        with self._records.transaction():
            self._note(looker, Why.REFERENCE, [("", (subject,), 1)])

    def of(self, subject: str) -> list[Look]:
        """Looks at somebody's pictures, the latest first."""
        return self._read(self._records.rows(LOOK, owner=subject))

    def at(self, image: str) -> list[Look]:
        """Looks at one picture, the latest first; those at a grid with it aren't known by picture."""
        return self._read(self._records.rows(LOOK, parent=image))

    def _read(self, rows: Iterator[Row]) -> list[Look]:
        looks = map(Look.read, self._records.opened_all(rows))
        return sorted(looks, key=lambda each: (each.at, each.user, each.why), reverse=True)

    def _shown_in(self, image: str) -> tuple[str, ...]:
        """Whom a look at a picture is about: who is in it or may be, or else whatever keeps it."""
        row = self._records.row("image", image)
        if row is None or (people := people_among(row.owners)):
            return () if row is None else people
        # Of one whose row is damaged nothing is shown but a drawing.
        with suppress(KeyDestroyedError, IntegrityError):
            known = Image.read(image, self._records.opened(row).body)
            return tuple(name for name in sorted(known.mentioned) if known.may_show(name)) or row.owners
        return ()

    def _note(self, looker: Looker, why: Why, seen: Sequence[tuple[str, tuple[str, ...], int]]) -> None:
        """seen: picture or nothing, owners, number of pictures."""
        hour = stamp(self._clock().replace(minute=0, second=0))
        digest = commitment(self._secret, f"{looker.user}\0{why}\0{hour}".encode()).hex()[:24]
        noted, events = [], []
        for image, owners, count in seen:
            name = f"{image or self._records.alias(owners[0])}/{digest}"
            known = self._records.get(LOOK, name)
            if known is None:
                look = Look(looker.user, looker.name, looker.roles, why, hour, image=image)
                said = {"user": looker.user, "why": str(why)}
                events.append(Event(LOOKED, said, owners, image))
            else:
                look, owners = Look.read(known), known.owners
            look = replace(look, pictures=look.pictures + count)
            noted.append(Record(LOOK, name, encoded(look), owners, parent=image))
        self._records.put_all(noted)
        self._events.record_all(events)


def looks_for(records: Records, image: str, owners: tuple[str, ...]) -> list[Record]:
    """Looks at a picture that none of these owners owns, as records of theirs, to be kept so."""
    return [
        replace(records.opened(each), owners=owners)
        for each in records.rows(LOOK, parent=image)
        if not set(owners) & set(each.owners)
    ]


def forget_looks(records: Records, *, image: str | None = None, owner: str | None = None) -> None:
    """Delete what is on record of looks at a picture, or of those that lie under an owner's key."""
    records.delete(LOOK, [row.id for row in records.rows(LOOK, parent=image, owner=owner)])
