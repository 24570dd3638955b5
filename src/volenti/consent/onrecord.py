"""A release on record: the document with its subject, its state, and the withdrawals that reach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from volenti.consent.document import Problem
from volenti.consent.purpose import Grant
from volenti.consent.records import State, StoredRelease
from volenti.consent.reference import lacks_reference
from volenti.consent.release import Release, SignedRelease
from volenti.consent.releasetext import render, render_notice
from volenti.consent.signature import Role
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.shown import short_repr


@dataclass(frozen=True, slots=True)
class ReleaseOnRecord:
    """A release as it is on record at the moment when this is made.

    `withdrawals` are those that reach it, for all its pictures or one shoot's, oldest first.
    `lacks_reference`: whether it is signed and names a photograph that isn't here. `accepted`: what was
    doubtful about reference photographs and accepted by whoever gave them, by the photograph's digest.
    """

    subject: Subject
    signed: SignedRelease
    state: State
    withdrawals: tuple[Withdrawal, ...] = ()
    lacks_reference: bool = False
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the release."""
        return self.signed.release.id

    @classmethod
    def of(
        cls, stored: StoredRelease, subject: Subject, withdrawals: Iterable[Withdrawal]
    ) -> ReleaseOnRecord:
        """A stored release of this subject, with those of the withdrawals that reach it."""
        release = stored.signed.release
        reaching = tuple(each for each in withdrawals if each.reaches(release, each.shoot))
        lacks = lacks_reference(stored)
        return cls(subject, stored.signed, stored.state, reaching, lacks, stored.accepted)

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

    def stands(self, grant: Grant) -> bool:
        """Whether this grant is a yes that wasn't withdrawn, or only for the pictures of some shoot."""
        wide = [each for each in self.withdrawals if each.grant in (None, grant) and each.shoot is None]
        return self.release.grants[grant] and not wide

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
