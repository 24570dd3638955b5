"""Withdrawals: a person takes back one grant or all, and the models forget what they learned under it.

Unlike an erasure, a withdrawal destroys nothing of the person's: their pictures stay, and may still be used
for what they still grant. From the first step on nothing reads the pictures for what was withdrawn.
Constituents that learned from them under a withdrawn grant leave service at once, and are trained again on
the pictures that may still be used. Whoever got an export under it is told. After a kill anywhere the same
call goes on.
"""

from __future__ import annotations

from dataclasses import replace

from volenti.clearance.access import Access
from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.datasets.service import Datasets
from volenti.datasets.snapshot import Snapshot
from volenti.deliveries.feed import Feed
from volenti.deliveries.recalls import Recalls
from volenti.requests.freeze import freeze
from volenti.requests.request import Request
from volenti.requests.service import Requests
from volenti.training.external_runs import ExternalRuns
from volenti.training.run import shard_in
from volenti.training.service import Training

_log = Logger(__name__)


class Withdrawals:
    """Carries requests for withdrawal out."""

    def __init__(
        self,
        requests: Requests,
        consent: Consent,
        quarantine: Quarantine,
        datasets: Datasets,
        access: Access,
        training: Training,
        external_runs: ExternalRuns,
        feed: Feed,
        recalls: Recalls,
    ) -> None:
        self._requests = requests
        self._consent = consent
        self._quarantine = quarantine
        self._datasets = datasets
        self._access = access
        self._training = training
        self._external_runs = external_runs
        self._feed = feed
        self._recalls = recalls

    def run(self, identifier: str, progress: Progress | None = None) -> Request:
        """Run a request to its end, from the step it has come to; ConflictError where it is no withdrawal."""
        progress = progress or Silent()
        with self._requests.lock([identifier], progress):
            return self._run(identifier, progress)

    def repeat(self, subject: str) -> int:
        """Do again what somebody's withdrawals did, in a workspace restored from an earlier backup.

        Returns how many constituents were taken out of service.
        """
        dropped, _ = self._drop(subject)
        self._recalls.call_back(subject)
        return len(dropped)

    def _run(self, identifier: str, progress: Progress) -> Request:
        request = self._requests.find(identifier)
        if request.kind != "withdrawal" or request.state == "refused":
            raise ConflictError(
                f"{request.id} is {request.state}, a request for {request.kind}.", request.remedy
            )
        if request.state in ("frozen", "replaying"):
            _log.warning("withdrawal resumed", request=request.id, state=request.state)
        if request.state == "opened":
            freeze(request, self._consent, self._quarantine)
            request = self._keep(request.moved("frozen").did("freeze"))
        if request.state == "frozen":
            dropped, parts = self._drop(request.subject)
            # Whatever the first step, or an earlier withdrawal, has called back already isn't named again.
            self._recalls.call_back(request.subject)
            told = len(self._feed.called_back(request.subject, request.opened))
            found = replace(request.withdrawal, dropped=tuple(dropped), own_models=parts, called_back=told)
            request = self._keep(request.moved("replaying").did("drop", found))
            facts = {"constituents": len(dropped), "external_parts": parts, "called_back": told}
            _log.info("constituents dropped for a withdrawal", request=request.id, **facts)
        if request.state == "replaying":
            left = request.withdrawal.dropped or ()
            for run in sorted({name.partition("/")[0] for name in left}):
                shards = [shard_in(name) for name in left if name.startswith(f"{run}/")]
                self._training.replay(run, progress, shards=shards)
            request = self._requests.finish(request)
            _log.info("withdrawal carried out", request=request.id, constituents=len(left))
        return request

    def _keep(self, request: Request) -> Request:
        self._requests.keep(request)
        return request

    def _drop(self, subject: str) -> tuple[list[str], int]:
        """Take constituents out of service and destroy parts of external runs, where a grant was withdrawn.

        Returns the constituents, and how many external parts.
        """
        dropped: list[str] = []
        for run in self._training.runs():
            if self._is_reached(subject, run.snapshot):
                dropped += self._training.model_store.drop(subject, run.id)
        parts = 0
        for external in self._external_runs.runs():
            if self._is_reached(subject, external.snapshot):
                parts += self._external_runs.drop(subject, external.id)
        return sorted(dropped), parts

    def _is_reached(self, subject: str, name: str) -> bool:
        """Whether the subject withdrew what any picture of theirs in a snapshot was cut for."""
        snapshot = self._datasets.snapshot(name)
        mine = [each for each in self._datasets.places_of(subject) if each.snapshot == snapshot.id]
        images = (self._datasets.entry(each).image for each in mine)
        return any(self._has_withdrawn(subject, snapshot, each) for each in images)

    def _has_withdrawn(self, subject: str, snapshot: Snapshot, image: str) -> bool:
        return not self._access.is_granted(subject, image, snapshot.asked)
