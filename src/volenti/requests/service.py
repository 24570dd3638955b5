"""Requests: opens what data subjects ask for, and puts on record what is done about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.requests.course import KINDS
from volenti.requests.following import Following
from volenti.requests.history import Delay, Ground, Private, Withdrawn
from volenti.requests.identity import Identified
from volenti.requests.onrecord import RequestRecords
from volenti.requests.request import Request
from volenti.requests.retention import retaining
from volenti.vault.owner import OwnerKind, check_chosen, kind_of

if TYPE_CHECKING:
    from volenti.clearance.quarantine import Quarantine
    from volenti.consent.purpose import Grant
    from volenti.consent.service import Consent
    from volenti.core.canonical import Json
    from volenti.core.clock import Clock
    from volenti.core.locks import Locks
    from volenti.core.progress import Progress
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records
    from volenti.vault.service import Vault

_log = Logger(__name__)


class Requests(RequestRecords):
    """Opens requests, and puts on record what is done about them."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        quarantine: Quarantine,
        events: EventLog,
        locks: Locks,
        clock: Clock,
    ) -> None:
        super().__init__(records, vault, clock)
        self._consent = consent
        self._quarantine = quarantine
        self._events = events
        self._locks = locks
        #: Links with which people follow their requests, and get their certificates.
        self.following = Following(records, self)

    @contextmanager
    def lock(self, identifiers: Iterable[str], progress: Progress) -> Iterator[None]:
        """Let no other process run these requests meanwhile: each would miss what the other took away."""
        with ExitStack() as held:
            # 16 locks serve all requests there will ever be; all processes take them in the same order.
            for name in sorted({f"requests-{sha256(each.encode())[0]}" for each in identifiers}):
                held.enter_context(self._locks.take(name, progress))
            yield

    def open(
        self,
        kind: str,
        subject: str,
        *,
        release: str | None = None,
        grant: Grant | None = None,
        shoot: str | None = None,
    ) -> Request:
        """Open a request. Where the subject has an unfinished one for the same, that one is returned.

        release, grant, shoot: what a withdrawal is about, as `Consent.withdraw` takes it; else everything.
        Raises UsageError for an unknown kind, NotFoundError for an unknown subject or release.
        """
        if kind not in KINDS:
            raise UsageError(f"There is no request of kind {kind!r}.", f"Kinds: {', '.join(KINDS)}.")
        withdrawn = Withdrawn(release, grant, shoot)
        if withdrawn != Withdrawn() and kind != "withdrawal":
            raise UsageError("Only a withdrawal is about one release, grant or shoot.", "Leave them out.")
        self._consent.subject(subject)
        if release is not None and self._consent.release(release).release.subject != subject:
            raise NotFoundError(
                f"{subject} has no release {release}.",
                f"See theirs: volenti release list --subject {subject}",
            )
        if kind == "erasure":
            check_chosen(subject)
        asked = Request.open(
            new("req"),
            kind,
            subject,
            self._clock(),
            withdrawn=withdrawn if kind == "withdrawal" else None,
            private=_private() if kind == "erasure" else None,
        )
        for known in self._of(self._records.alias(subject)):
            if known.asks_the_same(asked) and not known.is_finished:
                return known
        request = self._keep_as_latest(asked)
        self._events.record("request-opened", {"request": request.id, "kind": kind}, request.owners)
        _log.info("request opened", request=request.id, kind=kind)
        return request

    def open_for_faces(self, faces: Sequence[str]) -> Request:
        """Open an erasure for somebody never enrolled, of the pictures in which these faces wait.

        Raises UsageError without a face, NotFoundError where one isn't in quarantine.
        """
        if not faces:
            raise UsageError("No face is named.", "Look for them: volenti request open --photo FILE.")
        for each in faces:
            self._quarantine.face(each)
        private = _private(tuple(sorted(set(faces))))
        request = self._keep_as_latest(
            Request.open(new("req"), "erasure", new("unk"), self._clock(), private=private)
        )
        self._events.record("request-opened", {"request": request.id, "kind": request.kind})
        _log.info("request opened for faces", request=request.id, kind=request.kind, faces=len(faces))
        return request

    def check_there(self, request: Request) -> None:
        """Refuse to erase and certify somebody who isn't on record; changes nothing.

        Raises UsageError where the request names something else than a person, NotFoundError where nobody of
        that name is on record and the erasure hasn't begun. Once it has, their absence is what was asked for.
        """
        if request.names_nobody:
            return
        if request.faces is None:
            check_chosen(request.subject)
            if request.state in ("opened", "frozen"):
                self._consent.subject(request.subject)
            return
        if kind_of(request.subject) is not OwnerKind.STRANGER:
            raise UsageError(f"{request.id} isn't about somebody never enrolled.", "Open another request.")
        if request.state == "opened" and not self._quarantine.with_faces(request.faces):
            raise NotFoundError(
                f"None of the faces that {request.id} is about is here any more.",
                f"Refuse it, and say why: volenti request refuse {request.id} --ground "
                f"{Ground.NOT_IDENTIFIED}",
            )

    def opening(self, request: Request) -> Json:
        """What shows that the certificate will be about the request's subject; for them, and nobody else.

        Once the erasure has written down what had learned from them, the opening has the digests of that as
        well, because the certificate commits to them. Raises ConflictError once the request is certified:
        then only the subject has the opening.
        """
        if request.kind != "erasure" or request.names_nobody or request.state == "refused":
            raise ConflictError(
                f"{request.id} has no copy for the person: it is for {request.kind}, and {request.state}.",
                "Only an erasure has one, which is made while the erasure runs.",
            )
        said = request.erasure
        digests = {
            "constituents_before": said.constituents_before,
            "constituents_after": said.constituents_after,
        }
        return {
            "subject": request.subject,
            "key": request.private.commitment_key,
            **{name: each for name, each in digests.items() if each},
        }

    def extend(self, request: Request, reason: Delay) -> Request:
        """Put a request's deadline off, once; whoever asked must be told why."""
        return self._record_change(request.extended(reason, self._clock()), "request-extended", reason)

    def identify(self, request: Request, how: Identified) -> Request:
        """Put on record how the controller made sure who asks."""
        return self._record_change(request.identified(how, self._clock()), "request-identified", how)

    def retain(self, request: Request, ground: Ground, until: date) -> Request:
        """Have an erasure keep the least that a law demands; raises as `retention.retaining` does."""
        kept = retaining(request, ground, until, self._clock().date())
        return self._record_change(kept, "request-retains", ground)

    def refuse(self, request: Request, ground: Ground) -> Request:
        """Refuse a request on a ground of law. What is held stays."""
        return self._record_change(request.refused(ground, self._clock()), "request-refused", ground)

    def answer(self, request: Request, digests: Json) -> Request:
        """Put on record that a request was answered, with the digests of what was given."""
        self.keep(done := request.answered(digests, self._clock()))
        self._events.record("request-answered", {"request": request.id, **digests}, request.owners)
        _log.info("request answered", request=request.id, kind=request.kind)
        return done

    def finish(self, request: Request) -> Request:
        """Put on record that a withdrawal was carried out."""
        self.keep(done := request.moved("done").did("replay"))
        body = {"request": request.id, "constituents": len(request.withdrawal.dropped or ())}
        self._events.record("withdrawal-completed", body, request.owners)
        return done

    def _record_change(self, request: Request, event: str, why: str) -> Request:
        self.keep(request)
        self._events.record(event, {"request": request.id, "why": why}, request.owners)
        _log.info("request changed", request=request.id, change=event, why=why)
        return request


def _private(faces: tuple[str, ...] | None = None) -> Private:
    """The private part of a new erasure, with a new key for the commitment to who asked."""
    return Private(commitment_key=os.urandom(32).hex(), faces=faces)
