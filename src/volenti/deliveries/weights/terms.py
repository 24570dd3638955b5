"""What is said of weights that are handed out: whose base, which files, learned from how many."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.shown import short_repr
from volenti.training.base import Base

#: How a file is made: as diffusers names a LoRA, as kohya's trainer does, or the constituent as it is.
DIFFUSERS, KOHYA, AS_IT_IS = "diffusers", "kohya", "as it is"
#: Where the text lies under which the sender hands them out.
LICENCE = "LICENSE.txt"


@dataclass(frozen=True, slots=True)
class SaidOfBase:
    """What is known of the base that was trained on: its digest, and texts, empty where nothing is known."""

    sha256: str
    name: str = ""
    made_by: str = ""
    licence: str = ""
    trained_on: str = ""
    #: What exact forgetting covers, and whether people were in what it was trained on, in words.
    covers: str = ""

    __repr__ = short_repr

    @classmethod
    def of(cls, base: Base) -> SaidOfBase:
        """What the card of a base says."""
        card = base.card
        return cls(base.sha256, card.name, card.made_by, card.licence, card.trained_on, base.covers)


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file: its name, how it is made (DIFFUSERS, KOHYA or AS_IT_IS), its SHA-256 and its bytes."""

    name: str
    form: str
    sha256: str
    bytes: int

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class ConstituentTerms:
    """One constituent: the SHA-256 of its sealed weights, its rank (0: no LoRA), what it learned from."""

    shard: int
    sha256: str
    rank: int
    pictures: int
    people: int
    files: tuple[WeightsFile, ...]

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class WeightsTerms:
    """What is handed over with weights. `licence` is the name of the licence's file, or empty."""

    run: str
    base: SaidOfBase
    #: By how much the mean of the slices' changes was multiplied; it is in the weights already.
    scale: float
    #: Fewest people that a constituent of the run may have learned from.
    min_people: int
    constituents: tuple[ConstituentTerms, ...]
    licence: str = ""

    __repr__ = short_repr


def key_of(shard: int) -> str:
    """What a constituent is called among the splits of the terms: its shard in two digits."""
    return f"{shard:02d}"
