"""Freezer: a request's first step. From then on nothing reads, serves or learns from the person."""

from __future__ import annotations

from contextlib import suppress

from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import NotFoundError
from volenti.requests.history import Withdrawn
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
            # An erasure takes everything back.
            about = request.withdrawal.withdrawn if request.kind == "withdrawal" else Withdrawn()
            self._consent.withdraw(
                request.subject, release_id=about.release_id, grant=about.grant, shoot=about.shoot
            )
            return
        for name in request.faces:
            # Dropped or decided since the request was opened: what is still there is claimed.
            with suppress(NotFoundError):
                self._quarantine.claim(name, request.subject)
