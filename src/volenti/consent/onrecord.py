"""A release on record: the document with its subject, its state, and the withdrawals that reach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from volenti.consent.document import Problem
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reference import lacks_reference
from volenti.consent.release import Release
from volenti.consent.releasetext import render, render_notice
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State, StoredRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.shown import short_repr


class Standing(StrEnum):
    """What a release amounts to on a day."""

    DRAFT = "draft"
    DEFECTIVE = "defective"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    RESTRICTED = "restricted"
    BEGINS_LATER = "begins later"
    LACKS_REFERENCE = "lacks its photograph"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class ReleaseOnRecord:
    """A release as it is on record at the moment when this is made.

    `withdrawals` are those that reach it, for all its pictures or one shoot's, oldest first.
    `lacks_reference`: whether it is signed and names a photograph that isn't here. `today` is what it amounts
    to on the day when this is made: only where it is "signed" does anything follow from it. `accepted`: what
    was doubtful about reference photographs and accepted by whoever gave them, by the photograph's digest.
    """

    subject: Subject
    signed: SignedRelease
    state: State
    withdrawals: tuple[Withdrawal, ...] = ()
    lacks_reference: bool = False
    today: Standing = Standing.SIGNED
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the release."""
        return self.signed.release.id

    @classmethod
    def of(
        cls,
        stored: StoredRelease,
        subject: Subject,
        withdrawals: Iterable[Withdrawal],
        today: date,
        *,
        restricted: bool,
    ) -> ReleaseOnRecord:
        """A stored release of this subject, with those of the withdrawals that reach it.

        restricted: whether the use of what is theirs is restricted.
        """
        release = stored.signed.release
        reaching = tuple(each for each in withdrawals if each.reaches(release, each.shoot))
        lacks, term = lacks_reference(stored), (release.terms.valid_from, release.terms.valid_until)
        standing = standing_on(today, stored.state, term, restricted=restricted, lacks=lacks)
        return cls(subject, stored.signed, stored.state, reaching, lacks, standing, stored.accepted)

    @property
    def release(self) -> Release:
        """The document by itself."""
        return self.signed.release

    @property
    def is_in_force(self) -> bool:
        """Whether it is signed, holds, and wasn't superseded or withdrawn."""
        return self.state is State.SIGNED

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong with its signatures, checked now; for a draft, that nobody has signed."""
        return self.signed.problems(self.subject)

    @property
    def awaits(self) -> Role | None:
        """In which role somebody must still sign; None where nobody must."""
        return self.signed.awaits(self.subject)

    @property
    def method(self) -> str:
        """How it holds: signed, attested or web-ceremony (`attestation.Method`); empty where it doesn't."""
        return self.signed.method(self.subject) or ""

    def stands(self, grant: Grant) -> bool:
        """Whether this grant is a yes that wasn't withdrawn, or only for the pictures of some shoot."""
        wide = [each for each in self.withdrawals if each.grant in (None, grant) and each.shoot is None]
        return self.release.grants[grant] and not wide

    def left(self, shoot: str) -> Grants:
        """The grants that are a yes, without those that were taken back for pictures of a shoot.

        shoot: its name; empty for pictures of any shoot.
        """
        about = [each for each in self.withdrawals if not shoot or each.shoot in (None, shoot)]
        back = {one for each in about for one in self.release.grants.yes if each.grant in (None, one)}
        return Grants(self.release.grants.yes - back)

    def text(self) -> str:
        """The text that the subject reads and signs. Holds personal data.

        Raises NotFoundError where it was signed in a text that isn't one of this project's.
        """
        return render(self.release)

    def notice(self) -> str:
        """The notice that was shown with it: which biometric data is collected, why and for how long.

        Raises NotFoundError where it isn't one of this project's.
        """
        return render_notice(self.release)


def standing_on(
    today: date, state: State, term: tuple[date, date | None], *, restricted: bool, lacks: bool
) -> Standing:
    """What a release amounts to on a day.

    term: its first valid day, and its last one. restricted: whether the use of what is its subject's is.
    lacks: whether a photograph that it names isn't here.
    """
    first, last = term
    if state is not State.SIGNED:
        return Standing(state.value)
    if last is not None and last < today:
        return Standing.ENDED
    if restricted:
        return Standing.RESTRICTED
    if first > today:
        return Standing.BEGINS_LATER
    return Standing.LACKS_REFERENCE if lacks else Standing.SIGNED
