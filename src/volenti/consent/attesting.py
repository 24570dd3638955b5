"""Attesting: a release gets an officer's attestation that it was signed on paper. Keeps nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

from volenti.consent.attestation import Attestation, Method, check_scan
from volenti.consent.document import Problem, require
from volenti.consent.signature import BOUND_ROLES, Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey


def attested(
    signed: SignedRelease,
    subject: Subject,
    scan: bytes,
    officer: SigningKey,
    now: datetime,
    *,
    signed_on: date | None = None,
    role: Role | None = None,
    method: Method = Method.ATTESTED,
) -> SignedRelease:
    """The release with the attestation that it was signed on the paper of which this is a scan.

    method: with WEB_CEREMONY it was signed on a page, and `scan` is the record of that.

    signed_on: the day that stands on the paper; by default the one that the release is dated. A release that
    isn't dated yet gets the beginning of that day, in UTC. role: who signed it; by default the guardian of
    whoever was a minor on that day, else the subject. The same paper twice changes nothing. Raises
    DocumentError that names what can't be.
    """
    if method is Method.ATTESTED:
        check_scan(scan)
    signed = signed.signable(subject)
    dated = signed.release.evidence.signed_at
    day = signed_on or (dated.date() if dated else None)
    if day is None:
        missing = (
            "is missing: say on which day the paper was signed, --signed-on DAY or the column signed_at."
        )
        require([Problem("evidence.signed_at", missing)])
        raise AssertionError("unreachable")
    usual = Role.GUARDIAN if subject.is_minor_on(day) else Role.SUBJECT
    faults = []
    if dated is not None and dated.date() != day:
        faults.append(Problem("evidence.signed_at", f"the release is dated another day than {day}."))
    if day > now.date():
        faults.append(Problem("evidence.signed_at", f"{day} is in the future."))
    if day < subject.birth_date:
        faults.append(Problem("evidence.signed_at", f"{day} is before the birth date on record."))
    if (role or usual) is not usual:
        faults.append(Problem("role", f"on {day} the {usual} had to sign: --role {usual}."))
    if usual is Role.GUARDIAN and subject.guardian is None:
        faults.append(
            Problem("subject.guardian", "no guardian of this minor is on record: name who signed for them.")
        )
    if officer.public in [subject.key_of(each) for each in BOUND_ROLES]:
        faults.append(Problem("key", "is their own key: an officer of yours attests with theirs."))
    require(faults)
    digest = sha256(scan)
    if any((each.role, each.scan) == (usual, digest) for each in signed.attestations):
        return signed
    at = dated or datetime.combine(day, time(), UTC)
    release = replace(signed.release, evidence=replace(signed.release.evidence, signed_at=at))
    document = replace(signed, release=release)
    plain = Attestation(usual, day, digest, now, officer.public, method=method)
    return replace(document, attestations=(*signed.attestations, plain.signed_by(officer, document.digest)))
