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
    minor = next(person for person in order if person.age == "young")
    order.remove(minor)
    flawed = {flaw: order.pop() for flaw in Flaw if flaw is not Flaw.MINOR}
    flawed[Flaw.MINOR] = replace(minor, birth_date=minor.birth_date.replace(year=MINOR_BIRTH_YEAR, day=1))
    unreleased = tuple(order.pop() for _ in range(UNRELEASED))
    parts = dict(zip(Part, order, strict=False))
    covered = tuple(sorted(order, key=lambda person: person.number))
    return Casting(covered, {flaw: flawed[flaw] for flaw in Flaw}, unreleased, parts)
