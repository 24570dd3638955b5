"""What answering a person, and certifying, need from outside: somebody who sets a page."""

from __future__ import annotations

from typing import Protocol

from volenti.erasure.answerpage import AnswerPage
from volenti.erasure.certificatepage import CertificatePage


class AnswerTypesetter(Protocol):
    """Makes documents people can read and keep."""

    def answer(self, page: AnswerPage, record: bytes) -> bytes:
        """The answer as PDF/A-3, tagged for screen readers, with `record` (JSON) attached.

        The same arguments give the same bytes. Raises FontMissingError rather than leave a letter out.
        """
        ...


class CertificateTypesetter(Protocol):
    """Makes certificates people can read and keep."""

    def certificate(self, page: CertificatePage, record: bytes) -> bytes:
        """The certificate as PDF/A-3, tagged, with `record`, the certificate itself, attached."""
        ...
