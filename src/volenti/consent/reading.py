"""What is on record of consent: it is read here, and changed in `service`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from volenti.consent.coverage import Coverage, best_coverage, no_release, restricted, successor
from volenti.consent.document import Problem
from volenti.consent.onrecord import ReleaseOnRecord
from volenti.consent.purpose import Use
from volenti.consent.records import ConsentRecords, State
from volenti.consent.reference import (
    COMPARED_MAX,
    Accepted,
    GivenPhoto,
    ReferenceOnRecord,
    References,
    accepting,
    here,
    lacks_reference,
)
from volenti.consent.release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.vault.owner import is_chosen

if TYPE_CHECKING:
    from volenti.perception.sight.reference import Flaw


class ConsentReading:
    """Reads subjects, their releases and their withdrawals, and what these cover. Changes nothing."""

    def __init__(self, records: ConsentRecords, references: References) -> None:
        self._records = records
        self._references = references

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

    def in_force(self, subject_id: str) -> list[SignedRelease]:
        """The subject's releases that are signed, hold, and weren't superseded or withdrawn."""
        stored = self._records.releases(subject_id)
        return [each.signed for each in stored if each.state is State.SIGNED]

    def on_record(self, release_id: str) -> ReleaseOnRecord:
        """A release with its subject, state and withdrawals; NotFoundError if there is none."""
        stored = self._records.release(release_id)
        subject = self.subject(stored.signed.release.subject)
        return ReleaseOnRecord.of(stored, subject, self.withdrawals(subject.id))

    def all_on_record(self, subject: Subject) -> list[ReleaseOnRecord]:
        """Each of a subject's releases, as `on_record` gives one."""
        withdrawals = self.withdrawals(subject.id)
        stored = self._records.releases(subject.id)
        return [ReleaseOnRecord.of(each, subject, withdrawals) for each in stored]

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

    def states(self, subject_id: str) -> dict[str, State]:
        """How far each of a subject's releases has got, by identifier; for listing."""
        return self._records.states(subject_id)

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
        try:
            subject, releases = self.subject(subject_id), self.releases(subject_id)
            return best_coverage(subject, releases, use, self.withdrawals(subject_id))
        except NotFoundError:
            return no_release("There is no such subject.")
        except KeyDestroyedError:
            return no_release("The subject was erased.")

    def lacks_reference(self, release_id: str) -> bool:
        """Whether a signed release names a photograph that isn't here."""
        return lacks_reference(self._records.release(release_id))

    def reference(self, release_id: str) -> bytes | None:
        """A release's first reference photograph; None where none was sealed or the release doesn't hold."""
        return next(iter(self.photos(release_id).values()), None)

    def photos(self, release_id: str) -> dict[str, bytes]:
        """A release's reference photographs that are here, by digest; none where it doesn't hold."""
        return self._references.open(self._records.release(release_id))

    def references(self, subject_id: str) -> list[ReferenceOnRecord]:
        """Every reference photograph of a subject that is here, of every release that holds."""
        return [
            ReferenceOnRecord(stored.signed.release.id, digest, sealed, stored.accepted.get(digest, ()))
            for stored in self._records.releases(subject_id)
            for digest, sealed in here(stored).items()
        ]

    def open_reference(self, reference: ReferenceOnRecord) -> bytes:
        """The bytes of a reference photograph."""
        return self._references.open_one(reference.sealed)

    def flaws_of(
        self,
        photos: Sequence[GivenPhoto],
        subject_id: str,
        release_id: str = "",
        beside: Sequence[bytes] = (),
    ) -> list[tuple[GivenPhoto, list[Flaw]]]:
        """Each photograph given for a subject's release with its flaws, but for those accepted before.

        They have to show the same face as those of the subject that are kept, and as those in `beside`.
        """
        if not photos:
            return []
        kept = [self.open_reference(each) for each in self.references(subject_id)[-COMPARED_MAX:]]
        return self._references.flaws(photos, [*kept, *beside], self._accepted(release_id))

    def check_photos(
        self, photos: Sequence[GivenPhoto], subject_id: str, release_id: str = "", *, accept: bool = False
    ) -> dict[str, tuple[str, ...]]:
        """What is doubtful about photographs of a subject's release and accepted, by the photograph's digest.

        release_id: the release, where it is on record: what was accepted of it before still is. accept:
        whether what is doubtful is accepted now. Raises UsageError that names every photograph that may not
        be kept, MissingModelError where photographs can't be looked at.
        """
        seen = self.flaws_of(photos, subject_id, release_id)
        return accepting(seen, self._accepted(release_id), accept=accept)

    def _accepted(self, release_id: str) -> Accepted:
        stored = self._records.find_release(release_id) if release_id else None
        return {} if stored is None else stored.accepted

    def photo_of(self, subject_id: str) -> bytes | None:
        """A reference photograph of the subject, from the first release that has one."""
        photos = (self.reference(each.release.id) for each in self.releases(subject_id))
        return next((photo for photo in photos if photo is not None), None)
