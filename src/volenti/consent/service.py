"""Consent: enrolling subjects, having releases signed, withdrawing, and asking what is covered.

How a release comes about: `add_subject` records who they are and their public key, `issue`
writes the document, `sign` adds the signatures of those who hold a key (`import_signed`
takes a document signed elsewhere), `set_references` seals the photographs that the document
names. From then on `coverage_for` answers whether a use is covered, until `withdraw`. A signed
release never changes: `supersede` writes another that takes its place once it is signed.

Every step changes the register and the log together. Private keys that are given are used
and never kept. Listeners are told whose consent changed, and do what follows from it; nothing is
erased here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from volenti.consent.document import Problem, require
from volenti.consent.erased import Erased, ErasedPeople
from volenti.consent.keychange import keys_replaced
from volenti.consent.listeners import Listener
from volenti.consent.purpose import Grant, Grants
from volenti.consent.recollection import Heard, hear
from volenti.consent.records import ConsentRecords
from volenti.consent.reference import References
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence as standard_evidence
from volenti.consent.signed_release import SignedRelease
from volenti.consent.signing import ConsentSigning
from volenti.consent.storedrelease import StoredRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.consent.withdrawal import Withdrawal
from volenti.core import identifiers
from volenti.core.clock import Clock
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, UsageError
from volenti.core.logs import Logger
from volenti.core.signing import SigningKey
from volenti.vault.blob import BlobRef
from volenti.vault.event_log import EventLog
from volenti.vault.owner import check_chosen
from volenti.vault.records import Records
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.perception.sight.faces import FaceDetector

_log = Logger(__name__)


class Consent(ConsentSigning):
    """Reads and changes what is on record of subjects, their releases and their withdrawals."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        vault: Vault,
        detector: FaceDetector,
        clock: Clock,
        zone: tzinfo = UTC,
    ) -> None:
        kept = ConsentRecords(records, events), References(vault, detector), ErasedPeople(records, vault)
        super().__init__(*kept, clock, zone)

    def on_change(self, listener: Listener) -> None:
        """Have `listener` called with whoever may have lost what was covered before, from now on."""
        self._records.listeners.add(listener)

    def add_subject(self, subject: Subject, *, after: Erased | None = None) -> Subject:
        """Record a new subject; returns them with the time of recording.

        after: the erasure of somebody of their name, if they agreed anew since; it is logged. Raises
        ConflictError if the identifier is taken, also by somebody who was erased, UsageError if it is one of
        the workspace's own.
        """
        check_chosen(subject.id)
        require([*subject.weaknesses(), *subject.impossible_dates(self.today)])
        taken = ConflictError("This subject's identifier is taken.", "Choose another or leave it out.")
        recorded = replace(subject, created=self._now())
        with self.together():
            if self._records.has_subject(subject.id):
                raise taken
            try:
                self._records.keep_subject(recorded, "subject-added")
                if after is not None:
                    self._records.tell_added_after(recorded.id, after.request)
            except KeyDestroyedError:
                raise taken from None
        return recorded

    def amend(self, subject: Subject, officer: SigningKey | None = None, reason: str = "") -> Subject:
        """Correct or complete what is on record of a subject; returns them as they are on record then.

        officer: the key of who attests, with the reason, that a key on record is replaced; what was signed
        with that stays valid. Raises ConflictError where a key would be replaced and there is no officer, and
        DocumentError where a new key is weak.
        """
        require(subject.weaknesses())
        with self.together():
            before = self.subject(subject.id)
            if subject.birth_date != before.birth_date:
                require([*subject.impossible_dates(self.today), *self._born_after_a_shoot(subject)])
            signed = self.releases(subject.id)
            former = keys_replaced(before, subject, signed, self._now(), officer, reason)
            if officer is not None:
                self._check_officer(officer, "officer_key")
            amended = replace(subject, created=before.created, former_keys=(*before.former_keys, *former))
            self._records.keep_subject(amended, "key-replaced" if former else "subject-amended")
            self._records.keep_states(amended)
        if former:
            _log.info("keys replaced", keys=len(former))
        return amended

    def issue(
        self,
        subject_id: str,
        *,
        controller: str,
        shoot: Shoot,
        grants: Grants,
        terms: Terms,
        evidence: Evidence | None = None,
        supersedes: str | None = None,
        identifier: str = "",
        accepted: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Release:
        """Write a release for the subject to read and sign; it covers nothing before that.

        evidence: how it will be signed; without it, electronically and in this project's own text.
        supersedes: the one of the subject's releases whose place it takes once it is signed. accepted: what
        `check_photos` returned of the photographs that it names.
        Raises NotFoundError where the subject has no such release.
        """
        subject = self.subject(subject_id)
        self._check_own(subject, supersedes)
        release = Release(
            identifier or identifiers.new("rel"),
            subject.id,
            subject.legal_name,
            subject.birth_date,
            controller,
            shoot,
            grants,
            terms,
            evidence or standard_evidence("electronic"),
            supersedes,
        )
        require(release.impossible_dates(self.today))
        if self._records.find_release(release.id) is not None:
            raise ConflictError("This release's identifier is taken.", "Choose another or leave it out.")
        stored = StoredRelease(SignedRelease(release), accepted=accepted or {})
        self._records.keep_release(stored, "release-issued")
        return release

    def supersede(self, release_id: str, **changes: Any) -> Release:
        """Write a release that takes this one's place, and says the same but for `changes`.

        changes: arguments of `issue`; without `evidence` among them, that is new, and without `grants` what
        was withdrawn since is a no. The old release covers what it covers until the new one is signed, and
        stays on record afterwards.
        """
        known = self.on_record(release_id)
        old = known.release
        said = {name: getattr(old, name) for name in ("controller", "shoot", "terms")}
        said["grants"] = known.left(old.shoot.name)
        return self.issue(old.subject, supersedes=old.id, **(said | changes))

    def withdraw(
        self,
        subject_id: str,
        *,
        release_id: str | None = None,
        grant: Grant | None = None,
        shoot: str | None = None,
    ) -> Withdrawal | None:
        """Withdraw one release, one grant, one shoot, what these have in common, or everything.

        The withdrawal counts from this moment. What was signed stays on record beside it. None where no
        release that it would reach says yes to the grant: nothing is recorded then.
        Repeating a withdrawal that already reaches everything adds nothing, but tells the
        listeners again, because a crash may have kept them from hearing of it.
        """
        with self.together():
            subject = self.subject(subject_id)
            stored = self._records.releases(subject.id)
            self._check_own(subject, release_id)
            new = Withdrawal(identifiers.new("wdr"), subject.id, self._now(), release_id, grant, shoot)
            earlier = self.withdrawals(subject.id)
            reached = [one.signed.release for one in stored if new.reaches(one.signed.release, shoot)]
            if shoot is not None and not reached:
                raise NotFoundError(
                    "No signed release of theirs reaches a shoot of that name.",
                    "Look at its spelling: volenti release list --subject ID.",
                )
            if grant is not None and not any(one.grants[grant] for one in reached):
                return None
            withdrawal = next((one for one in earlier if one.is_as_wide_as(new, reached)), new)
            if withdrawal is new:
                self._records.keep_withdrawal(new)
                self._records.keep_states(subject)
        of = "everything" if grant is None else grant.value
        _log.info("withdrawal recorded", of=of, releases=len(reached), repeated=withdrawal is not new)
        if withdrawal is not new:
            self._records.listeners.tell([subject.id])
        return withdrawal

    def distinguish(self, subject_id: str, other_id: str) -> None:
        """Put on record that two subjects are two people, whatever their names, photographs and faces say.

        Raises NotFoundError where one of them isn't on record, UsageError where both are one.
        """
        if subject_id == other_id:
            raise UsageError("Both identifiers are one person's.", "Name two people.")
        self._records.keep_two_people(self.subject(subject_id).id, self.subject(other_id).id)
        _log.info("two people told apart")

    def are_two_people(self, subject_id: str, other_id: str) -> bool:
        """Whether somebody put on record that the two are two people."""
        return self._records.are_two_people(subject_id, other_id)

    def remember_erased(self, subject_id: str, request: str) -> None:
        """Keep that a subject is erased, by a keyed digest of name and birth date; before their key goes."""
        subject = self.subject(subject_id)
        erased = Erased(self._now().date().isoformat(), request)
        self._erased.keep(subject.legal_name, subject.birth_date, erased)

    def restrict(self, subject_id: str) -> None:
        """Keep all data of a subject, and let none of it be used until this is lifted (Art. 18 GDPR)."""
        self._records.keep_restriction(self.subject(subject_id).id, begins=True)
        _log.info("use of somebody's data restricted")

    def lift(self, subject_id: str) -> None:
        """End the restriction of a subject's data."""
        self._records.keep_restriction(self.subject(subject_id).id, begins=False)
        _log.info("restriction of somebody's data lifted")

    def hear(self, said: Records | None, events: EventLog, has: Callable[[BlobRef], bool]) -> Heard:
        """Keep what a later copy of the records says and these don't (`recollection.hear`)."""
        theirs = None if said is None else ConsentRecords(said, events)
        if said is not None:
            self._erased.hear(said)
        heard = hear(self._records, theirs, has)
        if heard.unknown:
            _log.warning("use restricted of people without later records", subjects=len(heard.unknown))
        return heard

    def _born_after_a_shoot(self, subject: Subject) -> Iterator[Problem]:
        """The fault that a subject would have been born after a shoot that a release of theirs is for."""
        shoots = [each.release.shoot.first_day for each in self.releases(subject.id)]
        if any(day < subject.birth_date for day in shoots):
            yield Problem("birth_date", "is after a shoot that a release of theirs is for.")

    def _check_own(self, subject: Subject, release_id: str | None) -> None:
        own = {each.release.id for each in self.releases(subject.id)}
        if release_id is not None and release_id not in own:
            raise NotFoundError("The subject has no such release.", "List the subject's releases.")
