"""Runner: carries out requests of every kind. The command line and Python call nothing else for that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.requests.course import OVERTAKEN
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
        self,
        identifiers: Sequence[str],
        progress: Progress | None = None,
        *,
        audit: bool = False,
        overtake: bool = False,
    ) -> list[Outcome]:
        """Run requests; returns what each came to, in the order given.

        Restrictions come first, because they only stop things; then withdrawals; then all erasures together,
        so that a slice that several of them touch is trained again once. audit: attack the model for each
        erased person, before the first step and after the last. overtake: erase although other requests of
        the person aren't finished; these end as overtaken.
        Raises ConflictError where a request was refused, asks for an answer, or would overtake another and
        nobody said so; NotFoundError where there is no such request.
        """
        with _log.timed("requests run", requests=len(identifiers)):
            asked = [self._requests.find(each) for each in identifiers]
            for request in asked:
                _check_can_be_run(request)
                if not overtake:
                    self._check_overtakes_none(request, asked)
            return self._run(asked, progress or Silent(), audit=audit)

    def _check_overtakes_none(self, request: Request, asked: Sequence[Request]) -> None:
        """Raise ConflictError where an erasure is about to begin that would overtake another request.

        asked: what is run together; withdrawals among them are over before any erasure begins.
        """
        if request.kind != "erasure" or request.is_finished or request.is_begun:
            return
        before = {each.id for each in asked if each.kind == "withdrawal"}
        for each in self._requests.beside(request):
            if each.id not in before:
                raise ConflictError(
                    f"{each.id}, a request for {each.kind} of the same person, isn't finished, and nobody "
                    f"can carry it out once {request.id} has erased them.",
                    f"Carry it out first: {each.remedy}; or erase all the same: "
                    f"volenti request run {request.id} --overtake",
                )

    def _run(self, asked: Sequence[Request], progress: Progress, *, audit: bool) -> list[Outcome]:
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
    if request.state in ("refused", OVERTAKEN):
        raise ConflictError(
            f"{request.id} was {request.state}; nothing is done for it.",
            "Open a new one: volenti request open.",
        )
    request.check_identified()
