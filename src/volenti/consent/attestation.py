"""Attestations: the controller's signed word that a person signed a release on paper, or on a page.

Ink can't be checked here. What can be checked is who vouches for it: an officer of the controller signs a
statement that the paper, known by the SHA-256 of its scan, is this release and was signed by this person, or
their guardian, on a day. The scan is sealed under the person's key. A statement is about one document: where
a word of the document changes, it doesn't fit any more. Of a release that was signed on a page of the web
application (`signings`), the workspace itself attests, and the record of the signing lies where a scan lies.

An attestation counts only where it was made, never out of a file that is imported.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from volenti.consent.document import Fields, Problem, require
from volenti.consent.signature import Role
from volenti.core.canonical import Json, canonical
from volenti.core.clock import stamp
from volenti.core.signing import PublicKey, SigningKey

TYPE, VERSION = "volenti-attestation", 1
#: Largest scan taken, in bytes.
SCAN_BYTES_MAX = 64 * 2**20
#: How files begin that a scan may be: PDF, JPEG, PNG, TIFF.
_BEGINNINGS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")


class Method(StrEnum):
    """How it is known that somebody signed: by a signature with their own key, by an officer's attestation of
    a paper, or by the record of a signing on a page, which the workspace countersigned."""

    SIGNED = "signed"
    ATTESTED = "attested"
    WEB_CEREMONY = "web-ceremony"


@dataclass(frozen=True, slots=True)
class Attestation:
    """That somebody signed: as whom, on which day; the SHA-256 of scan or record; who says so, and when.

    `method`: on paper, or on a page; then `scan` is the record's digest and `officer` the workspace's key.
    """

    role: Role
    signed_on: date
    scan: str
    attested_at: datetime
    officer: PublicKey
    signature: bytes = b""
    method: Method = Method.ATTESTED

    @classmethod
    def read(cls, fields: Fields) -> Attestation:
        """From the fields of a JSON object; raises DocumentError that names every faulty one."""
        role, signed_on = fields.choice("role", Role), fields.day("signed_on")
        scan, attested_at = fields.text("scan"), fields.moment("attested_at")
        officer, signature = fields.key("officer"), fields.bytes64("signature")
        method = Method.ATTESTED
        if "method" in fields.names():
            method = fields.choice("method", Method)
            if method is not Method.WEB_CEREMONY:
                fields.note_fault("method", "is said only of what was signed on a page.")
        fields.finish()
        return cls(role, signed_on, scan, attested_at, officer, signature, method)

    def to_json(self) -> Json:
        """Every field as a JSON object; key and signature in base64."""
        return {**self._said(), "signature": base64.b64encode(self.signature).decode()}

    def statement(self, document: str) -> bytes:
        """What the officer signs. document: the SHA-256 of the release's signed bytes."""
        return canonical({"type": TYPE, "version": VERSION, "document": document, **self._said()})

    def fits(self, document: str) -> bool:
        """Whether the officer signed it, about the document with this SHA-256."""
        return self.officer.verifies(self.statement(document), self.signature)

    def signed_by(self, officer: SigningKey, document: str) -> Attestation:
        """This attestation with the officer's signature."""
        return replace(self, officer=officer.public, signature=officer.sign(self.statement(document)))

    def _said(self) -> Json:
        said: Json = {
            "role": self.role.value,
            "signed_on": self.signed_on.isoformat(),
            "scan": self.scan,
            "attested_at": stamp(self.attested_at),
            "officer": str(self.officer),
        }
        # Attestations of papers are written as they always were.
        return said if self.method is Method.ATTESTED else said | {"method": self.method.value}


def check_scan(scan: bytes, name: str = "scan") -> None:
    """Raise DocumentError unless the bytes may be a scanned paper: a PDF or a picture of bounded size."""
    if not scan.startswith(_BEGINNINGS):
        require([Problem(name, "is neither a PDF nor a picture (JPEG, PNG or TIFF).")])
    if len(scan) > SCAN_BYTES_MAX:
        require([Problem(name, f"is larger than {SCAN_BYTES_MAX} bytes.")])
