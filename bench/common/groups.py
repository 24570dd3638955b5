"""Which groups people belong to, from what a list says of them, and the miss rates of each group.

A group is a person's, not a picture's: a field counts where it says the same of all pictures
of a person. Years become decades, skin tones from 0 to 1 become thirds; a field with more
values than VALUES_MAX divides nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.photographs import Photograph

#: Of each person: the groups they belong to, by name.
Groups = dict[str, dict[str, str]]

#: Values from which on a field is a number or a name rather than a group.
VALUES_MAX = 20

NOT_STATED = "not stated"


@dataclass(slots=True)
class Counts:
    """Of one group's people: pictures presented, matched rightly, taken for somebody else, and
    cleared although the person wasn't enrolled."""

    true: int = 0
    right: int = 0
    wrong: int = 0
    false_clears: int = 0

    def add(self, other: Counts) -> None:
        self.true += other.true
        self.right += other.right
        self.wrong += other.wrong
        self.false_clears += other.false_clears


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One line of the table: rates are shares of `true`, the rest are numbers of pictures."""

    group: str
    value: str
    people: int
    true: int
    matched: float
    held: float
    wrong: int
    false_clears: int

    def __str__(self) -> str:
        return (
            f"{self.group:24s} {self.value:14s} {self.people:6d} {self.true:6d} {self.matched:>8.1%} "
            f"{self.held:>7.1%} {self.wrong:6d} {self.false_clears:12d}"
        )


GROUP_HEAD = (
    f"{'group':24s} {'value':14s} {'people':>6s} {'true':>6s} {'matched':>8s} {'held':>7s} "
    f"{'wrong':>6s} {'false clears':>12s}"
)


def groups_of(photographs: Sequence[Photograph], only: Sequence[str] = ()) -> Groups:
    """The groups of everybody by the fields of a list; `only` these where any are named."""
    said: dict[str, dict[str, set[str]]] = {}
    for each in photographs:
        mine = said.setdefault(each.person, {})
        for name, value in each.groups.items():
            if not only or name in only:
                mine.setdefault(name, set()).add(_coarse(name, value))
    names = sorted({name for mine in said.values() for name in mine})
    kept = [name for name in names if _divides([mine.get(name, set()) for mine in said.values()])]
    return {
        person: {name.replace("_", " "): next(iter(mine.get(name, ())), NOT_STATED) for name in kept}
        for person, mine in said.items()
    }


def _divides(values: Sequence[set[str]]) -> bool:
    different = set().union(*values)
    return all(len(each) <= 1 for each in values) and 1 <= len(different) <= VALUES_MAX


def _coarse(name: str, value: str) -> str:
    if "year" in name and value.isdigit() and len(value) == 4:
        return f"{value[:3]}0s"
    if name == "skin_tone":
        try:
            return ("light", "medium", "dark")[min(2, max(0, int(3 * float(value))))]
        except ValueError:
            return value
    return value


def group_rows(counts: Mapping[str, Counts], groups: Groups, what: str) -> list[GroupRow]:
    """The table of `what` (named before each group) from the counts of each person."""
    summed: dict[tuple[str, str], NDArray[np.int64]] = {}
    for person, mine in counts.items():
        added = np.array([1, mine.true, mine.right, mine.wrong, mine.false_clears])
        for named in groups.get(person, {}).items():
            summed[named] = summed.get(named, np.zeros(5, np.int64)) + added
    rows = []
    for (group, value), sums in sorted(summed.items()):
        people, true, right, wrong, false = (int(number) for number in sums)
        if true:
            held = (true - right - wrong) / true
            rows.append(GroupRow(f"{what}: {group}", value, people, true, right / true, held, wrong, false))
    return rows
