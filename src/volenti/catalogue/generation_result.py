"""Generation results: what one call to the generator brought: the works, and those that were refused.

A refused work is recorded, and its pixels end with the call. Another picture is
drawn in its place with a further seed, which is a function of the first, so the same call gives
the same pictures again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volenti.catalogue.grid import grid_png
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Likeness, Work

#: How often a picture is drawn, in all, until one isn't refused.
TRIES = 3

#: From one try's seed to the next one's: more than anybody asks for pictures at once, so that no
#: other picture of the same call has that seed.
RESEED = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedImage:
    """A work with its picture: labelled PNG, pixels (size, size, 3) uint8, and whom it resembles.

    A cut-out has four channels, the last its opacity. `number` says which of the pictures that
    were asked for it is, from 0.
    """

    work: Work
    png: bytes
    pixels: NDArray[np.uint8]
    likeness: Likeness
    portrait: Portrait
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RefusedImage:
    """A work that came too near, and to whom. There is no picture of it."""

    work: Work
    likeness: Likeness
    portrait: Portrait
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class GenerationResult:
    """`asked` pictures were wanted; `drawn` and `refused` are in order of their numbers."""

    asked: int
    drawn: tuple[GeneratedImage, ...]
    refused: tuple[RefusedImage, ...] = ()
    #: Words of the prompts that the model was never taught, each once.
    unknown_words: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Pictures that were asked for and aren't there: every try at them was refused."""
        return self.asked - len(self.drawn)

    def grid(self, columns: int) -> bytes:
        """One labelled PNG of every picture that was drawn, `columns` a row; at least one was drawn."""
        return grid_png(self.drawn, columns)

    def drawn_by(self, versions: Mapping[int, str]) -> GenerationResult:
        """The same with the version of each work's constituent, by its shard."""

        def named(work: Work) -> Work:
            return replace(work, drawn_by=versions[work.constituent])

        return replace(
            self,
            drawn=tuple(replace(each, work=named(each.work)) for each in self.drawn),
            refused=tuple(replace(each, work=named(each.work)) for each in self.refused),
        )


def seed_of(first: int, attempt: int) -> int:
    """The seed of a picture's try number `attempt`, from 0, whose first seed is `first`."""
    return first + attempt * RESEED
