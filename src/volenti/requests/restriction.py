"""Restrictions: what is somebody's is kept, and not used, until that is lifted (Art. 18 GDPR).

From the first step on nothing of theirs is read, learned from or exported, and what learned from them isn't
served; nothing is judged anew, because judging could throw away what has to be kept. Lifting it undoes all of
that. An objection (Art. 21) restricts until it is decided: upheld, everything is withdrawn and the models
forget; refused, it is lifted.
"""

from __future__ import annotations

from dataclasses import replace

from volenti.consent.service import Consent
from volenti.core.errors import ConflictError
from volenti.core.progress import Progress, Silent
from volenti.requests.history import Ground
from volenti.requests.request import Request
from volenti.requests.service import Requests
from volenti.requests.withdrawal import Withdrawals
from volenti.training.model_store import ModelStore


class Restrictions:
    """Carries restrictions and objections out, and ends them."""

    def __init__(
        self, requests: Requests, consent: Consent, model_store: ModelStore, withdrawals: Withdrawals
    ) -> None:
        self._requests = requests
        self._consent = consent
        self._model_store = model_store
        self._withdrawals = withdrawals

    def run(self, identifier: str) -> Request:
        """Put a restriction or an objection in force. Idempotent; ConflictError where it is over."""
        with self._requests.turn([identifier], Silent()):
            return self._run(identifier)

    def _run(self, identifier: str) -> Request:
        request = self._found(identifier, "restriction", "objection")
        if request.state == "in-force":
            return request
        self._consent.restrict(request.subject)
        # Whoever is restricted stands against what learned from them: nothing else has to be done.
        suspended = self._model_store.affected(request.subject)
        # Whom it was passed on to is to be told of a restriction too (Art. 19).
        found = replace(request.restriction, suspended=tuple(suspended))
        return self._kept(request.moved("in-force").did("restrict", found))

    def lift(self, identifier: str) -> Request:
        """End a restriction; ConflictError where it isn't one in force."""
        request = self._found(identifier, "restriction")
        over = request.moved("done").did("lift")
        self._lifted(request)
        return self._kept(over)

    def uphold(self, identifier: str, progress: Progress | None = None) -> Request:
        """Give an objection its way: everything is withdrawn, and models forget what they learned."""
        request = self._found(identifier, "objection")
        over = request.moved("done")
        withdrawal = self._requests.open("withdrawal", request.subject)
        self._withdrawals.run(withdrawal.id, progress)
        self._lifted(request)
        return self._kept(over.did("uphold", replace(over.restriction, upheld=withdrawal.id)))

    def refuse(self, request: Request, ground: Ground) -> Request:
        """Refuse any request; what an objection restricted may be used again."""
        refused = self._requests.refuse(request, ground)
        if request.state == "in-force" or "hold" in request.steps:
            self._lifted(request)
        return refused

    def _lifted(self, request: Request) -> None:
        others = (each for each in self._requests.unfinished() if each.id != request.id)
        if not any(each.subject == request.subject and each.state == "in-force" for each in others):
            self._consent.lift(request.subject)

    def _found(self, identifier: str, *kinds: str) -> Request:
        request = self._requests.find(identifier)
        if request.kind not in kinds or request.is_finished:
            raise ConflictError(
                f"{request.id} is {request.state}, a request for {request.kind}.",
                f"Look at it: volenti request show {request.id}",
            )
        return request

    def _kept(self, request: Request) -> Request:
        self._requests.keep(request)
        return request
