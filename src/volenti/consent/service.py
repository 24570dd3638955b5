"""Consent: enrolling subjects, having releases signed, withdrawing, and asking what is covered.

How a release comes about: `add_subject` records who they are and their public key, `issue`
writes the document, `sign` adds the signatures of those who hold a key (`import_signed`
takes a document signed elsewhere), `set_references` seals the photographs that the document
names. From then on `coverage_for` answers whether a use is covered, until `withdraw`. A signed
release never changes: `supersede` writes another that takes its place once it is signed.

Every step changes the register and the log together. Private keys that are given are used
and never kept. A withdrawal is told to listeners, which do what follows from it; nothing is
erased here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from volenti.consent.document import Problem, require
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reading import ConsentReading
from volenti.consent.recollection import Heard, hear
from volenti.consent.records import ConsentRecords, State, StoredRelease
from volenti.consent.reference import GivenPhoto, References
from volenti.consent.release import Release, SignedRelease
from volenti.consent.releasetext import evidence as standard_evidence
from volenti.consent.signature import Role
from volenti.consent.subject import Subject
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.consent.withdrawal import Listener, Listeners, Withdrawal
from volenti.core import identifiers
from volenti.core.clock import Clock
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, RefusedError
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


class Consent(ConsentReading):
    """Reads and changes what is on record of subjects, their releases and their withdrawals."""

    def __init__(
        self, records: Records, events: EventLog, vault: Vault, detector: FaceDetector, clock: Clock
    ) -> None:
        super().__init__(ConsentRecords(records, events), References(vault, detector))
        self._clock = clock
        self._listeners = Listeners()

    def together(self) -> AbstractContextManager[None]:
        """Keep all steps inside, under one checkpoint of the log, or none of them."""
        return self._records.together()

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
            if self._records.has_subject(subject.id):
                raise taken
            try:
                self._records.keep_subject(recorded, "subject-added")
            except KeyDestroyedError:
                raise taken from None
        return recorded

    def amend(self, subject: Subject) -> None:
        """Correct or complete what is on record of a subject.

        Raises ConflictError where a key on record would be replaced, because signatures are checked with
        it, and DocumentError where a new key is weak.
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
            self._records.keep_subject(amended, "subject-amended")
            self._records.keep_states(amended)

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
        if self._records.find_release(release.id) is not None:
            raise ConflictError("This release's identifier is taken.", "Choose another or leave it out.")
        stored = StoredRelease(SignedRelease(release), accepted=accepted or {})
        self._records.keep_release(stored, "release-issued")
        return release

    def supersede(self, release_id: str, **changes: Any) -> Release:
        """Write a release that takes this one's place, and says the same but for `changes`.

        changes: arguments of `issue`; without `evidence` among them, that is new. The old release
        covers what it covers until the new one is signed, and stays on record afterwards.
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
            stored = self._records.release(release_id)
            subject = self.subject(stored.signed.release.subject)
            if stored.state is State.WITHDRAWN:
                raise ConflictError("The release was withdrawn.", "Issue a new one.")
            if not subject.accepts(role, key.public):
                raise RefusedError(
                    f"This isn't the {role}'s key on record.",
                    f"Sign with the {role}'s own key; if there is none on record, amend the subject.",
                )
            signed = stored.signed.signable(subject).signed_by(key, role, self._now()).without_faulty(subject)
            adds = signed != stored.signed
            if adds:
                self._records.keep_signed(replace(stored, signed=signed), subject, "release-signed")
        if adds:
            _log.info("release signed", role=role.value)
        return signed

    def import_signed(
        self, signed: SignedRelease, photos: Sequence[GivenPhoto] = (), *, accept: bool = False
    ) -> list[Problem]:
        """Keep a release that was signed elsewhere; returns what is wrong with its signatures.

        Where they don't hold, the release is kept all the same and covers nothing. A signature that doesn't
        hold is left out where the others are enough, and changes nothing of what is on record. A draft of the
        same release is completed; a signed one stays as it is and gets the signatures that are new. The
        reference photographs are sealed unless there are problems. accept: whether doubtful photographs are
        taken. Raises NotFoundError without the subject, ConflictError if the identifier belongs to another
        document, IntegrityError if a photograph isn't one named, UsageError if one isn't sound.
        """
        release = signed.release
        for photo in photos:
            release.check_reference(photo.data)
        # Looked at before anything is written, and while others may write.
        self.check_photos(photos, release.subject, release.id, accept=accept)
        with self.together():
            subject = self.subject(release.subject)
            stored = self._records.find_release(release.id)
            ignored = signed.faults(subject)
            if stored is None:
                signed = signed.without_faulty(subject)
            else:
                signed = stored.signed.joined_by(signed, subject)
            if stored is None or stored.signed != signed:
                taken = StoredRelease(signed) if stored is None else replace(stored, signed=signed)
                self._records.keep_signed(taken, subject, "release-imported")
            if photos and self.state(release.id) is State.SIGNED:
                self.set_references(release.id, photos, accept=accept)
        return list(dict.fromkeys([*signed.problems(subject), *ignored]))

    def withdraw(
        self,
        subject_id: str,
        *,
        release_id: str | None = None,
        grant: Grant | None = None,
        shoot: str | None = None,
    ) -> Withdrawal:
        """Withdraw one release, one grant, one shoot, what these have in common, or everything.

        The withdrawal counts from this moment. What was signed stays on record beside it.
        Repeating a withdrawal that already reaches everything adds nothing, but calls the
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
            withdrawal = next((one for one in earlier if one.is_as_wide_as(new, reached)), new)
            if withdrawal is new:
                self._records.keep_withdrawal(new)
                self._records.keep_states(subject)
        of = "everything" if grant is None else grant.value
        _log.info("withdrawal recorded", of=of, releases=len(reached), repeated=withdrawal is not new)
        self._listeners.tell(withdrawal)
        return withdrawal

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
        heard = hear(self._records, theirs, has)
        if heard.unknown:
            _log.warning("use restricted of people without later records", subjects=len(heard.unknown))
        for withdrawal in heard.withdrawals:
            self._listeners.tell(withdrawal)
        return heard

    def set_references(
        self, release_id: str, photos: Sequence[GivenPhoto], *, accept: bool = False
    ) -> StoredRelease:
        """Seal reference photographs that a release names, each once; returns the release as it is kept.

        accept: whether doubtful ones are taken; that they were is recorded with the release. Raises
        UsageError if the release names none or one isn't sound, IntegrityError if one isn't named,
        RefusedError if the release doesn't hold today.
        """
        with self.together():
            stored = self._records.release(release_id)
            sealed = self._references.seal(stored, photos)
            subject = stored.signed.release.subject
            accepted = self.check_photos(photos, subject, release_id, accept=accept)
            kept = replace(stored, photos=sealed, accepted=accepted)
            if kept != stored:
                self._records.keep_release(kept, "reference-sealed")
            return kept

    def _check_own(self, subject: Subject, release_id: str | None) -> None:
        own = {each.release.id for each in self.releases(subject.id)}
        if release_id is not None and release_id not in own:
            raise NotFoundError("The subject has no such release.", "List the subject's releases.")

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)
