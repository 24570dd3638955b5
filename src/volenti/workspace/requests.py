"""Requests: what people ask for, by when, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.core.progress import Progress
    from volenti.erasure.plan import Plan
    from volenti.requests.outcome import Outcome
    from volenti.requests.request import Request


class Requests(Noun):
    """What people ask for, by when, and what comes of it."""

    def open(self, kind: str, subject: str, **about: Any) -> Request:
        """Open a data subject's request. about: what a withdrawal is about (`Requests.open`)."""
        return self._parts.requests.open(kind, subject, **about)

    def plan(self, request: str | None = None) -> Plan:
        """What running a request would do and cost."""
        return self._parts.plans.plan(self._parts.requests.find(request))

    def run(
        self, request: str | None = None, *, audit: bool = False, progress: Progress | None = None
    ) -> Outcome:
        """Run a request, whatever its kind, to its end; the latest where none is named.

        audit: attack the model before and after an erasure, as evidence.
        """
        return self._parts.runner.run([self._parts.requests.find(request).id], progress, audit=audit)[0]

    def run_all(self, *, audit: bool = False, progress: Progress | None = None) -> list[Outcome]:
        """Run every request that isn't finished and needs no answer, the model's replays together."""
        runner = self._parts.runner
        return runner.run([each.id for each in runner.due()], progress, audit=audit)
