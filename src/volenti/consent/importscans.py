"""The scanned papers of an import's rows: each is attested, and is one person's."""

from __future__ import annotations

from volenti.consent.document import DocumentError, Problem, require
from volenti.consent.photofile import File, content_of
from volenti.consent.service import Consent
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey


class RowScans:
    """Attests each row's scanned paper, beside those of earlier rows; keeps nothing."""

    def __init__(self, consent: Consent, officer: SigningKey | None) -> None:
        self._consent = consent
        self._officer = officer
        self._subject_of: dict[str, str] = {}

    def digest(self, scan: File | None) -> str:
        """The SHA-256 of a row's paper; empty where it isn't attested, because no officer does."""
        return "" if scan is None or self._officer is None else sha256(content_of(scan))

    def attested(self, signed: SignedRelease, subject: Subject, scan: File | None) -> SignedRelease:
        """The release as it will be once the officer has attested its paper; as it is without one."""
        if scan is None or self._officer is None:
            return signed
        paper = content_of(scan)
        other = self._subject_of.setdefault(sha256(paper), subject.id)
        if other != subject.id:
            require([Problem("scan", "is another person's paper, too: give each their own.")])
        try:
            return self._consent.attested(signed, subject, paper, self._officer)
        except DocumentError as error:
            known = ("scan", "subject.guardian")
            faults = (each if each.field in known else each.under("release") for each in error.problems)
            raise DocumentError(faults) from None
