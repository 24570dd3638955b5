"""Signing: releases get the signatures of people, attestations of signed papers, and reference photographs.

Private keys that are given are used and never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from volenti.consent.attestation import Method
from volenti.consent.attesting import attested
from volenti.consent.document import Problem, require
from volenti.consent.reading import ConsentReading
from volenti.consent.reference import GivenPhoto
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.storedrelease import State, StoredRelease
from volenti.consent.subject import Subject
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, RefusedError
from volenti.core.logs import Logger
from volenti.core.signing import SigningKey

_log = Logger(__name__)


class ConsentSigning(ConsentReading):
    """Adds signatures, attestations and photographs to releases."""

    def together(self) -> AbstractContextManager[None]:
        """Keep all steps inside, under one checkpoint of the log, or none of them."""
        return self._records.together()

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

    def attested(
        self, signed: SignedRelease, subject: Subject, scan: bytes, officer: SigningKey, **given: Any
    ) -> SignedRelease:
        """The release with an officer's attestation, as `attesting.attested`, now; nothing is kept.

        Raises DocumentError also where the officer's key is or was the key of anybody on record, and where
        the paper is another person's.
        """
        done = attested(signed, subject, scan, officer, self._now(), **given)
        self._check_officer(officer, "key")
        for other in self.others_on_paper(sha256(scan), subject.id) if done != signed else ():
            told = f"is the paper of {other}, too: give each their own. If {other} didn't sign it, withdraw"
            require([Problem("scan", f"{told} their release: volenti release withdraw RELEASE.")])
        return done

    def attest(self, release_id: str, scan: bytes, officer: SigningKey, **given: Any) -> SignedRelease:
        """Keep a scanned paper and an officer's attestation that it was signed; the same twice adds nothing.

        given: `signed_on`, `role`, `method`, as `attesting.attested` takes them. Raises ConflictError if the
        release was withdrawn, DocumentError that names what can't be.
        """
        with self.together():
            stored = self._records.release(release_id)
            subject = self.subject(stored.signed.release.subject)
            if stored.state is State.WITHDRAWN:
                raise ConflictError("The release was withdrawn.", "Issue a new one.")
            signed = self.attested(stored.signed, subject, scan, officer, **given)
            if signed != stored.signed:
                scans = self._references.seal_scan(stored, scan)
                kept = replace(stored, signed=signed, scans=scans)
                by_page = given.get("method") is Method.WEB_CEREMONY
                event = "release-signed-on-page" if by_page else "release-attested"
                self._records.keep_signed(kept, subject, event)
                _log.info("release signed on a page" if by_page else "release attested")
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
        # An attestation counts only where it was made: anybody can write one into a file.
        signed = replace(signed, attestations=())
        for photo in photos:
            release.check_reference(photo.data)
        # Looked at before anything is written, and while others may write.
        accepted = self.check_photos(photos, release.subject, release.id, accept=accept)
        with self.together():
            subject = self.subject(release.subject)
            stored = self._records.find_release(release.id)
            ignored = signed.faults(subject)
            if stored is None:
                require(release.impossible_dates(self.today))
                signed = signed.without_faulty(subject)
            else:
                signed = stored.signed.joined_by(signed, subject)
            taken = replace(stored or StoredRelease(signed), signed=signed, accepted=accepted)
            if taken != stored:
                self._records.keep_signed(taken, subject, "release-imported")
            self.add_references(release.id, photos, accept=accept)
        return list(dict.fromkeys([*signed.problems(subject), *ignored]))

    def add_references(self, release_id: str, photos: Sequence[GivenPhoto], *, accept: bool = False) -> None:
        """Seal reference photographs as `set_references` does, where the release holds today."""
        if photos and self.state(release_id) is State.SIGNED:
            self.set_references(release_id, photos, accept=accept)

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

    def _check_officer(self, officer: SigningKey, field: str) -> None:
        """Refuse an officer's key that is or was a person's: who found a lost one could attest with it."""
        if self.is_somebodys(officer.public):
            require([Problem(field, "is or was the key of somebody on record: an officer has their own.")])

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)
