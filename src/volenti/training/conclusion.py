"""Conclusion: what the proofs of all constituents come to, taken together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.training.proof import Exactness


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was compared of every constituent, one after the other; iterating gives each.

    It is neither `ok` nor `refuted` where nothing was proved: nothing was trained, nothing is served, or
    what serves was trained where its bits can't be compared with those trained here.
    """

    proofs: tuple[Exactness, ...]

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
        """Those that nobody stands against today: only of them there is something to prove."""
        return tuple(each for each in self.proofs if not each.suspended)

    @property
    def refuted(self) -> tuple[Exactness, ...]:
        """Those of which something speaks against it that the model forgot."""
        return tuple(each for each in self.served if each.problems or (each.comparable and not each.ok))

    @property
    def proved(self) -> tuple[Exactness, ...]:
        """Those whose bits are the ones that a training from scratch gives."""
        return tuple(each for each in self.proofs if each.ok)
