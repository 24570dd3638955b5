"""Casting: who plays which part in the story, chosen by the seed.

Five people have a release that is wrong on purpose, three have none, one will be erased, and a
few covered people lend a photograph to a trap. Nobody plays two parts, so that each trap
shows one thing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from volenti.demo.cast import Person

UNRELEASED = 3
#: People whom the matcher takes for nobody else of the cast, by a clear margin (a score below 2
#: against everybody else's reference, well under what counts as uncertain). Whoever isn't in the
#: gallery has to be one of them: a stranger who resembles somebody covered is held as an uncertain
#: match, which is right, but isn't what the trap is there to show.
UNMISTAKABLE = frozenset(
    [
        "s000",
        "s009",
        "s017",
        "s018",
        "s019",
        "s023",
        "s029",
        "s033",
        "s036",
        "s037",
        "s042",
        "s048",
        "s049",
        "s052",
        "s053",
        "s054",
        "s059",
        "s061",
        "s068",
        "s076",
        "s085",
        "s086",
        "s089",
        "s093",
        "s094",
    ]
)
#: People whose last photograph is near the matcher's threshold; a trap would use just that one.
ELUSIVE = frozenset(
    [
        "s007",
        "s014",
        "s019",
        "s020",
        "s027",
        "s052",
        "s054",
        "s055",
        "s057",
        "s059",
        "s064",
        "s070",
        "s090",
        "s095",
    ]
)
#: The minor's year of birth: well under 18 years before the releases were signed.
MINOR_BIRTH_YEAR = 2010


class Flaw(StrEnum):
    """What is wrong with a release; the values are the codes of the findings that should say so."""

    EXPIRED = "release-expired"
    PURPOSE = "purpose-not-granted"
    TERRITORY = "territory"
    MINOR = "minor"
    SIGNATURE = "signature"


class Part(StrEnum):
    """What a covered person lends a photograph for."""

    LEAVER = "leaver"
    GROUP_FIRST = "group-first"
    GROUP_SECOND = "group-second"
    ON_SET = "on-set"
    OPT_OUT = "opt-out"
    LOCATION = "location"
    COPY = "third-party-copy"
    WATERMARK = "watermark"
    TRUNCATED = "truncated"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Casting:
    """Everybody with their part. `covered` includes the people who play one of `parts`."""

    covered: tuple[Person, ...]
    flawed: dict[Flaw, Person]
    unreleased: tuple[Person, ...]
    parts: dict[Part, Person]

    @property
    def leaver(self) -> Person:
        """The person who withdraws in the end and is erased."""
        return self.parts[Part.LEAVER]

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody of the cast, in the order of the pack."""
        everybody = [*self.covered, *self.flawed.values(), *self.unreleased]
        return tuple(sorted(everybody, key=lambda person: person.number))


def cast_parts(people: Sequence[Person], seed: int) -> Casting:
    """Give parts to people; the same seed gives the same casting."""
    rng = random.Random(f"volenti/demo/{seed}/parts")
    order = rng.sample(list(people), len(people))
    flawed = {flaw: _take(order, flaw) for flaw in Flaw}
    minor = flawed[Flaw.MINOR]
    flawed[Flaw.MINOR] = replace(minor, birth_date=minor.birth_date.replace(year=MINOR_BIRTH_YEAR, day=1))
    unreleased = tuple(_take(order) for _ in range(UNRELEASED))
    players = [person for person in order if person.number not in ELUSIVE]
    covered = tuple(sorted(order, key=lambda person: person.number))
    return Casting(covered, flawed, unreleased, dict(zip(Part, players, strict=False)))


def _take(order: list[Person], flaw: Flaw | None = None) -> Person:
    """Take the next unmistakable person out of the order; for the minor, one who looks young."""
    found = next(
        person
        for person in order
        if person.number in UNMISTAKABLE and (flaw is not Flaw.MINOR or person.age == "young")
    )
    order.remove(found)
    return found
