"""Look-alikes: two enrolled people whose face templates match, and who may be one person on record twice.

Somebody who is on record twice is covered by one record when they withdraw by the other. Pictures that both
match are held, and nobody is taken for somebody else; but which records are one person's only a person can
say. They are compared with each other when the gallery is filled, which is when they are compared with
pictures; nobody else is. What is kept of a pair says that they match and not how well. It is sealed for both,
goes with either, and goes when one of them may not be recognised any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from volenti.core.digest import sha256
from volenti.core.logs import Logger

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from volenti.consent.service import Consent
    from volenti.vault.records import Records

KIND = "look-alike"
#: Templates compared at once with all others.
_BLOCK = 1024

_log = Logger(__name__)

Pair = tuple[str, str]


class LookAlikes:
    """Finds, keeps and lists pairs of enrolled people whose templates match."""

    def __init__(self, records: Records, consent: Consent) -> None:
        self._records = records
        self._consent = consent

    def compare(self, enrolled: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep who matches whom among everybody enrolled, by (M, 128) templates of each; nobody else does."""
        pairs = _pairs(enrolled)
        known = {row.id for row in self._records.rows(KIND)}
        named = {self._name(pair): pair for pair in pairs}
        with self._records.transaction():
            self._records.delete(KIND, known - set(named))
            for name in sorted(set(named) - known):
                self._records.put(KIND, name, {}, owners=named[name])
        if set(named) - known:
            _log.warning("enrolled people look like one person", pairs=len(set(named) - known))

    def forget(self, subjects: Collection[str]) -> None:
        """Delete what is kept of pairs with one of these."""
        for subject in subjects:
            self._records.delete(KIND, [row.id for row in self._records.rows(KIND, owner=subject)])

    def all(self) -> list[Pair]:
        """Every pair that nobody told apart yet (`Consent.distinguish`)."""
        pairs = sorted((row.owners[0], row.owners[1]) for row in self._records.rows(KIND))
        return [pair for pair in pairs if not self._consent.are_two_people(*pair)]

    def of(self, subject: str) -> tuple[str, ...]:
        """Who may be the same person as a subject."""
        pairs = [pair for pair in self.all() if subject in pair]
        return tuple(one if other == subject else other for one, other in pairs)

    def _name(self, pair: Pair) -> str:
        return "two_" + sha256("\n".join(sorted(map(self._records.alias, pair))).encode())[:32]


def told(pairs: Collection[Pair]) -> tuple[str, str]:
    """A sentence about the first pair, and how many more there are; and what helps with the first."""
    one, other = next(iter(pairs))
    more = f"; {len(pairs) - 1} more such pairs (volenti subject list)" if len(pairs) > 1 else ""
    return (
        f"{one} and {other} look like one person{more}",
        "If they are, keep one record, and erase the other: volenti request open --kind erasure "
        "--subject WHO. "
        f"If they are two people: volenti subject distinguish {one} {other}",
    )


def _pairs(enrolled: Mapping[str, NDArray[np.float32]]) -> list[Pair]:
    """Who matches whom as surely as a face in a picture has to, by templates of one kind."""
    if len(enrolled) < 2:
        return []
    import numpy as np

    from volenti.clearance.same_faces import Scores
    from volenti.perception.sight.matching import rendered_cohort
    from volenti.perception.sight.ranking import THRESHOLDS, Scale

    cohort, templates = rendered_cohort(), np.concatenate(list(enrolled.values()))
    owners = np.array([who for who, rows in enrolled.items() for _ in rows], object)
    rendered = cohort.rendered(templates)
    sides: tuple[tuple[Scale, NDArray[np.bool_], Scores, NDArray[Any]], ...] = (
        ("cosine", ~rendered, lambda ones, others: ones @ others.T, templates),
        ("log-likelihood-ratio", rendered, cohort.ratio, cohort.transformed(templates)),
    )
    found: set[Pair] = set()
    for scale, places, score, described in sides:
        rows, theirs = described[places], owners[places]
        needed = THRESHOLDS[scale].match_min_for(len(set(theirs)))
        for start in range(0, len(rows), _BLOCK):
            near = np.argwhere(score(rows[start : start + _BLOCK], rows) >= needed)
            found |= {(theirs[start + here], theirs[there]) for here, there in near}
    return sorted((one, other) for one, other in found if one < other)
