"""Conclusion: the result of the proofs of all constituents together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.training.proof import Exactness


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The proofs of all constituents; iterating gives one after the other.

    It is neither `ok` nor `refuted` where nothing could be proved: nothing was trained, nothing is served, or
    the constituents were trained in another environment, so that their bits can't be compared here.
    """

    proofs: tuple[Exactness, ...]

    __repr__ = short_repr

    def __iter__(self) -> Iterator[Exactness]:
        return iter(self.proofs)

    def __len__(self) -> int:
        return len(self.proofs)

    @property
    def ok(self) -> bool:
        """Whether something was proved and nothing refuted."""
        return bool(self.proved) and not self.refuted

    @property
    def served(self) -> tuple[Exactness, ...]:
        """Those that nobody stands against today; for the others there is nothing to prove."""
        return tuple(each for each in self.proofs if not each.suspended)

    @property
    def refuted(self) -> tuple[Exactness, ...]:
        """Those that have a problem, or other bits than a training from scratch gives."""
        return tuple(each for each in self.served if each.problems or (each.comparable and not each.ok))

    @property
    def proved(self) -> tuple[Exactness, ...]:
        """Those that have the same bits as a training from scratch."""
        return tuple(each for each in self.proofs if each.ok)
