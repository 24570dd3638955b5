"""A release as it is kept: the document with its state, its reference photographs and its scanned papers.

The state is for listing: whether a release counts is always judged from its content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from volenti.consent.coverage import successor
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json
from volenti.core.codec import decoded, encoded
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record


class State(StrEnum):
    """How far a release has got."""

    DRAFT = "draft"
    SIGNED = "signed"
    DEFECTIVE = "defective"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


def state_of(
    signed: SignedRelease,
    subject: Subject,
    withdrawals: Iterable[Withdrawal],
    others: Iterable[SignedRelease] = (),
) -> State:
    """A release's state, which follows from its signatures, from withdrawals, and from its successor.

    others: the subject's other releases.
    """
    if any(one.grant is None and one.reaches(signed.release) for one in withdrawals):
        return State.WITHDRAWN
    if signed.awaits(subject) is not None:
        return State.DRAFT
    if signed.problems(subject):
        return State.DEFECTIVE
    return State.SUPERSEDED if successor(signed, subject, others) else State.SIGNED


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release as it is kept: the document, its state, its sealed reference photographs and scanned papers.

    `photos`: those that are sealed, by the digest that the document names. `accepted`: what was doubtful
    about photographs and accepted by whoever gave them, by digest: values of `Flaw`.
    """

    signed: SignedRelease
    state: State = State.DRAFT
    photos: Mapping[str, BlobRef] = field(default_factory=dict)
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scans: tuple[BlobRef, ...] = ()

    def inheriting(self, others: Iterable[StoredRelease]) -> StoredRelease:
        """This release with the sealed photographs of the one that it supersedes, those that both name."""
        old, named = self.signed.release.supersedes, self.signed.release.shoot.references
        before = next((each for each in others if each.signed.release.id == old), None)
        if before is None or self.state is not State.SIGNED:
            return self
        photos = {each: ref for each, ref in before.photos.items() if each in named} | dict(self.photos)
        accepted = {each: old for each, old in before.accepted.items() if each in named}
        return replace(self, photos=photos, accepted=accepted | dict(self.accepted))

    def to_body(self) -> Json:
        """The row's body: what earlier versions didn't have is there only where there is any."""
        first = self.photos.get(self.signed.release.shoot.reference)
        further = {each: ref for each, ref in self.photos.items() if ref is not first}
        body: Json = {"signed": self.signed.to_json(), "reference": None if first is None else encoded(first)}
        body |= {"further": encoded(further)} if further else {}
        body |= {"accepted": encoded(dict(self.accepted))} if self.accepted else {}
        return body | ({"scans": [encoded(each) for each in self.scans]} if self.scans else {})

    @classmethod
    def read(cls, record: Record) -> StoredRelease:
        """From its row."""
        body, signed = record.body, SignedRelease.from_json(record.body["signed"])
        photos = {each: decoded(BlobRef, ref) for each, ref in body.get("further", {}).items()}
        if body["reference"] is not None:
            photos = {signed.release.shoot.reference: decoded(BlobRef, body["reference"]), **photos}
        accepted = {each: tuple(flaws) for each, flaws in body.get("accepted", {}).items()}
        scans = tuple(decoded(BlobRef, each) for each in body.get("scans", ()))
        return cls(signed, State(record.state), photos, accepted, scans)
