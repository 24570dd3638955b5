"""Restrictions: a person's data is kept, and not used, until the restriction is lifted (Art. 18 GDPR).

From the first step on nothing of theirs is read, trained on or exported, and constituents that learned
from them aren't served. Their pictures aren't judged anew, because judging could delete what has to be kept.
Lifting a restriction undoes all of that. An objection (Art. 21) restricts until the controller decides it:
if it is upheld, everything is withdrawn and the models forget; if it is refused, the restriction is lifted.
"""

from __future__ import annotations

from dataclasses import replace

from volenti.consent.service import Consent
from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.requests.history import Ground
from volenti.requests.request import Request
from volenti.requests.service import Requests
from volenti.requests.withdrawal import Withdrawals
from volenti.training.model_store import ModelStore

_log = Logger(__name__)


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
        with self._requests.lock([identifier], Silent()):
            return self._run(identifier)

    def _run(self, identifier: str) -> Request:
        request = self._found(identifier, "restriction", "objection")
        if request.state == "in-force":
            return request
        self._consent.restrict(request.subject)
        # Serving asks about restrictions each time, so nothing else has to be done to these constituents.
        suspended = self._model_store.affected(request.subject)
        # The request lists them because recipients have to be told of a restriction too (Art. 19).
        found = replace(request.restriction, suspended=tuple(suspended))
        request = self._keep(request.moved("in-force").did("restrict", found))
        _log.info("restriction in force", request=request.id, kind=request.kind, constituents=len(suspended))
        return request

    def lift(self, identifier: str) -> Request:
        """End a restriction; ConflictError where it isn't one in force."""
        request = self._found(identifier, "restriction")
        over = request.moved("done").did("lift")
        self._lift(request)
        self._keep(over)
        _log.info("restriction lifted", request=over.id)
        return over

    def uphold(self, identifier: str, progress: Progress | None = None) -> Request:
        """Uphold an objection: withdraw everything, and have the models forget what they learned from it."""
        request = self._found(identifier, "objection")
        over = request.moved("done")
        withdrawal = self._requests.open("withdrawal", request.subject)
        self._withdrawals.run(withdrawal.id, progress)
        self._lift(request)
        upheld = self._keep(over.did("uphold", replace(over.restriction, upheld=withdrawal.id)))
        _log.info("objection upheld", request=request.id, withdrawal=withdrawal.id)
        return upheld

    def refuse(self, request: Request, ground: Ground) -> Request:
        """Refuse any request, and end the restriction of an objection's or an erasure's first step."""
        refused = self._requests.refuse(request, ground)
        if request.state == "in-force" or "hold" in request.steps:
            self._lift(request)
        return refused

    def _lift(self, request: Request) -> None:
        """Lift the restriction, unless another request of the same person keeps it in force.

        An erasure does so from its first step on, before it withdraws anything.
        """
        others = (each for each in self._requests.unfinished() if each.id != request.id)
        mine = (each for each in others if each.subject == request.subject)
        if not any(each.state == "in-force" or "hold" in each.steps for each in mine):
            self._consent.lift(request.subject)

    def _found(self, identifier: str, *kinds: str) -> Request:
        request = self._requests.find(identifier)
        if request.kind not in kinds or request.is_finished:
            raise ConflictError(
                f"{request.id} is {request.state}, a request for {request.kind}.", request.remedy
            )
        return request

    def _keep(self, request: Request) -> Request:
        self._requests.keep(request)
        return request
