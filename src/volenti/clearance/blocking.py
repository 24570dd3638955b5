"""Blocking: how many pictures are where, and what holds those that are held, without reading all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from volenti.clearance.decision import Decision
from volenti.core.codec import decoded

if TYPE_CHECKING:
    from volenti.vault.records import Records


@dataclass(frozen=True, slots=True)
class Blocking:
    """Pictures by what became of them, and the findings that hold pictures, the most frequent first.

    `reasons` are codes of findings, each with how many decisions of the `read` it holds.
    """

    waiting: int
    held: int
    cleared: int
    reasons: tuple[tuple[str, int], ...]
    read: int


def blocking(records: Records, most: int) -> Blocking:
    """What there is. most: of how many decisions that hold a picture the reasons are read."""
    rows = list(islice(records.rows("decision", state="held"), most))
    found: Counter[str] = Counter()
    for each in records.opened_all(rows):
        decision = decoded(Decision, each.body, image=each.parent)
        found.update({finding.code for finding in decision.findings if finding.verdict == "held"})
    waiting, held, cleared = (records.count("image", state=each) for each in ("waiting", "held", "cleared"))
    return Blocking(waiting, held, cleared, tuple(found.most_common()), len(rows))
