"""Who plays what."""

from __future__ import annotations

import pytest

from volenti.demo.cast import Person, read_cast
from volenti.demo.casting import ELUSIVE, UNMISTAKABLE, Casting, Flaw, Part, cast_parts


def test_88_are_covered_5_are_flawed_and_3_signed_nothing(casting: Casting) -> None:
    assert (len(casting.covered), len(casting.flawed), len(casting.unreleased)) == (88, 5, 3)
    assert len({person.number for person in casting.people}) == 96


def test_every_part_is_played_by_somebody_covered_and_nobody_plays_two(casting: Casting) -> None:
    players = [person.number for person in casting.parts.values()]
    assert set(casting.parts) == set(Part)
    assert len(set(players)) == len(players)
    assert set(players) <= {person.number for person in casting.covered}


@pytest.mark.parametrize("seed", range(12))
def test_those_without_a_release_that_counts_resemble_nobody(seed: int) -> None:
    casting = cast_parts(read_cast(seed), seed)
    outside = [*casting.unreleased, *casting.flawed.values()]
    assert all(person.number in UNMISTAKABLE for person in outside)
    assert all(person.number not in ELUSIVE for person in casting.parts.values())


def test_only_the_minor_is_one_and_looks_young(casting: Casting) -> None:
    minor = casting.flawed[Flaw.MINOR]
    assert minor.age == "young"
    assert [person for person in casting.people if person.birth_date.year > 2007] == [minor]


def test_the_same_seed_casts_the_same_and_another_one_others(
    people: tuple[Person, ...], casting: Casting
) -> None:
    assert cast_parts(people, 3) == casting
    assert len({cast_parts(people, seed).leaver.number for seed in range(8)}) > 3
