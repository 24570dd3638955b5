"""Evidence: what attacks on the model found before and after, for the certificate.

Asked for with `--audit`. The person's pictures are read while they may still be, before the
request freezes them, and stay in this object's memory until the model has been attacked again;
nothing writes them anywhere. Of an interrupted run only figures are left, so the attempt after it
can't be made: what is noted beforehand says "interrupted", and is overwritten by what was found.

Evidence, not proof: an attack that fails says nothing about a better one. The proof is the
retraining from scratch (`training.proof`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.core.errors import VolentiError
from volenti.requests.history import AttackFindings
from volenti.training.attacks import Attacks, Attempt, Target

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.requests.request import Request

MEANING = (
    "Attacks tried on what learned from them: they can refute forgetting, not prove it. Everybody is scored "
    "by how learned their pictures look; more and equal count those of the never_seen people, whom the model "
    "never saw, who look more learned than this person, and as much. If it never saw this person either, any "
    "place among them is equally likely, and none is rarer than 1 in (never_seen + 1). told names the levels "
    "at which the attack takes them for somebody learned; it says so of somebody never seen as often as the "
    "level says. power says what the attack can tell: of so many other people whom the model did learn from "
    "(learned), how many it tells. Had this person not been forgotten, it would miss them about as often as "
    "it misses those. A level is missing where there are too few comparisons for it."
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
        if request.is_certified or request.erasure.attacks is not None:
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
        said = request.erasure.attacks
        return self._noted("attack again", request, said.before if said else {}, found)

    def _noted(self, step: str, request: Request, before: Json | str, after: Json | str) -> Request:
        found = replace(request.erasure, attacks=AttackFindings(MEANING, before, after))
        request = replace(request, history=found)
        if step:
            request = request.did(step)
        self._save(request)
        self._watch(f"did {step}")
        return request


def _figures(found: Mapping[str, Attempt | str]) -> Json:
    """By constituent and by what was attacked; no names, no pictures, no captions, no measurements."""
    return {
        name: f"{_NOT}{each}"
        if isinstance(each, str)
        else {
            what: f"{_NOT}{said}" if isinstance(said, str) else said.to_json() for what, said in each.items()
        }
        for name, each in found.items()
    }
