"""What certifying needs from outside: somebody who sets a page."""

from __future__ import annotations

from typing import Protocol

from volenti.erasure.certificatepage import CertificatePage


class CertificateTypesetter(Protocol):
    """Makes certificates people can read and keep."""

    def certificate(self, page: CertificatePage, record: bytes) -> bytes:
        """The certificate as PDF/A-3, tagged, with `record`, the certificate itself, attached."""
        ...
