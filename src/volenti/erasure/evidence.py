"""Evidence: what attacks on the model found before and after, for the certificate.

Asked for with `--audit`. The person's pictures are read while they may still be, before the
request freezes them, and stay in this object's memory until the model has been attacked again;
nothing writes them anywhere. Of an interrupted run only figures are left, so the attempt after it
can't be made: what is noted beforehand says "interrupted", and is overwritten by what was found.

Evidence, not proof: an attack that fails says nothing about a better one. The proof is the
retraining from scratch (`training.proof`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from volenti.core.canonical import Json
from volenti.core.errors import VolentiError
from volenti.core.progress import Progress
from volenti.erasure.request import Request
from volenti.training.attacks import Attacks, Attempt, Target

#: The note of a request, and the part of a certificate's predicate.
NOTE = "attacks"

MEANING = (
    "Attacks tried on the model: they can refute forgetting, not prove it. A rank is the share of people "
    "whom the constituent never saw that look less known to it. Of somebody it doesn't know any rank is "
    "equally likely, 0.5 on average and above 0.95 once in twenty; of somebody it remembers it is near 1."
)

_NOT = "not measured: "


class Evidence:
    """Attacks on the model for the requests that are run together, before and after.

    `save` writes a request down, `watch` is told before and after each request's attack.
    """

    def __init__(
        self,
        attacks: Attacks,
        progress: Progress,
        save: Callable[[Request], None],
        watch: Callable[[str], None],
    ) -> None:
        self._attacks = attacks
        self._progress = progress
        self._save = save
        self._watch = watch
        self._targets: dict[str, Target] = {}

    def before(self, requests: Sequence[Request]) -> list[Request]:
        """The requests with what was found before anything is done for them."""
        leaving = [each.subject for each in requests]
        return [self._before(each, leaving) for each in requests]

    def after(self, requests: Sequence[Request]) -> list[Request]:
        """The requests with what is found now; each one's pictures are let go with it."""
        return [self._after(each) for each in requests]

    def _before(self, request: Request, leaving: Sequence[str]) -> Request:
        if request.state == "opened":
            self._watch("attack")
            target = self._attacks.target(request.subject, leaving)
            found = _figures(self._attacks.attempt(target, self._progress))
            self._targets[request.id] = target
            return self._noted("attack", request, found, f"{_NOT}interrupted")
        if request.is_certified or NOTE in request.notes:
            return request
        return self._noted("", request, *[f"{_NOT}the erasure had begun"] * 2)

    def _after(self, request: Request) -> Request:
        target = self._targets.pop(request.id, None)
        if target is None:
            return request
        self._watch("attack again")
        try:
            found: Json | str = _figures(self._attacks.attempt(target, self._progress))
        except VolentiError as error:
            # What was asked for is done by now: evidence that can't be had doesn't hold it up.
            found = f"{_NOT}{error.message}"
        return self._noted("attack again", request, request.notes[NOTE]["before"], found)

    def _noted(self, step: str, request: Request, before: Json | str, after: Json | str) -> Request:
        found = {"meaning": MEANING, "before": before, "after": after}
        request = replace(request, notes={**request.notes, NOTE: found})
        if step:
            request = request.did(step)
        self._save(request)
        self._watch(f"did {step}")
        return request


def _figures(found: dict[str, Attempt | str]) -> Json:
    """By constituent; no names, no pictures, no captions."""
    return {
        name: f"{_NOT}{each}" if isinstance(each, str) else each.to_json() for name, each in found.items()
    }
