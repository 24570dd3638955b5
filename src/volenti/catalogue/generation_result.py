"""GenerationResult: the works that one call drew, and those that were refused.

A refused work is recorded, and its pixels aren't kept after the call. A picture in which no face is found is
no work: nobody can say whose face it is like, so it is counted and nothing of it is kept. In place of both
another picture is drawn with a further seed. That is a function of the first seed, so the same call gives
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
from volenti.core.shown import pictures, short_repr

#: How often a picture is drawn at most, until one shows a face and isn't refused.
TRIES = 3

#: Added to the seed for each further try. It is larger than the number of pictures of any call, so that
#: no other picture of the same call has that seed.
RESEED = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedImage:
    """A work with its picture: labelled PNG, pixels (size, size, 3) uint8, and its likeness.

    A cut-out has four channels, the last its opacity. `number` counts from 0 over the pictures that were
    asked for.
    """

    work: Work
    png: bytes
    pixels: NDArray[np.uint8]
    likeness: Likeness
    portrait: Portrait
    number: int = 0

    __repr__ = short_repr


@dataclass(frozen=True, slots=True, eq=False)
class RefusedImage:
    """A work that came too near to somebody, without its picture."""

    work: Work
    likeness: Likeness
    portrait: Portrait
    number: int = 0

    __repr__ = short_repr


@dataclass(frozen=True, slots=True, eq=False)
class GenerationResult:
    """What one call drew. It `asked` for that many; `drawn` and `refused` are in order of their numbers."""

    asked: int
    drawn: tuple[GeneratedImage, ...]
    refused: tuple[RefusedImage, ...] = ()
    #: How many pictures were drawn in which no face was found.
    faceless: int = 0
    #: Words of the prompts that aren't in the model's vocabulary, each once.
    unknown_words: tuple[str, ...] = ()
    #: The training run that drew them.
    run: str = ""
    #: Runs that were begun after it, and never finished.
    unfinished: tuple[str, ...] = ()

    __repr__ = short_repr

    def _repr_html_(self) -> str:
        """What a notebook shows: the people who don't exist, each by its work."""
        shown = ((each.png, each.work.id) for each in self.drawn)
        said = f"{len(self.drawn)} of {self.asked} drawn, {len(self.refused)} refused"
        return pictures(f"{said}, {self.faceless} without a face" if self.faceless else said, shown)

    @property
    def missing(self) -> int:
        """How many pictures are missing, because every try at them was refused or showed no face."""
        return self.asked - len(self.drawn)

    def grid(self, columns: int) -> bytes:
        """One labelled PNG of every picture that was drawn, `columns` a row; needs at least one."""
        prompts = dict.fromkeys(each.work.prompt for each in self.drawn)
        return grid_png({each.number: each.pixels for each in self.drawn}, columns, "; ".join(prompts))

    def drawn_by(self, versions: Mapping[int, str]) -> GenerationResult:
        """The result with the version of the constituent put into each work. versions: by shard."""

        def named(work: Work) -> Work:
            return replace(work, drawn_by=versions[work.constituent])

        return replace(
            self,
            drawn=tuple(replace(each, work=named(each.work)) for each in self.drawn),
            refused=tuple(replace(each, work=named(each.work)) for each in self.refused),
        )


def seed_of(first: int, attempt: int) -> int:
    """The seed of a picture's try. first: the seed of the first try. attempt: number of the try, from 0."""
    return first + attempt * RESEED
