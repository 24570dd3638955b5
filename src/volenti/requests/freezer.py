"""Freezer: a request's first step. From then on nothing reads, serves or learns from the person."""

from __future__ import annotations

from contextlib import suppress

from volenti.clearance.quarantine import Quarantine
from volenti.consent.purpose import Grant
from volenti.consent.service import Consent
from volenti.core.errors import NotFoundError
from volenti.requests.request import Request


class Freezer:
    """Withdraws what a request is about, or claims the faces of somebody never enrolled."""

    def __init__(self, consent: Consent, quarantine: Quarantine) -> None:
        self._consent = consent
        self._quarantine = quarantine

    def hold(self, request: Request) -> None:
        """Have nothing of theirs read or served from here on; their template stays. Idempotent."""
        if request.faces is None:
            self._consent.restrict(request.subject)

    def freeze(self, request: Request) -> None:
        """Idempotent, like every step."""
        if request.faces is None:
            about = dict(request.notes.get("withdrawn", {}))
            if "grant" in about:
                about["grant"] = Grant(about["grant"])
            self._consent.withdraw(request.subject, **about)
            return
        for name in request.faces:
            # Dropped or decided since the request was opened: what is still there is claimed.
            with suppress(NotFoundError):
                self._quarantine.claim(name, request.subject)
