"""Holder: a store that can hold a subject's data.

A service that keeps data of people announces its holder when it is made. So no service can be wired whose
holder an erasure doesn't know.

A holder has three verbs: `locate` says what there is, before anything is done; `erase` removes
it, and may be repeated; `attest` counts what is left, and works when the subject's key is gone.
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
    """What an erase step removed. `rewritten` counts bytes of other people that it had to write anew."""

    items: int
    bytes: int
    rewritten: int = 0


class Turn(IntEnum):
    """When an erasure goes through a holder: the lowest number first.

    A crash between two turns leaves less of the person than there was, never more.
    """

    #: Models and other things that are served and learned from the person.
    SERVING = 1
    #: Telling recipients, while it is still known what they were given.
    TELLING = 2
    #: Things that can be found only as long as the person's rows are there.
    FINDING = 3
    #: The person's rows.
    ROWS = 4
    #: The person's key.
    KEY = 5
    #: Sealed bytes, which nobody can open once the key is destroyed.
    NOISE = 6


class Holder(Protocol):
    """What a store holds of one subject, and how it is erased there."""

    @property
    def name(self) -> str:
        """The holder's name in certificates."""
        ...

    @property
    def turn(self) -> Turn:
        """When an erasure goes through it."""
        ...

    def locate(self, subject: str) -> list[Holding]:
        """What the store holds of the subject. Needs their key."""
        ...

    def erase(self, subject: str) -> Erased:
        """Remove all of it; returns how much that was. Idempotent: what is gone already isn't counted."""
        ...

    def attest(self, subject: str) -> int:
        """How many things of the subject are left; 0 after an erasure."""
        ...


class Holders:
    """Every holder of a workspace, in the order in which they are erased."""

    def __init__(self) -> None:
        self._announced: list[Holder] = []

    def announce(self, holder: Holder) -> None:
        """Add a store's holder, so that erasures go through it. TypeError where another has that name."""
        if holder.name in {each.name for each in self._announced}:
            raise TypeError(f"there are two holders called {holder.name!r}")
        self._announced.append(holder)

    def __iter__(self) -> Iterator[Holder]:
        return iter(sorted(self._announced, key=lambda each: each.turn))

    def __len__(self) -> int:
        return len(self._announced)

    def check(self, named: Iterable[str]) -> None:
        """Raise TypeError where one of these holders wasn't announced."""
        missing = set(named) - {each.name for each in self._announced}
        if missing:
            raise TypeError(f"holders that nobody announced: {', '.join(sorted(missing))}")
