"""What is on record of consent: it is read here, and changed in `service`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, tzinfo

from volenti.consent.coverage import Coverage, best_coverage, no_release, restricted, successor
from volenti.consent.document import Problem
from volenti.consent.erased import Erased, ErasedPeople
from volenti.consent.onrecord import ReleaseOnRecord, Standing
from volenti.consent.photoreading import PhotoReading
from volenti.consent.purpose import Grant, Use
from volenti.consent.records import ConsentRecords
from volenti.consent.reference import References
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State, StoredRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json
from volenti.core.clock import Clock
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.vault.owner import is_chosen


class ConsentReading(PhotoReading):
    """Reads subjects, their releases and their withdrawals, and what these cover. Changes nothing."""

    def __init__(
        self,
        records: ConsentRecords,
        references: References,
        erased: ErasedPeople,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """zone: in which days begin and end, for the terms of releases."""
        super().__init__(records, references)
        self._erased = erased
        self._clock = clock
        self._zone = zone

    @property
    def today(self) -> date:
        """The day that it is now where the controller is: days of terms are days there."""
        return self._clock().astimezone(self._zone).date()

    def erased(self, name: str, birth_date: date) -> Erased | None:
        """The erasure of somebody of this name and birth date; None where there was none."""
        return self._erased.find(name, birth_date)

    def canary_of(self, subject: str) -> str | None:
        """The random text that only a subject's record holds; None where there is no record."""
        return self._records.canary_of(subject)

    def said_by(self, subject: str) -> dict[str, list[Json]]:
        """What a subject signed and withdrew: documents under `release` and `withdrawal`."""
        return self._records.said_by(subject)

    def owners(self) -> set[str]:
        """Everybody of whom there is a record, whether it opens or not."""
        return self._records.owners()

    def subjects(self) -> Iterator[Subject]:
        """Everybody on record whose key exists, which is everybody who wasn't erased."""
        return self._records.subjects()

    def count_subjects(self) -> int:
        """How many people are on record."""
        return self._records.count_subjects()

    def subject(self, identifier: str) -> Subject:
        """The subject; raises NotFoundError if there is none, KeyDestroyedError if they were erased."""
        return self._records.subject(identifier)

    def release(self, release_id: str) -> SignedRelease:
        """The release with its signatures; raises NotFoundError if there is none."""
        return self._records.release(release_id).signed

    def releases(self, subject_id: str) -> list[SignedRelease]:
        """All of a subject's releases, withdrawn and unsigned ones too."""
        return [stored.signed for stored in self._records.releases(subject_id)]

    def stored(self, subject_id: str) -> list[StoredRelease]:
        """All of a subject's releases as they are kept, by identifier."""
        return self._records.releases(subject_id)

    def in_force(self, subject_id: str) -> list[SignedRelease]:
        """The subject's releases that are signed, hold, and weren't superseded or withdrawn."""
        stored = self._records.releases(subject_id)
        return [each.signed for each in stored if each.state is State.SIGNED]

    def on_record(self, release_id: str) -> ReleaseOnRecord:
        """A release with its subject, state and withdrawals; NotFoundError if there is none."""
        stored = self._records.release(release_id)
        subject = self.subject(stored.signed.release.subject)
        return self._on_record(stored, subject, self.withdrawals(subject.id))

    def all_on_record(self, subject: Subject) -> list[ReleaseOnRecord]:
        """Each of a subject's releases, as `on_record` gives one."""
        withdrawals = self.withdrawals(subject.id)
        stored = self._records.releases(subject.id)
        return [self._on_record(each, subject, withdrawals) for each in stored]

    def _on_record(
        self, stored: StoredRelease, subject: Subject, withdrawals: list[Withdrawal]
    ) -> ReleaseOnRecord:
        restricted = self._records.is_restricted(subject.id)
        return ReleaseOnRecord.of(stored, subject, withdrawals, self.today, restricted=restricted)

    def successor(self, release_id: str) -> SignedRelease | None:
        """The signed release that took this one's place, if one did."""
        signed = self.release(release_id)
        subject = self.subject(signed.release.subject)
        return successor(signed, subject, self.releases(subject.id))

    def verify(self, release_id: str) -> list[Problem]:
        """Everything wrong with a release's signatures, checked anew; empty where they hold."""
        signed = self.release(release_id)
        return signed.problems(self.subject(signed.release.subject))

    def state(self, release_id: str) -> State:
        """How far a release has got; for listing."""
        return self._records.release(release_id).state

    def standings(self, subject: Subject) -> dict[str, Standing]:
        """What each of a subject's releases amounts to today, by identifier."""
        return {each.id: each.today for each in self.all_on_record(subject)}

    def casts(self) -> dict[str, frozenset[str]]:
        """The subjects that have a release for each shoot, by the shoot's name."""
        return self._records.casts()

    def restricted(self) -> frozenset[str]:
        """Everybody the use of whose data is restricted."""
        return self._records.restricted()

    def withdrawals(self, subject_id: str) -> list[Withdrawal]:
        """All of a subject's withdrawals, oldest first."""
        return self._records.withdrawals(subject_id)

    @property
    def changes(self) -> int:
        """How often this process changed anything; quick to ask, and without the changes of others."""
        return self._records.changes

    @property
    def revision(self) -> str:
        """As long as this stays the same, so does what `coverage_for` says of everybody who isn't erased."""
        return self._records.revision

    def coverage_for(self, subject_id: str, use: Use) -> Coverage:
        """Whether any release of the subject covers the use now, or why not.

        An unknown or erased subject is an answer ("no-release"), not an error.
        """
        if self._records.is_restricted(subject_id):
            return restricted()
        return self.granted(subject_id, use)

    def granted(self, subject_id: str, use: Use) -> Coverage:
        """As `coverage_for`, without regard to restrictions: whether they said yes and haven't withdrawn."""
        if not is_chosen(subject_id):
            return no_release("The subject has an identifier that the workspace itself uses.")
        here = use if use.zone is self._zone else replace(use, zone=self._zone)
        try:
            subject, releases = self.subject(subject_id), self.releases(subject_id)
            return best_coverage(subject, releases, here, self.withdrawals(subject_id))
        except NotFoundError:
            return no_release("There is no such subject.")
        except KeyDestroyedError:
            return no_release("The subject was erased.")

    def begins(self, subject_id: str, use: Use) -> tuple[date, Coverage] | None:
        """The day after the use's on which a release of the subject's begins to cover it, and the answer
        then; None where there is no such day."""
        try:
            said = [each.release for each in self.releases(subject_id)]
        except (KeyDestroyedError, NotFoundError):
            return None
        for day in sorted({each.terms.valid_from for each in said if each.terms.valid_from > use.day}):
            answer = self.granted(subject_id, replace(use, day=day))
            if answer.covered:
                return day, answer
        return None

    def next_recognisable(self) -> date | None:
        """The first day after today from which on somebody may be recognised who mayn't be today."""
        days = []
        for subject in self.subjects():
            said = [each.release for each in self.releases(subject.id)]
            # Quick for nearly everybody: whose releases have all begun has none that begins.
            begins = any(each.terms.valid_from > self.today for each in said)
            if begins and not self.is_recognisable(subject.id):
                for place in {place for each in said for place in each.terms.territory}:
                    found = self.begins(subject.id, Use(Grant.BIOMETRIC_TEMPLATES, place, self.today))
                    days += [] if found is None else [found[0]]
        return min(days, default=None)

    def is_recognisable(self, subject_id: str) -> bool:
        """Whether a release grants face templates of the subject today, wherever; restrictions don't count.

        Templates are made and compared in the workspace alone, to find the subject's pictures. Where these
        may be used is asked of each use.
        """
        said = self.releases(subject_id)
        places = {place for signed in said for place in signed.release.terms.territory}
        uses = (Use(Grant.BIOMETRIC_TEMPLATES, place, self.today) for place in sorted(places))
        return any(self.granted(subject_id, use).covered for use in uses)

    def minds_shoots(self, subject_id: str) -> bool:
        """Whether what a subject said isn't the same for pictures of every shoot."""
        try:
            named = any(each.release.shoot.name for each in self.releases(subject_id))
            return named or any(each.shoot is not None for each in self.withdrawals(subject_id))
        except KeyDestroyedError:
            return False
