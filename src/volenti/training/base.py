"""Base: the weights that a run's slices start from, with a card of what is known of it.

Forgetting is exact for what was learned in this workspace. What a base had learned before, and from whom, it
can't take back. So every base has a card that says whether people were in it, as far as somebody knows;
nothing of a card is checked here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.errors import RefusedError
from volenti.core.shown import short_repr


class People(StrEnum):
    """Whether a base learned from pictures of people."""

    NONE = "none"
    SOME = "some"
    UNKNOWN = "unknown"


class Requirement(StrEnum):
    """What may be required of a base."""

    PEOPLE_FREE = "people-free"


#: What is said to users of each.
KNOWN = {
    People.NONE: "Its card says that it learned from no picture of a person.",
    People.SOME: "Its card says that it learned from pictures of people.",
    People.UNKNOWN: "Whether it learned from pictures of people isn't known.",
}


@dataclass(frozen=True, slots=True)
class BaseCard:
    """What its makers, or whoever added it, say of a base. Empty texts: it isn't said."""

    name: str
    made_by: str = ""
    licence: str = ""
    trained_on: str = ""
    people: People = People.UNKNOWN


@dataclass(frozen=True, slots=True)
class Base:
    """A base: its digest, where it lay last, the side of its pictures in pixels, its card."""

    sha256: str = field(metadata=ELSEWHERE)
    path: str
    size_px: int
    card: BaseCard

    __repr__ = short_repr

    @classmethod
    def read(cls, sha256: str, body: Json) -> Base:
        """The base that a row's body describes."""
        return decoded(cls, body, sha256=sha256)

    def is_called(self, named: str) -> bool:
        """Whether that is its name, or at least six hexadecimal digits that its digest begins with."""
        return self.card.name == named or (len(named) >= 6 and self.sha256.startswith(named))

    @property
    def is_people_free(self) -> bool:
        """Whether its card says that it learned from nobody."""
        return self.card.people is People.NONE

    @property
    def covers(self) -> str:
        """What exact forgetting covers of a model on this base, and what it doesn't, in two sentences."""
        learned = "What was learned here is forgotten exactly; what the base knew before isn't touched."
        return f"{learned} {KNOWN[self.card.people]}"

    def require(self, requirement: Requirement) -> None:
        """Raise RefusedError unless the card says that the base is as required."""
        if requirement is Requirement.PEOPLE_FREE and not self.is_people_free:
            raise RefusedError(
                f"{self.card.name} isn't known to be free of people: its card says {self.card.people.value}.",
                "Choose another base, or describe it if you know: volenti base add FOLDER --people none.",
            )


@dataclass(frozen=True, slots=True)
class StartedFrom:
    """A base under constituents that had learned from the person: what it knew before isn't forgotten.

    `people`: whether it had learned from pictures of people, as its card says: none, some or unknown.
    """

    sha256: str
    name: str
    people: str


#: The card of the base that ships with the package; generation/diffusion/BASE.md says how it was made.
SHIPPED = BaseCard(
    name="shipped",
    made_by="Volenti",
    licence="Apache-2.0",
    trained_on="rendered pictures of people who do not exist",
    people=People.NONE,
)
