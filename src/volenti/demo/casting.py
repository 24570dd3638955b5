"""Casting: who plays what in the story, chosen by the seed.

Five people have a release that is wrong on purpose, three have none, one will leave, and a
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
#: Those whom the matcher takes for nobody else of the cast, by a clear margin (a score below 2
#: against everybody else's reference, well under what counts as uncertain). Who isn't in the
#: gallery is one of them: a stranger who resembles somebody covered is held as an uncertain
#: match, which is right, but another lesson than the one that is planted.
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
#: Those who are near the threshold in their last photograph, which is the one lent to traps.
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
#: The minor's year of birth: well under 18 when the releases were signed.
MINOR_BIRTH_YEAR = 2010


class Flaw(StrEnum):
    """What is wrong with a release, by the finding that should say so."""

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
    """Everybody with their part. `covered` includes those who play one of `parts`."""

    covered: tuple[Person, ...]
    flawed: dict[Flaw, Person]
    unreleased: tuple[Person, ...]
    parts: dict[Part, Person]

    @property
    def leaver(self) -> Person:
        """Who says no in the end."""
        return self.parts[Part.LEAVER]

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of the pack."""
        everybody = [*self.covered, *self.flawed.values(), *self.unreleased]
        return tuple(sorted(everybody, key=lambda person: person.number))


def cast_parts(people: Sequence[Person], seed: int) -> Casting:
    """The casting of a seed."""
    rng = random.Random(f"volenti/demo/{seed}/parts")
    order = rng.sample(list(people), len(people))
    flawed = {flaw: _taken(order, flaw) for flaw in Flaw}
    minor = flawed[Flaw.MINOR]
    flawed[Flaw.MINOR] = replace(minor, birth_date=minor.birth_date.replace(year=MINOR_BIRTH_YEAR, day=1))
    unreleased = tuple(_taken(order) for _ in range(UNRELEASED))
    players = [person for person in order if person.number not in ELUSIVE]
    covered = tuple(sorted(order, key=lambda person: person.number))
    return Casting(covered, flawed, unreleased, dict(zip(Part, players, strict=False)))


def _taken(order: list[Person], flaw: Flaw | None = None) -> Person:
    """The next unmistakable person, taken out of the order; a minor looks young."""
    found = next(
        person
        for person in order
        if person.number in UNMISTAKABLE and (flaw is not Flaw.MINOR or person.age == "young")
    )
    order.remove(found)
    return found
