"""Membership inference: do a model's losses show that it learned from somebody?

A model's loss is lower on pictures that it learned from than on others (Yeom et al. 2018,
arXiv:1709.01604). How much lower is measured on *pairs* of models, one that learned from somebody and one
that didn't, with the same pictures and the same random draws (times, noises). A picture that is hard is hard
for both models, so its difficulty cancels out in the difference (LiRA, Carlini et al. 2022, arXiv:2112.03570,
does so for one example at a time, against models without it). Some draws tell more than others: each is
weighted by the inverse variance of the gains on people never seen, with one weight for all pictures, as in
LiRA for few models. The person is then compared with people whom the same model never saw, scored in the
same way (RMIA, Zarifzadeh et al. 2024, arXiv:2312.03262).

The result is a rank among people never seen. For somebody whom the model never saw, every rank is equally
likely; among n people no rank is rarer than one in n + 1. The power says how much a rank means: how many
people the model did learn from the same attack finds. It would find a person who wasn't forgotten about as
often as these.

Deliberately absent: a verdict. Such attacks can refute forgetting and can't prove it; equal hashes prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.core.codec import encoded

#: How often an attack may take somebody never seen for somebody learned from, as certificates name it.
LEVELS = {"5 %": 0.05, "1 %": 0.01}
#: Up to this many people, the spread of their scores can't be estimated.
FEWEST = 3

#: Losses, or gains over other models' losses: (pictures, draws).
Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Power:
    """How many people the attack finds, by level, of the `learned` people whom a model did learn from.

    `comparisons` is the number of people never seen, counted once for each model. Where it is too small for a
    level, that level is missing in `told`.
    """

    learned: int
    comparisons: int
    told: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rank:
    """Somebody's rank among people never seen: how many have a higher score, and how many the same."""

    more: int
    equal: int
    never_seen: int

    @property
    def share(self) -> float:
        """The share of people never seen who have a lower score; equal ones count half."""
        return 1 - (self.more + self.equal / 2) / self.never_seen


@dataclass(frozen=True, slots=True)
class Attacked:
    """The result of an attack. `told` are the levels at which it takes the person for one learned from."""

    rank: Rank
    told: tuple[str, ...]
    power: Power

    def to_json(self) -> Json:
        """The result as counts alone: with a measurement somebody could test guesses of the pictures."""
        rank = self.rank
        return {
            "more": rank.more,
            "equal": rank.equal,
            "never_seen": rank.never_seen,
            "told": list(self.told),
            "power": encoded(self.power),
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """One model's scores of people it learned from, and of people it never saw; higher means learned from."""

    learned: Sequence[float]
    never_seen: Sequence[float]


def weights(gains: Iterable[Numbers]) -> Numbers:
    """The weight of each draw, (draws,), from gains on people never seen, each (pictures, draws)."""
    variance = np.mean([(each.astype(np.float64) ** 2).mean(0) for each in gains], 0)
    # Where the variance is 0, any gain counts very much.
    return np.asarray(1 / np.maximum(variance, 1e-12), np.float64)


def score(gain: Numbers, weights: Numbers) -> float:
    """Somebody's score: the weighted mean of a model's gains on their pictures, (pictures, draws)."""
    return float((gain.astype(np.float64) * weights).mean())


def attacked(score: float, mine: Trial, others: Sequence[Trial]) -> Attacked | None:
    """The result for somebody's score among those whom the same model never saw; None where there is nobody.

    mine: the other people's scores by that model. others: scores by other models, to measure the power.
    """
    if not mine.never_seen:
        return None
    trials = [mine, *others]
    pool = np.sort(np.concatenate([_out_of_each_other(each.never_seen) for each in trials]))
    levels = {name: level for name, level in LEVELS.items() if 1 / (1 + len(pool)) <= level}
    chances = [chance for each in trials for chance in _chances(each.learned, each.never_seen, pool)]
    of_mine = _chances([score], mine.never_seen, pool)
    more = sum(each > score for each in mine.never_seen)
    equal = sum(each == score for each in mine.never_seen)
    return Attacked(
        Rank(more, equal, len(mine.never_seen)),
        tuple(name for name, level in levels.items() for chance in of_mine if chance <= level),
        Power(
            sum(len(each.learned) for each in trials),
            len(pool),
            {name: sum(chance <= level for chance in chances) for name, level in levels.items()},
        ),
    )


def chances(ranks: Sequence[Rank]) -> tuple[float, float]:
    """How likely ranks as high as these together, and as low, are for people none of whom was learned from.

    This is exact where people are ranked independently of one another: it is the distribution of the sum of
    ranks, each equally likely. Equal scores count against the finding, in either direction.
    """
    spread = np.ones(1)
    for each in ranks:
        spread = np.convolve(spread, np.full(each.never_seen + 1, 1 / (each.never_seen + 1)))
    high, low = sum(each.more + each.equal for each in ranks), sum(each.more for each in ranks)
    return min(1.0, float(spread[: high + 1].sum())), min(1.0, float(spread[low:].sum()))


def _chances(scores: Sequence[float], never_seen: Sequence[float], pool: NDArray[np.float64]) -> list[float]:
    """For each score, the share of people never seen, under any model, who stand out at least as much."""
    if len(never_seen) <= FEWEST:
        return []
    found = _outstanding(np.array(scores), np.array(never_seen))
    return [(1 + len(pool) - int(np.searchsorted(pool, each))) / (1 + len(pool)) for each in found]


def _out_of_each_other(scores: Sequence[float]) -> NDArray[np.float64]:
    """How far each score stands out from all others."""
    count = len(scores)
    if count <= FEWEST:
        return np.zeros(0)
    others = np.tile(scores, (count, 1))[~np.eye(count, dtype=bool)].reshape(count, count - 1)
    return _outstanding(np.array(scores), others)


def _outstanding(scores: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far scores lie above the mean of `among`, in standard deviations along its last axis.

    Where all of those are equal, any difference stands out.
    """
    spread = np.maximum(among.std(-1, ddof=1), 1e-9)
    return np.asarray((scores - among.mean(-1)) / spread, np.float64)
