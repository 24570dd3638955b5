"""What certifying needs from outside: a typesetter for the page."""

from __future__ import annotations

from typing import Protocol

from volenti.erasure.certificatepage import CertificatePage


class CertificateTypesetter(Protocol):
    """Makes certificates that people can read and keep."""

    def certificate(self, page: CertificatePage, record: bytes) -> bytes:
        """The certificate as PDF/A-3, tagged, with `record`, the certificate itself, attached."""
        ...
