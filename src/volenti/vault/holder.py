"""Holder: a store that can hold a subject's data.

Whatever keeps something of people's announces its holder when it is made: so nothing can be wired whose
holder an erasure doesn't know.

Three verbs: `locate` says what there is, before anything is done; `erase` removes
it, and may be repeated; `attest` counts what is left, and works when the
subject's key is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Holding:
    """What a holder has of a subject, in words a rights officer reads."""

    holder: str
    what: str
    items: int
    bytes: int
    action: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erase step did. `rewritten` counts bytes that had to be written anew for others."""

    items: int
    bytes: int
    rewritten: int = 0


class Turn(IntEnum):
    """When a holder is erased. The order makes a crash leave less, never more."""

    #: What serves the person.
    SERVING = 1
    #: Whoever else has something of theirs is told, as long as it is known what.
    TELLING = 2
    #: What needs their rows to be found.
    FINDING = 3
    ROWS = 4
    KEY = 5
    #: Bytes that are noise by then.
    NOISE = 6


class Holder(Protocol):
    """One store, seen from one subject."""

    @property
    def name(self) -> str:
        """What certificates call it."""
        ...

    @property
    def turn(self) -> Turn:
        """When it is erased."""
        ...

    def locate(self, subject: str) -> list[Holding]:
        """What there is of the subject. Needs their key."""
        ...

    def erase(self, subject: str) -> Erased:
        """Idempotent. What is gone already counts as nothing."""
        ...

    def attest(self, subject: str) -> int:
        """How many things of the subject's are left; 0 is what everybody wants to see."""
        ...


class Holders:
    """Every holder of a workspace, in the order in which they are erased."""

    def __init__(self) -> None:
        self._announced: list[Holder] = []

    def announce(self, holder: Holder) -> None:
        """Have a store's holder erased with the others. TypeError where another has that name."""
        if holder.name in {each.name for each in self._announced}:
            raise TypeError(f"there are two holders called {holder.name!r}")
        self._announced.append(holder)

    def __iter__(self) -> Iterator[Holder]:
        return iter(sorted(self._announced, key=lambda each: each.turn))

    def __len__(self) -> int:
        return len(self._announced)

    def check(self, named: Iterable[str]) -> None:
        """TypeError where a package has a holder that nobody announced."""
        missing = set(named) - {each.name for each in self._announced}
        if missing:
            raise TypeError(f"holders that nobody announced: {', '.join(sorted(missing))}")
