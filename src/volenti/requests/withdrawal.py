"""Withdrawals: one yes taken back, or all of them, and what models learned under it forgotten.

Unlike an erasure nothing of the person's is destroyed: their pictures stay, and may still be used for
what they said yes to. From the first step on nothing reads them for what was withdrawn; constituents
that learned from pictures of which that was taken back leave service at once, and are trained
again on what may be learned from. Whoever got an export for it is told. Killed anywhere, the same
call goes on.
"""

from __future__ import annotations

from dataclasses import replace

from volenti.clearance.access import Access
from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import ConflictError
from volenti.core.progress import Progress, Silent
from volenti.datasets.service import Datasets
from volenti.datasets.snapshot import Snapshot
from volenti.deliveries.feed import Feed
from volenti.requests.freeze import freeze
from volenti.requests.request import Request
from volenti.requests.service import Requests
from volenti.training.external_runs import ExternalRuns
from volenti.training.run import shard_in
from volenti.training.service import Training


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
    ) -> None:
        self._requests = requests
        self._consent = consent
        self._quarantine = quarantine
        self._datasets = datasets
        self._access = access
        self._training = training
        self._external_runs = external_runs
        self._feed = feed

    def run(self, identifier: str, progress: Progress | None = None) -> Request:
        """Run a request to its end, from wherever it is. ConflictError where it asks for something else."""
        told = progress or Silent()
        with self._requests.turn([identifier], told):
            return self._run(identifier, told)

    def repeat(self, subject: str) -> int:
        """Do again what somebody's withdrawals did, to a workspace that was brought back from before them.

        Returns how many constituents were taken out of service.
        """
        dropped, _ = self._dropped(subject)
        self._feed.tell(subject, lambda snapshot, entry: self._withdrew(subject, snapshot, entry.image))
        return len(dropped)

    def _run(self, identifier: str, progress: Progress) -> Request:
        request = self._requests.find(identifier)
        if request.kind != "withdrawal" or request.state == "refused":
            raise ConflictError(
                f"{request.id} is {request.state}, a request for {request.kind}.",
                f"Look at it: volenti request show {request.id}",
            )
        if request.state == "opened":
            freeze(request, self._consent, self._quarantine)
            request = self._kept(request.moved("frozen").did("freeze"))
        if request.state == "frozen":
            dropped, parts = self._dropped(request.subject)
            told = self._feed.tell(
                request.subject,
                lambda snapshot, entry: self._withdrew(request.subject, snapshot, entry.image),
            )
            found = replace(request.withdrawal, dropped=tuple(dropped), own_models=parts, called_back=told)
            request = self._kept(request.moved("replaying").did("drop", found))
        if request.state == "replaying":
            left = request.withdrawal.dropped or ()
            for run in sorted({name.partition("/")[0] for name in left}):
                shards = [shard_in(name) for name in left if name.startswith(f"{run}/")]
                self._training.replay(run, progress, shards=shards)
            request = self._requests.finish(request)
        return request

    def _kept(self, request: Request) -> Request:
        self._requests.keep(request)
        return request

    def _dropped(self, subject: str) -> tuple[list[str], int]:
        """Constituents taken out of service, and how many parts of models of one's own were destroyed."""
        dropped: list[str] = []
        for run in self._training.runs():
            if self._is_reached(subject, run.snapshot):
                dropped += self._training.model_store.drop(subject, run.id)
        parts = 0
        for guest in self._external_runs.runs():
            if self._is_reached(subject, guest.snapshot):
                parts += self._external_runs.drop(subject, guest.id)
        return sorted(dropped), parts

    def _is_reached(self, subject: str, name: str) -> bool:
        """Whether they took back what any picture of theirs in a snapshot was cut for."""
        snapshot = self._datasets.snapshot(name)
        mine = [each for each in self._datasets.places_of(subject) if each.snapshot == snapshot.id]
        images = (self._datasets.entry(each).image for each in mine)
        return any(self._withdrew(subject, snapshot, each) for each in images)

    def _withdrew(self, subject: str, snapshot: Snapshot, image: str) -> bool:
        # Their own word alone: what is only restricted is kept as it is, and used again once that is lifted.
        return not self._access.is_granted(subject, image, snapshot.purpose, snapshot.territory)
