"""Receipts: what a subject gets to keep, as JSON-LD for machines and as PDF for people.

A receipt is made from what is on record at that moment; the workspace keeps nothing about it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from volenti.consent.document import require
from volenti.consent.ports import Typesetter
from volenti.consent.receipt import receipt
from volenti.consent.receiptpage import ReceiptPage, receipt_page
from volenti.consent.receipttext import receipt_text
from volenti.consent.service import Consent
from volenti.consent.territory import faults_of_place
from volenti.consent.wording import LANGUAGES
from volenti.core.canonical import Json
from volenti.core.clock import Clock


class Receipts:
    """Makes receipts of releases, which their subjects keep."""

    def __init__(self, consent: Consent, typesetter: Typesetter, clock: Clock) -> None:
        self._consent = consent
        self._typesetter = typesetter
        self._clock = clock

    def record(
        self, release_id: str, *, recipients: Sequence[str] = (), storage_locations: Sequence[str] = ()
    ) -> Json:
        """The receipt as JSON-LD; see `receipt.receipt`.

        Raises NotFoundError if there is no such release, DocumentError for a place that isn't a country.
        """
        require(fault for place in storage_locations for fault in faults_of_place("--stored-in", place))
        signed = self._consent.release(release_id)
        return receipt(
            signed,
            self._consent.withdrawals(signed.release.subject),
            self._clock(),
            recipients=recipients,
            storage_locations=storage_locations,
            successor=self._consent.successor(release_id),
        )

    def pdf(
        self,
        release_id: str,
        language: str = "",
        *,
        recipients: Sequence[str] = (),
        storage_locations: Sequence[str] = (),
    ) -> bytes:
        """The receipt as PDF with the JSON-LD attached.

        language: one of LANGUAGES; without it the release's own, or English where it is in another.
        Raises as `record`, and UsageError for another language.
        """
        record = self.record(release_id, recipients=recipients, storage_locations=storage_locations)
        page = self._page(release_id, language)
        return self._typesetter.receipt(page, json.dumps(record, indent=1, ensure_ascii=False).encode())

    def text(self, release_id: str, language: str = "") -> str:
        """The receipt's page as plain text; language: as for `pdf`. Raises as `pdf` does."""
        return receipt_text(self._page(release_id, language))

    def _page(self, release_id: str, language: str) -> ReceiptPage:
        signed = self._consent.release(release_id)
        own = signed.release.evidence.language.partition("-")[0]
        subject = self._consent.subject(signed.release.subject)
        return receipt_page(
            signed,
            subject,
            self._consent.withdrawals(subject.id),
            self._clock(),
            language=language or (own if own in LANGUAGES else LANGUAGES[0]),
            successor=self._consent.successor(release_id),
        )
