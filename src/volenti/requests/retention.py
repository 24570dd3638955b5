"""Retention: the least that a law demands to keep of an erased person.

It is never a picture, a template or anything that learned from them: only what they signed and withdrew,
which shows that the use until then was allowed. It is sealed under the controller's key, with the ground of
law and the day on which it is deleted. Nothing that clears, trains or delivers reads it, and the certificate
names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from volenti.clearance.image import CONTROLLER
from volenti.consent.service import Consent
from volenti.core.canonical import Json
from volenti.core.clock import Clock
from volenti.core.codec import encoded
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.core.logs import Logger
from volenti.requests.history import Ground, Kept, Retain
from volenti.requests.request import Request
from volenti.vault.event_log import EventLog
from volenti.vault.records import Record, Records

_log = Logger(__name__)

RETAINED = "retained"
#: The kinds of rows that are copied, of all that a person said (`Consent.said_by`), and in words.
KEPT = {"release": "signed releases", "withdrawal": "withdrawals"}
#: The grounds of law on which something may be kept.
GROUNDS = (Ground.OBLIGATION, Ground.CLAIMS)


def retaining(request: Request, ground: Ground, until: date, today: date) -> Request:
    """The request, with what it has to keep: on which ground of law, until which day.

    Raises UsageError where the ground doesn't demand to keep anything or the day isn't in the future,
    ConflictError where it isn't an erasure, has begun, or is about somebody never enrolled.
    """
    if ground not in GROUNDS:
        raise UsageError(
            f"{ground.value} doesn't say that something must be kept.",
            f"Choose {' or '.join(each.value for each in GROUNDS)}; or refuse the request.",
        )
    if until <= today:
        raise UsageError(f"{until} is not in the future.", "Say until when the law demands it.")
    if request.kind != "erasure" or "locate" in request.steps or request.is_finished:
        raise ConflictError(
            f"{request.id} is {request.state}, a request for {request.kind}.",
            "What is kept is said before an erasure begins.",
        )
    if request.faces is not None:
        raise ConflictError("Who was never enrolled has signed nothing.", "Run the request as it is.")
    asked = Retain(ground, ground.article, until.isoformat())
    return replace(request, private=replace(request.private, retain=asked)).did("retain")


class Retention:
    """Keeps what a law demands to keep, shows it, and deletes it on its day."""

    def __init__(self, records: Records, consent: Consent, events: EventLog, clock: Clock) -> None:
        self._records = records
        self._consent = consent
        self._events = events
        self._clock = clock

    def keep(self, request: Request) -> Kept | None:
        """Copy what must be kept of a person's rows; returns what a certificate says of it. Idempotent."""
        asked = request.private.retain
        if asked is None:
            return None
        # Of a release only what was signed is copied, and not where its photograph lay.
        said = self._consent.said_by(request.subject)
        found = {kind: said[kind] for kind in KEPT}
        body = {**encoded(asked), **found}
        if any(found.values()):
            self._records.put(RETAINED, request.id, body, owners=(CONTROLLER,))
        counts = {KEPT[kind]: len(each) for kind, each in found.items()}
        return Kept(asked.ground, asked.article, asked.until, counts)

    def of(self, request: str) -> Json:
        """What is kept for a request; NotFoundError where nothing is."""
        record = self._records.get(RETAINED, request)
        if record is None:
            raise NotFoundError(f"Nothing is kept for {request!r}.", "Look at it: volenti request show.")
        return record.body

    def ends(self) -> Iterator[tuple[str, date]]:
        """The requests for which something is kept, each with the last day of that."""
        return ((each.id, date.fromisoformat(each.body["until"])) for each in self._all())

    def expire(self) -> int:
        """Delete what was kept until a day that is over; returns of how many requests."""
        over = list(self.overdue())
        for name in over:
            self._records.delete(RETAINED, [name])
            self._events.record("retention-ended", {"request": name})
        if over:
            self._records.scrub()
            _log.info("retained records deleted on their day", requests=len(over))
        return len(over)

    def overdue(self) -> Iterator[str]:
        """Requests for which something is kept although its day is over."""
        today = self._clock().date()
        return (request for request, until in self.ends() if until < today)

    def _all(self) -> Iterator[Record]:
        return self._records.find(RETAINED)
