"""Freezer: a request's first step. From then on nothing reads, serves or learns from the person."""

from __future__ import annotations

from contextlib import suppress

from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import NotFoundError
from volenti.erasure.request import Request


class Freezer:
    """Withdraws every release of the subject's, or claims the faces of somebody never enrolled."""

    def __init__(self, consent: Consent, quarantine: Quarantine) -> None:
        self._consent = consent
        self._quarantine = quarantine

    def freeze(self, request: Request) -> None:
        """Idempotent, like every step."""
        if request.faces is None:
            self._consent.withdraw(request.subject)
            return
        for name in request.faces:
            # Dropped or decided since the request was opened: what is still there is claimed.
            with suppress(NotFoundError):
                self._quarantine.claim(name, request.subject)
