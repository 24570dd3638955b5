"""Runner: carries out requests of every kind. The command line and Python call nothing else for that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.requests.outcome import Outcome
from volenti.requests.request import Request
from volenti.requests.restriction import Restrictions
from volenti.requests.service import Requests
from volenti.requests.withdrawal import Withdrawals

_log = Logger(__name__)

#: Kinds of requests that aren't run: `Answers` answers them, with a folder to write to.
_ANSWERED = ("access", "portability")


class Erasures(Protocol):
    """What carries erasures out; its package imports this one."""

    def run_all(
        self, identifiers: Sequence[str], progress: Progress | None = None, *, audit: bool = False
    ) -> list[Outcome]:
        """Run erasures to their ends, together."""
        ...


class RequestRunner:
    """Runs requests to their ends, from the step they have come to; after a kill the same call goes on."""

    def __init__(
        self, requests: Requests, restrictions: Restrictions, withdrawals: Withdrawals, erasures: Erasures
    ) -> None:
        self._requests = requests
        self._restrictions = restrictions
        self._withdrawals = withdrawals
        self._erasures = erasures

    def due(self) -> list[Request]:
        """Unfinished requests that can be run, oldest first: all but those that are answered."""
        return [each for each in self._requests.unfinished() if each.kind not in _ANSWERED]

    def run(
        self, identifiers: Sequence[str], progress: Progress | None = None, *, audit: bool = False
    ) -> list[Outcome]:
        """Run requests; returns what each came to, in the order given.

        Restrictions come first, because they only stop things; then withdrawals; then all erasures together,
        so that a slice that several of them touch is trained again once. audit: attack the model for each
        erased person, before the first step and after the last.
        Raises ConflictError where a request was refused, or asks for an answer; NotFoundError where there
        is no such request.
        """
        with _log.timed("requests run", requests=len(identifiers)):
            return self._run(identifiers, progress or Silent(), audit=audit)

    def _run(self, identifiers: Sequence[str], progress: Progress, *, audit: bool) -> list[Outcome]:
        asked = [self._requests.find(each) for each in identifiers]
        for request in asked:
            _check_can_be_run(request)
        outcomes: dict[str, Outcome] = {}
        for request in asked:
            if request.kind in ("restriction", "objection"):
                outcomes[request.id] = Outcome(self._restrictions.run(request.id))
        for request in asked:
            if request.kind == "withdrawal":
                outcomes[request.id] = Outcome(self._withdrawals.run(request.id, progress))
        erasures = [request.id for request in asked if request.kind == "erasure"]
        if erasures:
            done = self._erasures.run_all(erasures, progress, audit=audit)
            outcomes |= {each.request.id: each for each in done}
        return [outcomes[request.id] for request in asked]


def _check_can_be_run(request: Request) -> None:
    if request.kind in _ANSWERED:
        raise ConflictError(
            f"{request.id} is a request for {request.kind}: it is answered, not run.", request.remedy
        )
    if request.state == "refused":
        raise ConflictError(
            f"{request.id} was refused; nothing is done for it.", "Open a new one: volenti request open."
        )
    request.check_identified()
