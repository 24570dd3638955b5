"""Evidence: what attacks on the model found before and after an erasure, for its certificate.

A user asks for it with `--audit`. The person's pictures are read before the request freezes them, and
stay in this object's memory until the model has been attacked again; nothing writes them anywhere. After
an interrupted run the pictures are gone, so the second attack can't be made. That is why the request says
"interrupted" from the first attack on, until the second attack's findings replace the word.

Evidence isn't proof: an attack that fails says nothing about a better one. The proof is the training
from scratch (`training.proof`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.core.errors import VolentiError
from volenti.core.logs import Logger
from volenti.requests.history import AttackFindings
from volenti.training.attacks import Attacks, Attempt, Target

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.requests.request import Request

_log = Logger(__name__)

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
    """Attacks the model for requests that are run together, before their erasure and after it.

    `save` puts a request on record; `watch` is called before and after each request's attack.
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

    def attack_before(self, requests: Sequence[Request]) -> list[Request]:
        """Attack before anything is erased; returns the requests with what was found."""
        leaving = [each.subject for each in requests]
        return [self._attack_before(each, leaving) for each in requests]

    def attack_after(self, requests: Sequence[Request]) -> list[Request]:
        """Attack again and forget each one's pictures; returns the requests with what was found."""
        return [self._attack_after(each) for each in requests]

    def _attack_before(self, request: Request, leaving: Sequence[str]) -> Request:
        if request.state == "opened":
            self._watch("attack")
            target = self._attacks.target(request.subject, leaving)
            found = self._attack(request, target, "before")
            self._targets[request.id] = target
            return self._note("attack", request, found, f"{_NOT}interrupted")
        if request.is_certified or request.erasure.attacks is not None:
            return request
        return self._note("", request, *[f"{_NOT}the erasure had begun"] * 2)

    def _attack_after(self, request: Request) -> Request:
        target = self._targets.pop(request.id, None)
        if target is None:
            return request
        self._watch("attack again")
        try:
            found: Json | str = self._attack(request, target, "after")
        except VolentiError as error:
            # The erasure is done by now: an attack that fails with an error doesn't keep it from its end.
            found = f"{_NOT}{error.message}"
        said = request.erasure.attacks
        return self._note("attack again", request, said.before if said else {}, found)

    def _attack(self, request: Request, target: Target, when: str) -> Json:
        with _log.timed("model attacked", request=request.id, when=when):
            return _figures(self._attacks.attempt(target, self._progress))

    def _note(self, step: str, request: Request, before: Json | str, after: Json | str) -> Request:
        found = replace(request.erasure, attacks=AttackFindings(MEANING, before, after))
        request = replace(request, history=found)
        if step:
            request = request.did(step)
        self._save(request)
        self._watch(f"did {step}")
        return request


def _figures(found: Mapping[str, Attempt | str]) -> Json:
    """What was found, by constituent and by what was attacked: counts alone, and no measurements."""
    return {
        name: f"{_NOT}{each}"
        if isinstance(each, str)
        else {
            what: f"{_NOT}{said}" if isinstance(said, str) else said.to_json() for what, said in each.items()
        }
        for name, each in found.items()
    }
