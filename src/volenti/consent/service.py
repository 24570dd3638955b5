"""Consent: enrolling subjects, having releases signed, withdrawing, and asking what is covered.

How a release comes about: `add_subject` records who they are and their public key, `issue`
writes the document, `sign` adds the signatures of those who hold a key (`import_signed`
takes a document signed elsewhere), `set_reference` seals the photograph that the document
names. From then on `coverage_for` answers whether a use is covered, until `withdraw`.

Every step changes the register and the transparency log together. Private keys are used
where they are given and never kept. Withdrawing tells the listeners; erasing is their
work, not done here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

from volenti.consent.coverage import Coverage, best_coverage, no_release
from volenti.consent.document import Problem
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.register import ConsentRegister, State, StoredRelease, state_of
from volenti.consent.release import Release, SignedRelease
from volenti.consent.releasetext import evidence as standard_evidence
from volenti.consent.signature import Role
from volenti.consent.subject import Subject
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.consent.withdrawal import Withdrawal
from volenti.core import identifiers
from volenti.core.clock import Clock
from volenti.core.errors import (
    ConflictError,
    KeyDestroyedError,
    NotFoundError,
    RefusedError,
)
from volenti.core.signing import SigningKey
from volenti.vault.blob import BlobRef
from volenti.vault.journal import Journal
from volenti.vault.records import Records
from volenti.vault.service import Vault

#: Called once a withdrawal is durable, and again when it is repeated: must be idempotent.
Listener = Callable[[Withdrawal], None]


class Consent:
    """Subjects, their releases and their withdrawals."""

    def __init__(self, records: Records, journal: Journal, vault: Vault, clock: Clock) -> None:
        self._register = ConsentRegister(records, journal)
        self._vault = vault
        self._clock = clock
        self._listeners: list[Listener] = []

    def together(self) -> AbstractContextManager[None]:
        """All steps inside are kept, under one checkpoint of the log, or none is."""
        return self._register.together()

    def on_withdrawal(self, listener: Listener) -> None:
        """Have `listener` called with every withdrawal from now on."""
        self._listeners.append(listener)

    def add_subject(self, subject: Subject) -> Subject:
        """Record a new subject; returns them with the time of recording.

        Raises ConflictError if the identifier is taken, also by somebody who was erased.
        """
        taken = ConflictError("This subject's identifier is taken.", "Choose another or leave it out.")
        recorded = replace(subject, created=self._now())
        with self.together():
            if self._register.has_subject(subject.id):
                raise taken
            try:
                self._register.keep_subject(recorded, "subject-added")
            except KeyDestroyedError:
                raise taken from None
        return recorded

    def amend(self, subject: Subject) -> None:
        """Correct or complete what is on record of a subject.

        Raises ConflictError where a key on record would be replaced: signatures are checked with it.
        """
        with self.together():
            before = self.subject(subject.id)
            for old, new in ((before, subject), (before.guardian, subject.guardian)):
                if old and old.public_key and (new is None or new.public_key != old.public_key):
                    raise ConflictError(
                        "A key on record can't be replaced: what was signed with it would be void.",
                        "Record the person as a new subject and have new releases signed.",
                    )
            amended = replace(subject, created=before.created)
            self._register.keep_subject(amended, "subject-amended")
            self._keep_states(amended, self._register.releases(subject.id))

    def subjects(self) -> Iterator[Subject]:
        """Everybody on record whose key exists; the others were erased."""
        return self._register.subjects()

    def subject(self, identifier: str) -> Subject:
        """Raises NotFoundError if there is none, KeyDestroyedError if they were erased."""
        return self._register.subject(identifier)

    def issue(
        self,
        subject_id: str,
        *,
        controller: str,
        shoot: Shoot,
        grants: Grants,
        terms: Terms,
        evidence: Evidence | None = None,
        identifier: str = "",
    ) -> Release:
        """Write a release for the subject to read and sign; it covers nothing before that.

        evidence: how it will be signed; without it, this project's own text, electronically.
        """
        subject = self.subject(subject_id)
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
        )
        if self._register.find_release(release.id) is not None:
            raise ConflictError("This release's identifier is taken.", "Choose another or leave it out.")
        self._register.keep_release(StoredRelease(SignedRelease(release)), "release-issued")
        return release

    def sign(self, release_id: str, key: SigningKey, role: Role = Role.SUBJECT) -> SignedRelease:
        """Add a signature; the first one dates the document. The same one twice changes nothing.

        Raises RefusedError where the key isn't the one on record for the role, ConflictError
        if the release was withdrawn.
        """
        with self.together():
            stored = self._register.release(release_id)
            subject = self.subject(stored.signed.release.subject)
            if stored.state is State.WITHDRAWN:
                raise ConflictError("The release was withdrawn.", "Issue a new one.")
            if not subject.accepts(role, key.public):
                raise RefusedError(
                    f"This isn't the {role}'s key on record.",
                    f"Sign with the {role}'s own key; if there is none on record, amend the subject.",
                )
            signed = stored.signed.signed_by(key, role, self._now())
            if signed != stored.signed:
                self._keep(replace(stored, signed=signed), subject, "release-signed")
            return signed

    def import_signed(self, signed: SignedRelease, reference: bytes | None = None) -> list[Problem]:
        """Take a release signed elsewhere; returns what is wrong with its signatures.

        It is kept even so, but then covers nothing. A draft of the same release is completed;
        what is here already stays as it is, with signatures that are new added. The reference
        photograph is sealed unless there are problems. Raises NotFoundError without the
        subject, ConflictError if the identifier belongs to another document, IntegrityError if
        the photograph isn't the one named.
        """
        release = signed.release
        if reference is not None:
            release.check_reference(reference)
        with self.together():
            subject = self.subject(release.subject)
            stored = self._register.find_release(release.id)
            if stored is not None:
                signed = stored.signed.completed_by(signed)
            if stored is None or stored.signed != signed:
                sealed = None if stored is None else stored.reference
                self._keep(StoredRelease(signed, reference=sealed), subject, "release-imported")
            if reference is not None and self.lacks_reference(release.id):
                self.set_reference(release.id, reference)
        return signed.problems(subject)

    def verify(self, release_id: str) -> list[Problem]:
        """Everything wrong with a release's signatures, checked anew; empty where they hold."""
        signed = self.release(release_id)
        return signed.problems(self.subject(signed.release.subject))

    def release(self, release_id: str) -> SignedRelease:
        """Raises NotFoundError if there is none."""
        return self._register.release(release_id).signed

    def state(self, release_id: str) -> State:
        """How far a release has got; for listing."""
        return self._register.release(release_id).state

    def releases(self, subject_id: str) -> list[SignedRelease]:
        """All of a subject's releases, withdrawn and unsigned ones too."""
        return [stored.signed for stored in self._register.releases(subject_id)]

    def withdraw(
        self, subject_id: str, *, release_id: str | None = None, grant: Grant | None = None
    ) -> Withdrawal:
        """Withdraw one release, one grant, one grant of one release, or (neither given) everything.

        Counts from this moment. What was signed stays on record beside the withdrawal.
        Repeating one that already reaches everything it could adds nothing, but tells the
        listeners again, so that what a crash kept from them is made up for.
        """
        with self.together():
            subject = self.subject(subject_id)
            stored = self._register.releases(subject.id)
            if release_id is not None and release_id not in {one.signed.release.id for one in stored}:
                raise NotFoundError("The subject has no such release.", "List the subject's releases.")
            new = Withdrawal(identifiers.new("wdr"), subject.id, self._now(), release_id, grant)
            earlier = self.withdrawals(subject.id)
            reached = [one.signed.release for one in stored if new.reaches(one.signed.release)]
            withdrawal = next((one for one in earlier if one.is_as_wide_as(new, reached)), new)
            if withdrawal is new:
                self._register.keep_withdrawal(new)
                self._keep_states(subject, stored)
        self._tell(withdrawal)
        return withdrawal

    def withdrawals(self, subject_id: str) -> list[Withdrawal]:
        """All of a subject's withdrawals, oldest first."""
        return self._register.withdrawals(subject_id)

    def coverage_for(self, subject_id: str, use: Use) -> Coverage:
        """Whether any release of the subject covers the use now, or why not.

        An unknown or erased subject is an answer ("no-release"), not an error.
        """
        try:
            subject, releases = self.subject(subject_id), self.releases(subject_id)
            return best_coverage(subject, releases, use, self.withdrawals(subject_id))
        except NotFoundError:
            return no_release("There is no such subject.")
        except KeyDestroyedError:
            return no_release("The subject was erased.")

    def set_reference(self, release_id: str, photo: bytes) -> BlobRef:
        """Seal the reference photograph named in a release, once.

        Raises UsageError if the release names none, IntegrityError if this isn't the one,
        RefusedError if the release doesn't hold today: what nobody allowed isn't kept.
        """
        with self.together():
            stored = self._register.release(release_id)
            stored.signed.release.check_reference(photo)
            if stored.reference is not None:
                return stored.reference
            subject = self.subject(stored.signed.release.subject)
            if state_of(stored.signed, subject, self.withdrawals(subject.id)) is not State.SIGNED:
                raise RefusedError("The release isn't signed, or not any more.", "Have it signed first.")
            reference = self._vault.put((subject.id,), "reference", photo)
            self._vault.flush()
            self._keep(replace(stored, reference=reference), subject, "reference-sealed")
            return reference

    def lacks_reference(self, release_id: str) -> bool:
        """Whether a signed release names a photograph that isn't here."""
        stored = self._register.release(release_id)
        named = stored.signed.release.shoot.reference
        return bool(named) and stored.reference is None and stored.state is State.SIGNED

    def reference(self, release_id: str) -> bytes | None:
        """The reference photograph of a release, if one was sealed."""
        reference = self._register.release(release_id).reference
        return None if reference is None else self._vault.open(reference)

    def _keep(self, stored: StoredRelease, subject: Subject, event: str) -> None:
        state = state_of(stored.signed, subject, self.withdrawals(subject.id))
        self._register.keep_release(replace(stored, state=state), event)

    def _keep_states(self, subject: Subject, stored: Iterable[StoredRelease]) -> None:
        withdrawals = self.withdrawals(subject.id)
        for one in stored:
            state = state_of(one.signed, subject, withdrawals)
            if state is not one.state:
                self._register.keep_release(replace(one, state=state))

    def _tell(self, withdrawal: Withdrawal) -> None:
        """Tell every listener, also when an earlier one fails; then raise the first failure."""
        failures: list[Exception] = []
        for listener in self._listeners:
            try:
                listener(withdrawal)
            except Exception as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)
