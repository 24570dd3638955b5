"""Membership: do a model's losses tell that it learned from somebody?

The model's loss is lower on what it learned from than on what it never saw (Yeom et al. 2018,
arXiv:1709.01604). Some pictures are easier than others for any model, so the loss is also taken
against shadow models, which never saw either person (Watson et al. 2022, arXiv:2111.08440; Carlini
et al. 2022, arXiv:2112.03570). Here shadow models cost nothing: the constituents of other shards
are trained alike and have never heard of the person. Where there are only two shards, the base is
the reference: it has seen nobody at all.

The answer is a rank: the share of people whom the model never saw that look less learned than
this person. A model that knows nothing of them gives any rank with equal chance, 0.5 on average,
and above 0.95 once in twenty; one that remembers gives 1. A rank near 0 tells as well: pictures
that a model knows unnaturally badly were pushed out of it. Ranks of people who are ranked by the
same models hang together: the mean of ten strays further from 0.5 than ten throws of dice would.

Deliberately absent: a verdict. Such attacks can refute forgetting, not prove it; that is what
equal hashes are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from volenti.core.canonical import Json

#: The model that has seen nobody, where models are named.
BASE = "base"


@dataclass(frozen=True, slots=True)
class Suspect:
    """Somebody as an attack sees them: the mean loss of their pictures under each model.

    `known_to` are the models that learned from them, or did before they left.
    """

    losses: Mapping[str, float]
    known_to: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Membership:
    """Ranks among `people` whom the model never saw: by its loss, and by that against shadow models."""

    people: int
    loss: float
    calibrated: float

    def to_json(self) -> Json:
        return {"people": self.people, "loss": self.loss, "calibrated": self.calibrated}


def membership(model: str, suspect: Suspect, unseen: Iterable[Suspect]) -> Membership | None:
    """How the suspect stands under `model` among people it never saw; None where there are none.

    Whoever is among `unseen` but known to the model is left out. The suspect is compared with each
    other person under the same references, so that chance is all that tells two unknown people apart.
    """
    others = [each for each in unseen if model not in each.known_to]
    if not others:
        return None
    plain = [_wins(-suspect.losses[model], -each.losses[model]) for each in others]
    against = []
    for each in others:
        shadows = references(model, suspect, each)
        against.append(_wins(_learned(model, suspect, shadows), _learned(model, each, shadows)))
    return Membership(len(others), sum(plain) / len(others), sum(against) / len(others))


def references(model: str, one: Suspect, other: Suspect) -> tuple[str, ...]:
    """The models that never saw either of the two, other than `model`; the base where there is none."""
    known = {model, BASE} | one.known_to | other.known_to
    return tuple(sorted((one.losses.keys() & other.losses.keys()) - known)) or (BASE,)


def rank(score: float, others: Iterable[float]) -> float:
    """The share of `others` below `score`; equal ones count half. Raises ValueError without any."""
    wins = [_wins(score, other) for other in others]
    if not wins:
        raise ValueError("nobody to compare with")
    return sum(wins) / len(wins)


def _learned(model: str, suspect: Suspect, shadows: tuple[str, ...]) -> float:
    """How much better `model` knows the suspect's pictures than models that never saw them."""
    return sum(suspect.losses[name] for name in shadows) / len(shadows) - suspect.losses[model]


def _wins(score: float, other: float) -> float:
    return 1.0 if score > other else 0.5 if score == other else 0.0
