"""Ranking: a face beside everybody enrolled, and the rule that says what a ranking means.

The matcher ranks; a policy's thresholds decide, by one rule (`weighed`). docs/design/whose-face.md says how
the thresholds were chosen; bench/accuracy.py measures what they do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

MatchVerdict = Literal["match", "uncertain", "unknown"]
Scale = Literal["cosine", "centred-cosine", "log-likelihood-ratio"]

#: How many candidates a match names, the best first.
CANDIDATES_MAX = 5

#: Plain cosine to a subject of the other kind (photographed, rendered) from which on a face isn't unknown.
CROSS_DOMAIN_MIN = 0.45


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a score is a match, and when a face isn't unknown.

    Both are for `measured_at` subjects; ten times as many add `per_tenfold` to them: the more people a
    stranger is compared with, the nearer the nearest of them comes. Among fewer people a face is unknown
    below a lower score, down to `uncertain_least`; a match needs less only where something else says who
    may be shown, down to `match_least`.
    """

    match_min: float
    margin_min: float
    uncertain_min: float
    per_tenfold: float
    measured_at: int
    match_least: float
    uncertain_least: float

    def match_min_for(self, subjects: int) -> float:
        """The least score of a match among that many subjects."""
        return max(self.match_min, self.match_min + self._more(subjects))

    def match_min_among(self, expected: int) -> float:
        """The least score of a match with one of that many subjects who are expected in the picture."""
        return max(self.match_least, self.match_min + self._more(expected))

    def uncertain_min_for(self, subjects: int) -> float:
        """The score from which a face may be somebody's, among that many subjects."""
        return max(min(self.uncertain_least, self.uncertain_min), self.uncertain_min + self._more(subjects))

    def _more(self, subjects: int) -> float:
        return self.per_tenfold * math.log10(max(subjects, 1) / self.measured_at)


#: Chosen so that a stranger compared with somebody enrolled reaches them about once in a million
#: comparisons or less, by the tail of strangers' scores, and at most 15 in 100 true matches are held.
THRESHOLDS: dict[Scale, Thresholds] = {
    "cosine": Thresholds(0.56, 0.10, 0.385, 0.055, 345, 0.48, 0.30),
    # For pictures that earlier versions compared after subtracting the gallery's mean; no longer done.
    "centred-cosine": Thresholds(0.52, 0.12, 0.22, 0.055, 345, 0.52, 0.22),
    "log-likelihood-ratio": Thresholds(17.3, 2.0, 10.0, math.log(10), 96, 17.3, 10.0),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject a face was compared with, and the score of their best template."""

    subject: str
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """One face compared with everybody enrolled; a rule decides what it means (`weighed`).

    `candidates` are the best, the best first, with their scores on `scale`. `compared` is how many subjects
    there were; `cross_domain` whoever is enrolled by a picture of the other kind (a photograph, or a rendered
    picture) and has the best plain cosine, None where there is nobody.
    """

    scale: Scale
    candidates: tuple[Candidate, ...] = ()
    compared: int = 0
    cross_domain: Candidate | None = None

    @property
    def best(self) -> Candidate | None:
        """The subject whom the face is most like."""
        return self.candidates[0] if self.candidates else None

    @property
    def second(self) -> Candidate | None:
        """The subject whom it is most like after the best."""
        return self.candidates[1] if len(self.candidates) > 1 else None

    @property
    def score(self) -> float:
        """The best candidate's score; 0 where there is none."""
        return self.candidates[0].score if self.candidates else 0.0

    @property
    def lead(self) -> float:
        """The best candidate's lead over the second; infinite where there is no second."""
        return math.inf if self.second is None else self.score - self.second.score

    def weighed_by(self, rule: Thresholds) -> MatchVerdict:
        """Whether the face is the best candidate's, by a rule for this scale."""
        across = self.cross_domain
        # That somebody is enrolled by pictures of both kinds is no doubt of who it is.
        is_other = across is not None and (self.best is None or across.subject != self.best.subject)
        cross_domain = across.score if across is not None and is_other else -1.0
        return weighed(self.score if self.best else -math.inf, self.lead, cross_domain, self.compared, rule)


def weighed(
    score: float,
    lead: float,
    cross_domain: float,
    subjects: int,
    rule: Thresholds,
    needed: float | None = None,
) -> MatchVerdict:
    """What a score means, by the rule.

    lead: over the second subject, infinite where there is none. needed: the least score of a match, where it
    isn't that among all subjects.
    """
    if cross_domain >= CROSS_DOMAIN_MIN:
        # Somebody enrolled by a picture of the other kind comes near: a person decides.
        return "uncertain"
    if score >= (rule.match_min_for(subjects) if needed is None else needed) and lead >= rule.margin_min:
        return "match"
    return "uncertain" if score >= rule.uncertain_min_for(subjects) else "unknown"
