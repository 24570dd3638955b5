"""Erasure: runs requests to the end, certifies.

`run` is one loop over steps. A step is idempotent; having done it is recorded
before the next begins. Killed anywhere, the same call goes on. Works are compared
with the person while that can be done; the next step freezes: from then on nothing
reads or serves the person, whatever happens later.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from volenti.catalogue.withdrawing import WorkWithdrawals
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.renewal import Renewal
from volenti.consent.service import Consent
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError
from volenti.core.progress import Progress, Silent
from volenti.erasure.certification import Certification
from volenti.erasure.evidence import Evidence
from volenti.erasure.plan import Plans, require_erasure
from volenti.requests.freeze import freeze, hold
from volenti.requests.history import ErasedFrom, ModelToTrainAgain
from volenti.requests.outcome import Outcome
from volenti.requests.request import Request
from volenti.requests.retention import Retention
from volenti.requests.service import Requests
from volenti.training.attacks import Attacks
from volenti.training.external_run import Retraining
from volenti.training.external_runs import ExternalRuns
from volenti.training.model_store import SERVING
from volenti.training.run import shard_in
from volenti.training.service import Training
from volenti.vault.event_log import EventLog
from volenti.vault.holder import Holders
from volenti.vault.records import Records

#: Called with the name of each step just before and just after it; fault tests kill here.
StepCallback = Callable[[str], None]


class Erasure:
    """Carries requests out, over all holders."""

    def __init__(
        self,
        requests: Requests,
        records: Records,
        consent: Consent,
        quarantine: Quarantine,
        training: Training,
        external_runs: ExternalRuns,
        attacks: Attacks,
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
        """Run a request to its end, from wherever it is; returns its certificate."""
        return self.run_all([identifier], progress, audit=audit)[0]

    def run_all(
        self, identifiers: Sequence[str], progress: Progress | None = None, *, audit: bool = False
    ) -> list[Outcome]:
        """Run requests to their ends together: what several of them touch of the model is replayed once.

        All are frozen before any is looked up, and all looked up before anything goes: each
        certificate says what there was of its person, as if they had been the only one.
        audit: attack the model for them before the first step and once more after the last.
        """
        told = progress or Silent()
        with self._requests.turn(identifiers, told):
            return self._run_all(identifiers, told, audit=audit)

    def _run_all(self, identifiers: Sequence[str], told: Progress, *, audit: bool) -> list[Outcome]:
        self._events.publish()  # what a killed process recorded last
        going = [self._requests.find(each) for each in identifiers]
        for request in going:
            require_erasure(request)
            self._requests.check_there(request)
        evidence = Evidence(self._attacks, told, self._requests.keep, self._watch)
        if audit:
            going = evidence.before(going)
        spent = [0.0] * len(going)
        for state, step in (
            ("opened", self._compared),
            ("opened", self._frozen),
            ("frozen", self._located),
            ("erasing", lambda request: self._erased(request, told)),
            ("replaying", lambda request: self._replayed(request, told)),
        ):
            for number, request in enumerate(going):
                if request.state == state:
                    began = time.perf_counter()
                    going[number] = step(request)
                    spent[number] += time.perf_counter() - began
        if audit:
            going = evidence.after(going)
        openings: dict[str, Json] = {}
        for number, request in enumerate(going):
            if request.state == "replaying":
                openings[request.id] = self._requests.opening(request)
                took = (request.erasure.seconds or 0.0) + spent[number]
                timed = replace(request.erasure, seconds=round(took, 3))
                going[number] = self._certification.certify(request.did("certify", timed))
        return [
            Outcome(request, self._certification.certificate(request.id), openings.get(request.id))
            for request in self._certification.scrub(going)
        ]

    def _compared(self, request: Request) -> Request:
        """Compare works with them, before the no takes what they are compared by; call near ones back."""
        if "compare works" in request.steps:
            # What was drawn since was compared with them when it was drawn.
            return request
        request = self._held(request)
        self._watch("compare works")
        found = self._works.compare(request.subject)
        with self._records.transaction():
            tally = self._works.call_back(found, request.id)
            request = request.did("compare works", replace(request.erasure, works=tally))
            self._requests.keep(request)
        self._watch("compared works")
        return request

    def _held(self, request: Request) -> Request:
        """Before anything that may take long: from here on nothing reads them, and no model serves them."""
        if "hold" in request.steps:
            return request
        self._watch("hold")
        hold(request, self._consent)
        request = request.did("hold", replace(request.erasure, frozen_at=stamp(self._clock())))
        self._requests.keep(request)
        self._watch("held")
        return request

    def _frozen(self, request: Request) -> Request:
        self._watch("freeze")
        freeze(request, self._consent, self._quarantine)
        since = request.erasure.frozen_at or stamp(self._clock())
        request = request.moved("frozen").did("freeze", replace(request.erasure, frozen_at=since))
        self._requests.keep(request)
        self._watch("froze")
        return request

    def _located(self, request: Request) -> Request:
        """Write down, before anything goes, what there was and which hashes knew the person."""
        self._watch("locate")
        self._renewal.run()
        # A request that an earlier version froze hasn't had it done.
        request = self._compared(request)
        prices = self._plans.prices(request.subject)
        before = self._known_by(request.subject)
        holdings = tuple(self._plans.holdings(request.subject))
        full = sum(each.full_seconds for each in prices if each.slices)
        kept = self._retention.keep(request)
        with self._records.transaction():
            compared = request.erasure.works.compared if request.erasure.works else 0
            works = self._works.finished(request.subject, request.id, compared)
        located = replace(
            request.erasure,
            holdings=holdings,
            works=works,
            constituents_before=before,
            slices=tuple(sorted({name for each in prices for name in each.slices})),
            retrainings=tuple(map(_to_train_again, self._external_runs.retrainings(request.subject))),
            full_seconds=round(full, 3),
            backups=len(self._plans.backups()),
            canary=self._canary(request.subject),
            kept=kept,
        )
        request = request.moved("erasing").did("locate", located)
        self._requests.keep(request)
        self._watch("located")
        return request

    def _canary(self, subject: str) -> str:
        """The random text of their record, written otherwise: the audit must not find it here."""
        canary = self._consent.canary_of(subject)
        return "" if canary is None else base64.b64encode(bytes.fromhex(canary)).decode()

    def _known_by(self, subject: str) -> dict[str, str]:
        """Hashes of the constituents that know somebody, or did until an earlier request dropped them."""
        homes = self._training.homes(subject)
        known = {
            name: digest
            for other in self._requests.unfinished()
            if other.kind == "erasure" and not other.names_nobody
            for name, digest in (other.erasure.constituents_before or {}).items()
            if name in homes
        }
        for name in self._training.model_store.affected(subject):
            known[name] = self._training.model_store.digest_of(name)
        return known

    def _erased(self, request: Request, progress: Progress) -> Request:
        began = time.perf_counter()
        progress.begin("Erasing", len(self.holders))
        for holder in self.holders:
            step = f"erase {holder.name}"
            if step not in request.steps:
                self._watch(step)
                done = holder.erase(request.subject)
                at = round(time.perf_counter() - began, 4)
                figures = ErasedFrom(done.items, done.bytes, done.rewritten, at)
                erased = {**(request.erasure.erased or {}), holder.name: figures}
                request = request.did(step, replace(request.erasure, erased=erased))
                if done.items or done.bytes:
                    # Of a step that found nothing nothing is lost, should it be taken again.
                    self._requests.keep(request)
                self._watch(f"did {step}")
            progress.advance(1, holder.name)
        progress.end()
        left = {holder.name: holder.attest(request.subject) for holder in self.holders}
        if any(left.values()):
            # A concurrent writer got in between; the same steps once more remove what it left.
            request = replace(request, steps=tuple(s for s in request.steps if not s.startswith("erase ")))
            self._requests.keep(request)
            names = ", ".join(name for name, count in left.items() if count)
            raise ConflictError(f"Something of theirs is still held by: {names}.", "Run the request again.")
        took = round(time.perf_counter() - began, 3)
        attested = replace(request.erasure, attested=left, erase_seconds=took)
        request = request.moved("replaying").did("attest", attested)
        self._requests.keep(request)
        return request

    def _replayed(self, request: Request, progress: Progress) -> Request:
        began = time.perf_counter()
        before = request.erasure.constituents_before or {}
        rewritten = 0
        after = {}
        environments: list[Json] = []
        for run in sorted({name.partition("/")[0] for name in before}):
            self._watch("replay")
            shards = sorted(shard_in(name) for name in before if name.startswith(f"{run}/"))
            self._training.replay(run, progress, shards=shards)
            self._watch("replayed")
            for shard in shards:
                kept = self._training.model_store.constituent(run, shard)
                # Who else said no keeps it from being served, and it is in its place all the same.
                if kept is not None and kept[1].state == SERVING:
                    after[kept[1].id] = kept[0].sha256
                    rewritten += kept[0].weights.location.length
            for each in self._training.model_store.slices(run, shards):
                if each.environment not in environments:
                    environments.append(each.environment)
        took = (request.erasure.replay_seconds or 0.0) + time.perf_counter() - began
        replayed = replace(
            request.erasure,
            constituents_after=after,
            replay_seconds=round(took, 3),
            model_bytes_rewritten=rewritten,
            environments=tuple(environments),
        )
        request = request.did("replay", replayed)
        self._requests.keep(request)
        return request


def _to_train_again(each: Retraining) -> ModelToTrainAgain:
    """Recipients are counted, not named: certificates go to anybody."""
    seconds, hours = round(each.seconds, 3), round(each.hours, 4)
    return ModelToTrainAgain(
        each.part, each.name, each.whole, each.gpus, seconds, hours, len(each.recipients)
    )
