"""Membership: do a model's losses tell that it learned from somebody?

A model's loss is lower on what it learned from than on what it never saw (Yeom et al. 2018,
arXiv:1709.01604). How much lower is told by *pairs*: models that learned from somebody and models that
didn't, asked about the same pictures under the same chances (times, noises). What is hard about a
picture is hard for both and goes away in the difference (LiRA, Carlini et al. 2022, arXiv:2112.03570, one
example at a time, against models without it). Some chances tell more than others: each counts by the
inverse variance of what is gained there on people never seen, one for all pictures, as LiRA has it where
there are few models. And the person is compared with people whom the very model never saw, scored alike
(RMIA, Zarifzadeh et al. 2024, arXiv:2312.03262).

The answer is a place among people never seen. Of somebody whom the model never saw any place is
equally likely; among n of them no place is rarer than one in n + 1. What that is worth, the power says:
how many people the model did learn from are told by the same attack. Had a person not been forgotten,
the attack would tell them about as often as these.

Deliberately absent: a verdict. Such attacks can refute forgetting, not prove it; that is what
equal hashes are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import Json
from volenti.core.codec import encoded

#: How often somebody never seen may be taken for somebody learned; named as certificates name them.
LEVELS = {"5 %": 0.05, "1 %": 0.01}
#: So few people say nothing of how far they lie apart.
FEWEST = 3

#: Losses, and what was gained over others' losses: (pictures, chances).
Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Power:
    """Of so many people learned, how many the attack tells, by level.

    `comparisons` are people never seen, each under each model: where they are too few for a level, it is
    missing in `told`.
    """

    learned: int
    comparisons: int
    told: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rank:
    """Somebody's place among people never seen: how many look more learned, and how many as much."""

    more: int
    equal: int
    never_seen: int

    @property
    def share(self) -> float:
        """The share of people never seen who look less learned; equal ones count half."""
        return 1 - (self.more + self.equal / 2) / self.never_seen


@dataclass(frozen=True, slots=True)
class Attacked:
    """What came of an attack. `told` are the levels at which it takes somebody for one learned."""

    rank: Rank
    told: tuple[str, ...]
    power: Power

    def to_json(self) -> Json:
        """Counts alone: a measurement would be a way to try guesses of their pictures."""
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
    """One model's scores: of people it learned from, and of people it never saw; higher is more learned."""

    learned: Sequence[float]
    never_seen: Sequence[float]


def weights(gains: Iterable[Numbers]) -> Numbers:
    """What each chance counts for, (chances,), from gains on people never seen, each (pictures, chances)."""
    apart = np.mean([(each.astype(np.float64) ** 2).mean(0) for each in gains], 0)
    # Where nothing differs, whatever does counts.
    return np.asarray(1 / np.maximum(apart, 1e-12), np.float64)


def score(gain: Numbers, weights: Numbers) -> float:
    """How learned somebody's pictures look, from what a model gained on them, (pictures, chances)."""
    return float((gain.astype(np.float64) * weights).mean())


def attacked(score: float, mine: Trial, others: Sequence[Trial]) -> Attacked | None:
    """Somebody's place among those whom the same model never saw; None where there is nobody.

    mine: the other people of that model; others: those of other models, for what the attack can tell.
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
    """How often people none of whom was learned from take places as high together, and as low.

    Exact for people who are ranked independently of one another: the sum of places, each equally likely.
    Equal scores count against the finding, either way.
    """
    spread = np.ones(1)
    for each in ranks:
        spread = np.convolve(spread, np.full(each.never_seen + 1, 1 / (each.never_seen + 1)))
    high, low = sum(each.more + each.equal for each in ranks), sum(each.more for each in ranks)
    return min(1.0, float(spread[: high + 1].sum())), min(1.0, float(spread[low:].sum()))


def _chances(scores: Sequence[float], never_seen: Sequence[float], pool: NDArray[np.float64]) -> list[float]:
    """For each score, how often somebody never seen, under any of the models, stands out as much."""
    if len(never_seen) <= FEWEST:
        return []
    found = _outstanding(np.array(scores), np.array(never_seen))
    return [(1 + len(pool) - int(np.searchsorted(pool, each))) / (1 + len(pool)) for each in found]


def _out_of_each_other(scores: Sequence[float]) -> NDArray[np.float64]:
    """How far each stands out of all others."""
    count = len(scores)
    if count <= FEWEST:
        return np.zeros(0)
    others = np.tile(scores, (count, 1))[~np.eye(count, dtype=bool)].reshape(count, count - 1)
    return _outstanding(np.array(scores), others)


def _outstanding(scores: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.float64]:
    """In standard deviations of those along the last axis. Where nobody differs, whoever does stands out."""
    apart = np.maximum(among.std(-1, ddof=1), 1e-9)
    return np.asarray((scores - among.mean(-1)) / apart, np.float64)
