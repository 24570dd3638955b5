"""Freeze: the first step of a request. From then on nothing reads or serves what the request is about."""

from __future__ import annotations

from contextlib import suppress

from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import NotFoundError
from volenti.requests.history import Withdrawn
from volenti.requests.request import Request


def hold(request: Request, consent: Consent) -> None:
    """Restrict the use of the person's data: nothing reads or serves it; their face template stays.

    Calling it again changes nothing.
    """
    if request.faces is None:
        consent.restrict(request.subject)


def freeze(request: Request, consent: Consent, quarantine: Quarantine) -> None:
    """Withdraw what the request is about, or claim the faces of somebody who was never enrolled.

    Calling it again changes nothing.
    """
    if request.faces is None:
        if request.kind == "erasure":
            consent.remember_erased(request.subject, request.id)
        # An erasure takes everything back.
        about = request.withdrawal.withdrawn if request.kind == "withdrawal" else Withdrawn()
        consent.withdraw(request.subject, release_id=about.release_id, grant=about.grant, shoot=about.shoot)
        return
    for name in request.faces:
        # A picture may have been dropped or decided since the request was opened; the others are claimed.
        with suppress(NotFoundError):
            quarantine.claim(name, request.subject)
