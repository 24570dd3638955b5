"""Erasure: runs requests for erasure to their end and certifies them.

`run` is one loop over steps. Each step is idempotent, and the request records that it was done before
the next step begins: a process that was killed anywhere goes on with the same call. The first step
restricts the use of what is the person's and compares works with them, while there is something to
compare with; the next withdraws their releases. From the first step on nothing reads or serves the
person's data, whatever happens later.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.catalogue.withdrawing import WorkWithdrawals
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.renewal import Renewal
from volenti.consent.service import Consent
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.erasure.certification import Certification
from volenti.erasure.plan import Plans, require_erasure, to_train_again
from volenti.requests.freeze import freeze, hold
from volenti.requests.history import ErasedFrom
from volenti.requests.outcome import Outcome
from volenti.requests.request import Request
from volenti.requests.retention import Retention
from volenti.requests.service import Requests
from volenti.training.external_runs import ExternalRuns
from volenti.training.model_store import SERVING
from volenti.training.run import shard_in
from volenti.training.service import Training
from volenti.vault.event_log import EventLog
from volenti.vault.holder import Holders
from volenti.vault.records import Records

if TYPE_CHECKING:
    from volenti.training.attacks import Attacks

_log = Logger(__name__)

#: Called with the name of each step just before and just after it; fault tests kill the process there.
StepCallback = Callable[[str], None]


class Erasure:
    """Carries requests for erasure out, over all holders."""

    def __init__(
        self,
        requests: Requests,
        records: Records,
        consent: Consent,
        quarantine: Quarantine,
        training: Training,
        external_runs: ExternalRuns,
        attacks: Callable[[], Attacks],
        holders: Holders,
        plans: Plans,
        retention: Retention,
        works: WorkWithdrawals,
        events: EventLog,
        certification: Certification,
        clock: Clock,
        watch: StepCallback = lambda step: None,
    ) -> None:
        self._requests = requests
        self._records = records
        self._consent = consent
        self._renewal = Renewal(records)
        self._quarantine = quarantine
        self._training = training
        self._external_runs = external_runs
        self._attacks = attacks
        holders.check(records.declared.holders)
        self.holders = holders
        self._plans = plans
        self._retention = retention
        self._works = works
        self._events = events
        self._certification = certification
        self._clock = clock
        self._watch = watch

    def run(self, identifier: str, progress: Progress | None = None, *, audit: bool = False) -> Outcome:
        """Run a request to its end, from the step it has come to; returns it with its certificate."""
        return self.run_all([identifier], progress, audit=audit)[0]

    def run_all(
        self, identifiers: Sequence[str], progress: Progress | None = None, *, audit: bool = False
    ) -> list[Outcome]:
        """Run requests to their ends together: a slice that several of them touch is trained again once.

        All requests are frozen before any is located, and all are located before anything is erased:
        each certificate says what there was of its person, as if they had been the only one.
        audit: attack the model for them before the first step and once more after the last.
        """
        progress = progress or Silent()
        with self._requests.lock(identifiers, progress):
            return self._run_all(identifiers, progress, audit=audit)

    def _run_all(self, identifiers: Sequence[str], progress: Progress, *, audit: bool) -> list[Outcome]:
        self._events.publish()  # a process that was killed may have recorded an event and not logged it
        going = [self._requests.find(each) for each in identifiers]
        for request in going:
            require_erasure(request)
            self._requests.check_there(request)
            if not request.is_finished and request.is_begun:
                _log.warning("erasure resumed", request=request.id, state=request.state)
        if audit:
            from volenti.erasure.evidence import Evidence  # most erasures are run without attacks

            evidence = Evidence(self._attacks(), progress, self._requests.keep, self._watch)
            going = evidence.attack_before(going)
        spent = [0.0] * len(going)
        for state, name, step in (
            ("opened", "compare", self._compare),
            ("opened", "freeze", self._freeze),
            ("frozen", "locate", self._locate),
            ("erasing", "erase", lambda request: self._erase(request, progress)),
            ("replaying", "replay", lambda request: self._replay(request, progress)),
        ):
            for number, request in enumerate(going):
                if request.state == state:
                    began = time.perf_counter()
                    with _log.timed("erasure step done", request=request.id, step=name):
                        going[number] = step(request)
                    spent[number] += time.perf_counter() - began
        if audit:
            going = evidence.attack_after(going)
        return self._certification.conclude(going, spent)

    def _compare(self, request: Request) -> Request:
        """Compare works with the person, before their face template goes, and call back those too near."""
        if "compare works" in request.steps:
            # Works drawn since then were compared with the person when they were drawn.
            return request
        request = self._hold(request)
        self._watch("compare works")
        found = self._works.compare(request.subject)
        with self._records.transaction():
            tally = self._works.call_back(found, request.id)
            request = request.did("compare works", replace(request.erasure, works=tally))
            self._requests.keep(request)
        self._watch("compared works")
        return request

    def _hold(self, request: Request) -> Request:
        """Restrict the use of the person's data before anything that may take long.

        From here on nothing reads it, and no constituent that learned from the person is served.
        """
        if "hold" in request.steps:
            return request
        self._watch("hold")
        hold(request, self._consent)
        request = request.did("hold", replace(request.erasure, frozen_at=stamp(self._clock())))
        self._requests.keep(request)
        self._watch("held")
        return request

    def _freeze(self, request: Request) -> Request:
        self._watch("freeze")
        freeze(request, self._consent, self._quarantine)
        since = request.erasure.frozen_at or stamp(self._clock())
        request = request.moved("frozen").did("freeze", replace(request.erasure, frozen_at=since))
        self._requests.keep(request)
        self._watch("froze")
        return request

    def _locate(self, request: Request) -> Request:
        """Write down, before anything is erased, what there is and which weights learned from the person."""
        self._watch("locate")
        self._renewal.run()
        # An earlier version may have frozen the request without comparing works.
        request = self._compare(request)
        prices = self._plans.prices(request.subject)
        before = self._learned_from(request.subject)
        holdings = tuple(self._plans.holdings(request.subject))
        full = sum(each.full_seconds for each in prices if each.slices)
        kept, canary = self._retention.keep(request), self._consent.canary_of(request.subject) or ""
        with self._records.transaction():
            compared = request.erasure.works.compared if request.erasure.works else 0
            works = self._works.finish(request.subject, request.id, compared)
        located = replace(
            request.erasure,
            holdings=holdings,
            works=works,
            constituents_before=before,
            slices=tuple(sorted({name for each in prices for name in each.slices})),
            retrainings=tuple(map(to_train_again, self._external_runs.retrainings(request.subject))),
            full_seconds=round(full, 3),
            backups=len(self._plans.backups()),
            # In base64, so that the audit doesn't find it in the request.
            canary=base64.b64encode(bytes.fromhex(canary)).decode(),
            kept=kept,
        )
        request = request.moved("erasing").did("locate", located)
        self._requests.keep(request)
        self._watch("located")
        return request

    def _learned_from(self, subject: str) -> dict[str, str]:
        """SHA-256 of constituents that learned from somebody, also of those another request dropped."""
        homes = self._training.homes(subject)
        found = {
            name: digest
            for other in self._requests.unfinished()
            if other.kind == "erasure" and not other.names_nobody
            for name, digest in (other.erasure.constituents_before or {}).items()
            if name in homes
        }
        for name in self._training.model_store.affected(subject):
            found[name] = self._training.model_store.digest_of(name)
        return found

    def _erase(self, request: Request, progress: Progress) -> Request:
        """Go through the holders in their order, then ask each whether anything is left."""
        began = time.perf_counter()
        progress.begin("Erasing", len(self.holders))
        for holder in self.holders:
            step = f"erase {holder.name}"
            if step not in request.steps:
                self._watch(step)
                where = holder.name.replace(" ", "-")
                with _log.timed("erased from holder", request=request.id, holder=where) as facts:
                    done = holder.erase(request.subject)
                    facts.update(items=done.items, bytes=done.bytes)
                at = round(time.perf_counter() - began, 4)
                figures = ErasedFrom(done.items, done.bytes, done.rewritten, at)
                erased = {**(request.erasure.erased or {}), holder.name: figures}
                request = request.did(step, replace(request.erasure, erased=erased))
                if done.items or done.bytes:
                    # A step that found nothing can be repeated at no loss, so it isn't worth a write.
                    self._requests.keep(request)
                self._watch(f"did {step}")
            progress.advance(1, holder.name)
        progress.end()
        left = {holder.name: holder.attest(request.subject) for holder in self.holders}
        if any(left.values()):
            # Another process wrote while this one erased; the same steps once more remove what it wrote.
            request = replace(request, steps=tuple(s for s in request.steps if not s.startswith("erase ")))
            self._requests.keep(request)
            _log.warning("something is left in holders", request=request.id, items=sum(left.values()))
            names = ", ".join(name for name, count in left.items() if count)
            raise ConflictError(f"Something of theirs is still held by: {names}.", "Run the request again.")
        took = round(time.perf_counter() - began, 3)
        attested = replace(request.erasure, attested=left, erase_seconds=took)
        request = request.moved("replaying").did("attest", attested)
        self._requests.keep(request)
        return request

    def _replay(self, request: Request, progress: Progress) -> Request:
        """Train what is missing without the person's pictures, and write down what is served now."""
        began = time.perf_counter()
        before = request.erasure.constituents_before or {}
        rewritten = 0
        after = {}
        environments: list[Json] = []
        waits: ConflictError | None = None
        affected = sorted({name.partition("/")[0] for name in before})
        for run in affected:
            self._watch("replay")
            shards = sorted(shard_in(name) for name in before if name.startswith(f"{run}/"))
            try:
                self._training.replay(run, progress, shards=shards)
            except ConflictError as error:
                # A base that isn't at hand keeps the model on it from being trained again, and no other.
                waits = waits or error
                continue
            self._watch("replayed")
            for shard in shards:
                kept = self._training.model_store.constituent(run, shard)
                # It counts also while somebody else's withdrawal or restriction keeps it from being served.
                if kept is not None and kept[1].state == SERVING:
                    after[kept[1].id] = kept[0].sha256
                    rewritten += kept[0].weights.location.length
            for each in self._training.model_store.slices(run, shards):
                if each.environment not in environments:
                    environments.append(each.environment)
        if waits is not None:
            raise waits
        took = (request.erasure.replay_seconds or 0.0) + time.perf_counter() - began
        replayed = replace(
            request.erasure,
            constituents_after=after,
            replay_seconds=round(took, 3),
            model_bytes_rewritten=rewritten,
            environments=tuple(environments),
            bases=self._training.bases.started_from(self._training.runs(), set(affected)),
        )
        request = request.did("replay", replayed)
        self._requests.keep(request)
        return request
