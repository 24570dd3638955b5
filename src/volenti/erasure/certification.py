"""Certification: the last steps of an erasure. Its certificate is logged and signed, and names nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from volenti.core.canonical import Json, canonical
from volenti.core.clock import Clock, stamp
from volenti.core.digest import commitment, sha256
from volenti.core.errors import VolentiError
from volenti.core.logs import Logger
from volenti.core.signing import SigningKey
from volenti.erasure.statement import envelope, predicate, statement
from volenti.requests.history import ErasureHistory
from volenti.requests.outcome import Outcome, personal, printed
from volenti.requests.request import ERASED, Request
from volenti.requests.service import Requests
from volenti.transparency.log import Log
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records

_log = Logger(__name__)
#: Brings second copies up to date; returns why that isn't possible, or None.
CatchUp = Callable[[], VolentiError | None]


class Certification:
    """Certifies erasures, and keeps their certificates."""

    def __init__(
        self,
        requests: Requests,
        records: Records,
        events: EventLog,
        log: Log,
        key: SigningKey,
        clock: Clock,
        watch: Callable[[str], None],
        catch_up: CatchUp = lambda: None,
    ) -> None:
        """key: the workspace's own; certificates are signed with it. watch: as `Erasure` takes it.

        catch_up: brings second copies of people's keys up to date, and returns why that isn't possible.
        """
        self._requests = requests
        self._records = records
        self._events = events
        self._log = log
        self._key = key
        self._clock = clock
        self._watch = watch
        self._catch_up = catch_up

    def conclude(self, erased: Sequence[Request], seconds: Sequence[float]) -> list[Outcome]:
        """Certify erasures that have come so far, and finish them; returns what each came to.

        seconds: how long each took in this run. Where a second copy of somebody's key can't be reached, none
        is certified: they wait, and the next run that reaches it ends them.
        """
        going, openings = list(erased), dict[str, Json]()
        due = [number for number, each in enumerate(going) if each.state in ("replaying", "waiting")]
        lag = self._catch_up() if due else None
        for number in due:
            request = going[number]
            took = round((request.erasure.seconds or 0.0) + seconds[number], 3)
            timed = replace(request.erasure, seconds=took)
            if lag is None:
                openings[request.id] = self._requests.opening(request)
                going[number] = self.certify(request.did("certify", timed))
            else:
                going[number] = self._wait(request, timed)
        return [
            Outcome(each, self.certificate(each.id), openings.get(each.id))
            if each.is_certified
            else Outcome(each)
            for each in self.scrub(going)
        ]

    def _wait(self, request: Request, timed: ErasureHistory) -> Request:
        """Have an erasure wait, because a copy of the person's key is still somewhere out of reach."""
        if request.state != "waiting":
            self._watch("wait")
            request = request.moved("waiting").did("wait", timed)
            self._requests.keep(request)
            self._watch("waits")
        _log.warning("erasure waits for the mirror", request=request.id)
        return request

    def certify(self, request: Request) -> Request:
        """Log, sign and keep the certificate; after this the request names nobody."""
        self._watch("certify")
        key = bytes.fromhex(request.private.commitment_key or "")
        who = commitment(key, request.subject.encode()).hex()
        said = request.erasure.committed(key)
        body = statement(predicate(request, stamp(self._clock()), self._log.origin, said), who)
        payload = canonical(body)
        index = self._events.record(
            "erasure-completed", {"request": request.id, "statement_sha256": sha256(payload)}
        )
        certificate = envelope(body, self._key, self._events.opening(index), self._log.prove(index))
        theirs = printed(personal(certificate, self._requests.opening(request)))
        certified = request.certified(f"{ERASED}{who[:16]}", said)
        with self._records.transaction():
            self._records.put("certificate", request.id, certificate)
            self._requests.following.seal(request.id, theirs)
            self._requests.keep(certified)
            self._requests.forget(request.subject, certified)
        self._watch("certified")
        seconds = request.erasure.seconds or 0.0
        _log.info("erasure certified", request=request.id, log_entry=index, seconds=seconds)
        return certified

    def scrub(self, requests: Sequence[Request]) -> list[Request]:
        """Destroy the bytes of what the requests said while they named somebody, and finish them."""
        due = [request for request in requests if request.state == "certified"]
        if due:
            self._watch("scrub")
            for request in due:
                self._requests.destroy_keys(request)
            self._records.scrub()
            _log.info("register scrubbed", requests=len(due))
        done = {request.id: request.moved("done") for request in due}
        for request in done.values():
            self._requests.keep(request)
        if done:
            self._watch("scrubbed")
        return [done.get(request.id, request) for request in requests]

    def certificate(self, identifier: str) -> Json:
        """The certificate of a finished request."""
        return self._records.require("certificate", identifier).body
