"""ReleaseEntry: the little of a release by which it is listed, found, and told to fall due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from volenti.consent.onrecord import Standing, standing_on
from volenti.consent.reference import lacks_reference
from volenti.consent.signature import Role
from volenti.consent.storedrelease import State, StoredRelease
from volenti.consent.subject import Subject


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """What a release is found by.

    `lacks`: whether a photograph that it names isn't here. `of_age`: where a guardian signed it, the day on
    which its subject signs for themselves.
    """

    id: str
    subject: str
    state: State
    shoot: str
    valid_from: date
    valid_until: date | None
    lacks: bool
    of_age: date | None

    def standing(self, today: date, *, restricted: bool) -> Standing:
        """What the release amounts to on a day."""
        return standing_on(
            today, self.state, (self.valid_from, self.valid_until), restricted=restricted, lacks=self.lacks
        )

    @classmethod
    def of(cls, stored: StoredRelease, subject: Subject) -> ReleaseEntry:
        """The entry of a stored release of this subject."""
        said, terms = stored.signed.release, stored.signed.release.terms
        by_guardian = stored.signed.signed_as(Role.GUARDIAN) and stored.signed.was_minor(subject)
        return cls(
            said.id,
            said.subject,
            stored.state,
            said.shoot.name,
            terms.valid_from,
            terms.valid_until,
            lacks_reference(stored),
            subject.comes_of_age if by_guardian else None,
        )
