"""Counting what a matcher answered: matches, what is held, false clears, and how near strangers came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from common.groups import Counts
from common.templates import Templates
from volenti.adapters.matcher.exact import ExactMatcher
from volenti.perception.sight.ranking import THRESHOLDS, Ranking

#: Fewer strangers than this say nothing about their tail, which is fitted to this share of them.
TAIL_MIN, TAIL_SHARE, TAIL_LEAST = 300, 0.01, 30

Indices = NDArray[np.int64]


@dataclass(slots=True)
class MatchCounts:
    """What was counted for one line of the table, and by person; `best` are strangers' best scores."""

    true: int = 0
    right: int = 0
    wrong: int = 0
    best: list[float] = field(default_factory=list)
    clears: list[str] = field(default_factory=list)
    people: dict[str, Counts] = field(default_factory=dict)
    highest: float = -math.inf
    needed: float = math.nan

    def present(self, of: Templates, rows: Indices, matcher: ExactMatcher) -> None:
        """Pictures of people who are enrolled."""
        for row, answer in zip(rows, matcher.rank(of.vectors[rows]), strict=True):
            subject, taken_for = str(of.subjects[row]), _taken_for(answer)
            counts = self.people.setdefault(subject, Counts())
            right, wrong = taken_for == subject, taken_for not in (None, subject)
            self.true, counts.true = self.true + 1, counts.true + 1
            self.right, counts.right = self.right + right, counts.right + right
            self.wrong, counts.wrong = self.wrong + wrong, counts.wrong + wrong
            if wrong:
                self.clears.append(_taken(of, row, answer))

    def present_strangers(self, of: Templates, rows: Indices, matcher: ExactMatcher) -> None:
        """Pictures of people who aren't."""
        for row, answer in zip(rows, matcher.rank(of.vectors[rows]), strict=True):
            rule = THRESHOLDS[answer.scale]
            self.best.append(answer.score if answer.compared else -math.inf)
            if answer.compared:
                self.needed = rule.match_min_for(answer.compared)
                if answer.compared == 1 or answer.lead >= rule.margin_min:
                    self.highest = max(self.highest, answer.score)
            if _taken_for(answer) is not None:
                counts = self.people.setdefault(str(of.subjects[row]), Counts())
                counts.false_clears += 1
                self.clears.append(_taken(of, row, answer))

    def row(self, what: str, gallery: int) -> Row:
        false = len(self.clears) - self.wrong
        matched = self.right / self.true if self.true else None
        held = (self.true - self.right - self.wrong) / self.true if self.true else None
        highest = self.highest if math.isfinite(self.highest) else None
        needed = None if math.isnan(self.needed) else self.needed
        strangers, clears = len(self.best), tuple(self.clears)
        return Row(
            what, gallery, self.true, matched, held, self.wrong, strangers, false, highest, needed, clears
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; rates are shares of `true`, None where nobody enrolled was presented."""

    what: str
    gallery: int
    true: int
    matched: float | None
    held: float | None
    wrong: int
    strangers: int
    false_clears: int
    highest: float | None
    needed: float | None
    clears: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.what:48s} {self.gallery:7d} {self.true:6d} {_share(self.matched):>8s} "
            f"{_share(self.held):>6s} {self.wrong:5d} {self.strangers:9d} {self.false_clears:12d} "
            f"{_score(self.highest):>7s} {_score(self.needed):>6s}"
        )


HEAD = (
    f"{'what':48s} {'gallery':>7s} {'true':>6s} {'matched':>8s} {'held':>6s} {'wrong':>5s} "
    f"{'strangers':>9s} {'false clears':>12s} {'highest':>7s} {'needed':>6s}"
)


@dataclass(frozen=True, slots=True)
class Tail:
    """How near strangers come to people who are enrolled.

    `per_million` is what to expect of a million comparisons by an exponential tail fitted to the
    highest of the strangers' best scores; None where there are too few. Tails fall off faster
    than that as a rule, and the margin that a match needs as well isn't counted on.
    """

    what: str
    strangers: int
    highest: float
    needed: float
    per_million: float | None

    def __str__(self) -> str:
        expected = "too few to say more"
        if self.per_million is not None:
            expected = f"{self.per_million:.2g} false clears expected of a million comparisons"
        return (
            f"{self.what}: {self.strangers} strangers score {self.highest:.2f} at most, "
            f"{self.needed:.2f} is needed; {expected}"
        )


def tail_of(what: str, best: Sequence[float], needed: float, gallery: int) -> Tail | None:
    """best: of each stranger the best score in a gallery of that many subjects. None without any."""
    scores = np.sort(np.array([score for score in best if math.isfinite(score)]))[::-1]
    if not len(scores):
        return None
    expected = None
    if len(scores) >= TAIL_MIN:
        count = max(TAIL_LEAST, round(TAIL_SHARE * len(scores)))
        least = float(scores[count])
        scale = max(float((scores[:count] - least).mean()), 1e-9)
        reaching = count / len(best) * math.exp(-max(0.0, needed - least) / scale)
        expected = 1e6 * reaching / gallery
    return Tail(what, len(best), float(scores[0]), needed, expected)


def _taken_for(answer: Ranking) -> str | None:
    """Whom the shipped thresholds match a face with; None where they match it with nobody."""
    matched = answer.weighed_by(THRESHOLDS[answer.scale]) == "match"
    return answer.best.subject if matched and answer.best else None


def _taken(of: Templates, row: int, answer: Ranking) -> str:
    leading = f"({answer.score:.3f}, leading by {answer.lead:.3f})"
    return f"{of.files[row]} taken for {_taken_for(answer)} {leading}"


def _share(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"
