"""Former keys: what somebody signed with before, and an officer's word that the new key is theirs.

A key is replaced with a new ceremony: an officer of the controller makes sure who the person is, and signs
that the new key takes the old one's place. The old key goes on counting under the documents that were on
record with its signature at that moment, and under no other: whoever found it can't sign anything new, nor
anything that is dated back.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from volenti.consent.document import Fields, Problem, faults_of_text, require
from volenti.consent.signature import Role
from volenti.core.canonical import Json, canonical
from volenti.core.clock import stamp
from volenti.core.signing import PublicKey, SigningKey

TYPE, VERSION = "volenti-key-replacement", 1


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key that was replaced: as whom it signed, by which key, when and why, and who attests it.

    `documents`: the SHA-256 of each release that it had signed by then.
    """

    role: Role
    public_key: PublicKey
    replaced_by: PublicKey
    replaced_at: datetime
    reason: str
    documents: tuple[str, ...]
    officer: PublicKey
    signature: bytes = b""

    @classmethod
    def read(cls, fields: Fields) -> FormerKey:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        role = fields.choice("role", Role)
        key, by = fields.key("public_key"), fields.key("replaced_by")
        at, reason = fields.moment("replaced_at"), fields.text("reason")
        documents = fields.texts("documents")
        officer, signature = fields.key("officer"), fields.bytes64("signature")
        fields.finish()
        return cls(role, key, by, at, reason, documents, officer, signature)

    def to_json(self) -> Json:
        """Every field as a JSON object; keys and signature in base64."""
        return {**self._said(), "signature": base64.b64encode(self.signature).decode()}

    def statement(self, subject: str) -> bytes:
        """What the officer signs. subject: the identifier of the person on record."""
        return canonical({"type": TYPE, "version": VERSION, "subject": subject, **self._said()})

    def fits(self, subject: str) -> bool:
        """Whether the officer signed it, about this person."""
        return self.officer.verifies(self.statement(subject), self.signature)

    def counts_under(self, role: Role, document: str) -> bool:
        """Whether it had signed the document with this SHA-256, as `role`, when it was replaced."""
        return self.role is role and document in self.documents

    def _said(self) -> Json:
        return {
            "role": self.role.value,
            "public_key": str(self.public_key),
            "replaced_by": str(self.replaced_by),
            "replaced_at": stamp(self.replaced_at),
            "reason": self.reason,
            "documents": list(self.documents),
            "officer": str(self.officer),
        }


def replaced(
    subject: str,
    role: Role,
    old: PublicKey,
    new: PublicKey,
    documents: Iterable[str],
    *,
    at: datetime,
    reason: str,
    officer: SigningKey,
) -> FormerKey:
    """The old key as a former one, with the officer's signature.

    Raises DocumentError where there is no reason, or the officer's key is one of the two.
    """
    require(faults_of_text("reason", reason, blank=False))
    if officer.public in (old, new):
        require([Problem("officer_key", "is the person's own key: an officer of yours attests with theirs.")])
    plain = FormerKey(role, old, new, at, reason, tuple(sorted(documents)), officer.public)
    return FormerKey(
        role, old, new, at, reason, plain.documents, officer.public, officer.sign(plain.statement(subject))
    )
