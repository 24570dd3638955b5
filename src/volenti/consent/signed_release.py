"""The signed release: a release with the signatures and attestations under it.

Whether a release covers a use is decided in `coverage`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from volenti.consent.attestation import Attestation, Method
from volenti.consent.document import Fields, Problem
from volenti.consent.release import Release
from volenti.consent.signature import BOUND_ROLES, NOBODY, Role, Signature, faults, sign
from volenti.consent.subject import Subject
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError
from volenti.core.shown import short_repr
from volenti.core.signing import SigningKey


@dataclass(frozen=True, slots=True)
class SignedRelease:
    """A release with the signatures under it, good or bad, and attestations of signed papers."""

    release: Release
    signatures: tuple[Signature, ...] = ()
    attestations: tuple[Attestation, ...] = ()

    __repr__ = short_repr

    @classmethod
    def from_json(cls, value: object) -> SignedRelease:
        """From `to_json`'s form; raises DocumentError that names every faulty field."""
        fields = Fields(value)
        release = fields.section("release", Release.read)
        signatures = fields.sections("signatures", Signature.read)
        attested = "attestations" in fields.names()
        attestations = fields.sections("attestations", Attestation.read) if attested else ()
        fields.finish()
        return cls(release, signatures, attestations)

    def to_json(self) -> Json:
        """The document under `release`, its signatures, and its attestations where there are any."""
        said: Json = {
            "release": self.release.to_json(),
            "signatures": [signature.to_json() for signature in self.signatures],
        }
        attestations = [each.to_json() for each in self.attestations]
        return said | {"attestations": attestations} if attestations else said

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that are signed."""
        return sha256(self.release.signed_bytes)

    @property
    def roles(self) -> tuple[Role, ...]:
        """As whom somebody has signed, here or on paper, whether that holds or not."""
        return (*(each.role for each in self.signatures), *(each.role for each in self.attestations))

    def signed_as(self, role: Role) -> bool:
        """Whether somebody has signed in this role, here or on paper, whether that holds or not."""
        return role in self.roles

    @property
    def is_bound(self) -> bool:
        """Whether the subject or a guardian has signed, whether the signature holds or not."""
        return any(map(self.signed_as, BOUND_ROLES))

    def was_minor(self, subject: Subject) -> bool:
        """Whether the subject was a minor when this was signed; True while it isn't dated."""
        signed_at = self.release.evidence.signed_at
        return signed_at is None or subject.is_minor_on(signed_at.date())

    def awaits(self, subject: Subject) -> Role | None:
        """In which role somebody must still sign: a minor's guardian, or an adult subject; or None."""
        role = Role.GUARDIAN if self.was_minor(subject) else Role.SUBJECT
        return None if self.signed_as(role) else role

    def problems(self, subject: Subject) -> list[Problem]:
        """Why the signatures don't hold for this subject; an empty list where they do.

        A minor needs no signature of their own; `coverage` checks that a guardian has signed.
        """
        release = self.release
        found = self.faults(subject) if self.roles else [Problem("signatures", NOBODY)]
        if release.subject != subject.id:
            found.append(Problem("subject", "the release is about somebody else."))
        if release.birth_date != subject.birth_date:
            found.append(Problem("birth_date", "differs from the subject's birth date on record."))
        if self.roles and release.evidence.signed_at is None:
            found.append(Problem("evidence.signed_at", "the release isn't dated."))
        if self.roles and self.awaits(subject) is Role.SUBJECT:
            found.append(Problem("signatures.subject", "the subject hasn't signed."))
        return found

    def faults(self, subject: Subject) -> list[Problem]:
        """What is wrong with each signature and attestation; an empty list also where there are none."""
        digest = self.digest if subject.former_keys or self.attestations else ""
        keys = {role: subject.keys_under(role, digest) for role in BOUND_ROLES}
        voided = [each for each in self.attestations if not each.fits(digest)]
        unfit = Problem("attestations", "doesn't fit the document: one of the two was changed.")
        return [*faults(self.release.to_json(), self.signatures, keys), *(unfit for _ in voided)]

    def sound(self, subject: Subject) -> SignedRelease:
        """This release with those of its signatures that hold."""
        good = (each for each in self.signatures if not SignedRelease(self.release, (each,)).faults(subject))
        fitting = (each for each in self.attestations if each.fits(self.digest))
        return SignedRelease(self.release, tuple(good), tuple(fitting))

    def without_faulty(self, subject: Subject) -> SignedRelease:
        """This release without the signatures that don't hold, where those that hold are enough.

        Anybody can add a signature that doesn't hold; it must not make the others worthless.
        """
        sound = self.sound(subject)
        return sound if sound.holds(subject) else self

    def signable(self, subject: Subject) -> SignedRelease:
        """This release as it is to be signed next: without signatures that don't hold, and, where none
        does, without their date."""
        sound = self.sound(subject)
        if self.roles and not sound.roles:
            undated = replace(self.release.evidence, signed_at=None)
            return SignedRelease(replace(self.release, evidence=undated))
        return sound

    def joined_by(self, given: SignedRelease, subject: Subject) -> SignedRelease:
        """This release, which is on record, with those signatures that `given` adds and that hold.

        Where no subject's or guardian's signature on record holds, and those in `given` do, `given` takes
        its place: a document that nobody signed must not keep out one that somebody did. Otherwise raises
        ConflictError as `completed_by`.
        """
        sound = given.sound(subject)
        if self.roles and not self.sound(subject).is_bound and sound.holds(subject):
            return sound
        unsigned = bool(given.signatures) and not sound.signatures
        joined = self.completed_by(sound if not unsigned else SignedRelease(given.release))
        return self.without_faulty(subject) if unsigned else joined.without_faulty(subject)

    def holds(self, subject: Subject) -> bool:
        """Whether everybody who must has signed, and every signature holds."""
        return not self.problems(subject) and self.awaits(subject) is None

    def method(self, subject: Subject) -> Method | None:
        """How everybody who must has signed: with their own keys or, where those aren't enough, on paper, or
        on a page."""
        if replace(self, attestations=()).holds(subject):
            return Method.SIGNED
        if not self.holds(subject):
            return None
        papers = tuple(each for each in self.attestations if each.method is Method.ATTESTED)
        on_paper = replace(self, attestations=papers).holds(subject)
        return Method.ATTESTED if on_paper else Method.WEB_CEREMONY

    def signed_by(self, key: SigningKey, role: Role, now: datetime) -> SignedRelease:
        """This release with one more signature, and with `now` as its date if it had none.

        A signature in the same role with the same key isn't added twice.
        """
        if any((given.role, given.public_key) == (role, key.public) for given in self.signatures):
            return self
        release = self.release
        if release.evidence.signed_at is None:
            release = replace(release, evidence=replace(release.evidence, signed_at=now))
        return replace(
            self, release=release, signatures=(*self.signatures, sign(release.to_json(), key, role))
        )

    def completed_by(self, given: SignedRelease) -> SignedRelease:
        """This release with what `given` adds: to a draft its date and method, and further signatures.

        Raises ConflictError if `given` is another document, or was signed with other evidence.
        """
        draft = None if self.roles else replace(self.release, evidence=given.release.evidence)
        if given.release not in (self.release, draft):
            raise ConflictError(
                "There is another document under this release's identifier.",
                "A signed release never changes; give the new one an identifier of its own.",
            )
        new = [signature for signature in given.signatures if signature not in self.signatures]
        return SignedRelease(given.release, (*self.signatures, *new), self.attestations)
