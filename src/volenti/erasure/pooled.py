"""Attacks of several requests taken together: how often chance alone would give such a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.requests.history import AttackFindings, ErasureHistory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from volenti.requests.request import Request
    from volenti.training.membership import Rank


@dataclass(frozen=True, slots=True)
class Pooled:
    """What an attack of one kind says of all requests it was tried for.

    `learned`: how often as many people whom the model never saw would look at least as much learned from as
    these; `unlearned`: how often they would look at least as little learned from.
    """

    what: str
    when: str
    requests: int
    learned: float
    unlearned: float


def pooled(requests: Iterable[Request]) -> list[Pooled]:
    """What the attacks of all requests say together, where there are two or more of a kind.

    Of each request only the first constituent counts that was measured, because constituents of several
    runs learned from the same pictures.
    """
    histories = (each.history for each in requests)
    tried = [each.attacks for each in histories if isinstance(each, ErasureHistory) and each.attacks]
    if len(tried) < 2:
        return []
    # Most workspaces were never attacked: what counting needs is imported only here.
    from volenti.training.attacks import ATTACKS
    from volenti.training.membership import chances

    ranks: dict[tuple[str, str], list[Rank]] = {}
    for attacks in tried:
        for key, rank in _ranks(attacks, ATTACKS):
            ranks.setdefault(key, []).append(rank)
    return [
        Pooled(what, when, len(some), *chances(some))
        for (what, when), some in sorted(ranks.items(), key=lambda each: ATTACKS.index(each[0][0]))
        if len(some) > 1
    ]


def _ranks(attacks: AttackFindings, kinds: Sequence[str]) -> Iterator[tuple[tuple[str, str], Rank]]:
    from volenti.training.membership import Rank

    for when, found in (("before", attacks.before), ("after", attacks.after)):
        each = [] if isinstance(found, str) else [some for _, some in sorted(found.items())]
        for what in kinds:
            told = [
                some[what] for some in each if isinstance(some, dict) and isinstance(some.get(what), dict)
            ]
            if told and "more" in told[0]:
                yield (what, when), Rank(told[0]["more"], told[0]["equal"], told[0]["never_seen"])
