"""Consent: enrolling subjects, having releases signed, withdrawing, and asking what is covered.

How a release comes about: `add_subject` records who they are and their public key, `issue`
writes the document, `sign` adds the signatures of those who hold a key (`import_signed`
takes a document signed elsewhere), `set_reference` seals the photograph that the document
names. From then on `coverage_for` answers whether a use is covered, until `withdraw`. A signed
release never changes: `supersede` writes another that takes its place once it is signed.

Every step changes the register and the transparency log together. Private keys are used
where they are given and never kept. Withdrawing tells the listeners; erasing is their
work, not done here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from volenti.consent.coverage import Coverage, best_coverage, no_release, restricted, successor
from volenti.consent.document import Problem, require
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.recollection import Heard, hear
from volenti.consent.reference import References, lacks_reference
from volenti.consent.register import ConsentRegister, State, StoredRelease
from volenti.consent.release import Release, SignedRelease
from volenti.consent.releasetext import evidence as standard_evidence
from volenti.consent.signature import Role
from volenti.consent.subject import Subject
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.consent.withdrawal import Listener, Listeners, Withdrawal
from volenti.core import identifiers
from volenti.core.canonical import Json
from volenti.core.clock import Clock
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, RefusedError
from volenti.core.signing import SigningKey
from volenti.vault.blob import BlobRef
from volenti.vault.journal import Journal
from volenti.vault.owner import check_chosen, is_chosen
from volenti.vault.records import Records
from volenti.vault.service import Vault


class Consent:
    """Subjects, their releases and their withdrawals."""

    def __init__(self, records: Records, journal: Journal, vault: Vault, clock: Clock) -> None:
        self._register = ConsentRegister(records, journal)
        self._references = References(vault)
        self._clock = clock
        self._listeners = Listeners()

    def together(self) -> AbstractContextManager[None]:
        """All steps inside are kept, under one checkpoint of the log, or none is."""
        return self._register.together()

    def on_withdrawal(self, listener: Listener) -> None:
        """Have `listener` called with every withdrawal from now on."""
        self._listeners.add(listener)

    def add_subject(self, subject: Subject) -> Subject:
        """Record a new subject; returns them with the time of recording.

        Raises ConflictError if the identifier is taken, also by somebody who was erased, UsageError if it
        is one of the workspace's own.
        """
        check_chosen(subject.id)
        require(subject.weaknesses())
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
        DocumentError where a new one is nobody's.
        """
        require(subject.weaknesses())
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
            self._register.keep_states(amended)

    def canary_of(self, subject: str) -> str | None:
        """The random text that only a subject's record holds; None where there is no record."""
        return self._register.canary_of(subject)

    def said_by(self, subject: str) -> dict[str, list[Json]]:
        """What a subject signed and took back, as documents, by `release` and `withdrawal`."""
        return self._register.said_by(subject)

    def owners(self) -> set[str]:
        """Everybody of whom there is a record, whether it opens or not."""
        return self._register.owners()

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
        supersedes: str | None = None,
        identifier: str = "",
    ) -> Release:
        """Write a release for the subject to read and sign; it covers nothing before that.

        evidence: how it will be signed; without it, this project's own text, electronically.
        supersedes: which of the subject's releases it takes the place of from its signing on.
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
        if self._register.find_release(release.id) is not None:
            raise ConflictError("This release's identifier is taken.", "Choose another or leave it out.")
        self._register.keep_release(StoredRelease(SignedRelease(release)), "release-issued")
        return release

    def supersede(self, release_id: str, **changes: Any) -> Release:
        """Write a release that says what this one says but for `changes`, and takes its place.

        changes: the arguments of `issue`. The evidence is new unless it is among them; the old
        release covers what it covers until the new one is signed, and stays on record after.
        """
        old = self.release(release_id).release
        said = {name: getattr(old, name) for name in ("controller", "shoot", "grants", "terms")}
        return self.issue(old.subject, supersedes=old.id, **(said | changes))

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
            signed = stored.signed.signable(subject).signed_by(key, role, self._now()).settled(subject)
            if signed != stored.signed:
                self._register.keep_signed(replace(stored, signed=signed), subject, "release-signed")
            return signed

    def import_signed(self, signed: SignedRelease, reference: bytes | None = None) -> list[Problem]:
        """Take a release signed elsewhere; returns what is wrong with its signatures.

        It is kept even so, but then covers nothing. A signature that doesn't hold is left out where others
        are enough, and changes nothing of what is on record. A draft of the same release is completed;
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
            ignored = signed.faults(subject)
            signed = signed.settled(subject) if stored is None else stored.signed.joined_by(signed, subject)
            if stored is None or stored.signed != signed:
                sealed = None if stored is None else stored.reference
                taken = StoredRelease(signed, reference=sealed)
                self._register.keep_signed(taken, subject, "release-imported")
            if reference is not None and self.lacks_reference(release.id):
                self.set_reference(release.id, reference)
        return list(dict.fromkeys([*signed.problems(subject), *ignored]))

    def successor(self, release_id: str) -> SignedRelease | None:
        """The signed release that took this one's place, if one did."""
        signed = self.release(release_id)
        subject = self.subject(signed.release.subject)
        return successor(signed, subject, self.releases(subject.id))

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

    def states(self, subject_id: str) -> dict[str, State]:
        """How far each of a subject's releases has got, by identifier; for listing."""
        return self._register.states(subject_id)

    def casts(self) -> dict[str, frozenset[str]]:
        """Who has a release for which shoot, of the shoots that releases name."""
        return self._register.casts()

    def withdraw(
        self,
        subject_id: str,
        *,
        release_id: str | None = None,
        grant: Grant | None = None,
        shoot: str | None = None,
    ) -> Withdrawal:
        """Withdraw one release, one grant, one shoot, what these have in common, or everything.

        Counts from this moment. What was signed stays on record beside the withdrawal.
        Repeating one that already reaches everything it could adds nothing, but tells the
        listeners again, so that what a crash kept from them is made up for.
        """
        with self.together():
            subject = self.subject(subject_id)
            stored = self._register.releases(subject.id)
            self._check_own(subject, release_id)
            new = Withdrawal(identifiers.new("wdr"), subject.id, self._now(), release_id, grant, shoot)
            earlier = self.withdrawals(subject.id)
            reached = [one.signed.release for one in stored if new.reaches(one.signed.release, shoot)]
            if shoot is not None and not reached:
                raise NotFoundError(
                    "No signed release of theirs reaches a shoot of that name.",
                    "Look at its spelling: volenti release list --subject ID.",
                )
            withdrawal = next((one for one in earlier if one.is_as_wide_as(new, reached)), new)
            if withdrawal is new:
                self._register.keep_withdrawal(new)
                self._register.keep_states(subject)
        self._listeners.tell(withdrawal)
        return withdrawal

    def restrict(self, subject_id: str) -> None:
        """Have nothing of a subject's used until that is lifted; everything is kept (Art. 18 GDPR)."""
        self._register.keep_restriction(self.subject(subject_id).id, begins=True)

    def lift(self, subject_id: str) -> None:
        """End the restriction."""
        self._register.keep_restriction(self.subject(subject_id).id, begins=False)

    def restricted(self) -> frozenset[str]:
        """Whose data's use is restricted."""
        return self._register.restricted()

    def withdrawals(self, subject_id: str) -> list[Withdrawal]:
        """All of a subject's withdrawals, oldest first."""
        return self._register.withdrawals(subject_id)

    def taken_back(self, release_id: str) -> list[Withdrawal]:
        """Withdrawals that reach a release, for all its pictures or one shoot's, oldest first."""
        release = self.release(release_id).release
        return [each for each in self.withdrawals(release.subject) if each.reaches(release, each.shoot)]

    def in_force(self, subject_id: str) -> list[Release]:
        """The subject's releases that are signed, hold, and weren't superseded or withdrawn."""
        stored = self._register.releases(subject_id)
        return [each.signed.release for each in stored if each.state is State.SIGNED]

    def hear(self, said: Records | None, journal: Journal, has: Callable[[BlobRef], bool]) -> Heard:
        """Bring consent up to what a later copy of its records says (`recollection.hear`)."""
        theirs = None if said is None else ConsentRegister(said, journal)
        heard = hear(self._register, theirs, has)
        for withdrawal in heard.withdrawals:
            self._listeners.tell(withdrawal)
        return heard

    @property
    def changes(self) -> int:
        """How often this process has changed anything: costs nothing to ask, and misses other processes."""
        return self._register.changes

    @property
    def revision(self) -> str:
        """As long as it is the same, `coverage_for` answers the same of everybody who wasn't erased."""
        return self._register.revision

    def coverage_for(self, subject_id: str, use: Use) -> Coverage:
        """Whether any release of the subject covers the use now, or why not.

        An unknown or erased subject is an answer ("no-release"), not an error.
        """
        if self._register.is_restricted(subject_id):
            return restricted()
        return self.granted(subject_id, use)

    def granted(self, subject_id: str, use: Use) -> Coverage:
        """As `coverage_for`, as if nothing was restricted: whether they said yes and it stands."""
        if not is_chosen(subject_id):
            return no_release("The subject has an identifier that the workspace itself uses.")
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
        RefusedError if the release doesn't hold today.
        """
        with self.together():
            stored = self._register.release(release_id)
            reference = self._references.seal(stored, photo)
            if reference != stored.reference:
                self._register.keep_release(replace(stored, reference=reference), "reference-sealed")
            return reference

    def lacks_reference(self, release_id: str) -> bool:
        """Whether a signed release names a photograph that isn't here."""
        return lacks_reference(self._register.release(release_id))

    def reference(self, release_id: str) -> bytes | None:
        """The reference photograph of a release that holds, if one was sealed."""
        return self._references.open(self._register.release(release_id))

    def photo_of(self, subject_id: str) -> bytes | None:
        """A reference photograph of the subject, of whichever release has one."""
        photos = (self.reference(each.release.id) for each in self.releases(subject_id))
        return next((photo for photo in photos if photo is not None), None)

    def _check_own(self, subject: Subject, release_id: str | None) -> None:
        own = {each.release.id for each in self.releases(subject.id)}
        if release_id is not None and release_id not in own:
            raise NotFoundError("The subject has no such release.", "List the subject's releases.")

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)
