"""Territories: countries, or the world."""

from __future__ import annotations

import pytest

from volenti.consent.territory import COUNTRIES, WORLD, faults_of_place, faults_of_territory, includes


def messages(territory: tuple[str, ...]) -> list[str]:
    return [problem.message for problem in faults_of_territory("territory", territory)]


def test_the_standard_assigns_249_codes():
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() and code.isascii() for code in COUNTRIES)


@pytest.mark.parametrize("territory", [("DE",), ("DE", "FR", "CH"), (WORLD,)])
def test_countries_or_the_world_are_a_territory(territory):
    assert messages(territory) == []


@pytest.mark.parametrize(
    ("territory", "said"),
    [
        ((), "names no country"),
        (("DE", "DE"), "twice"),
        (("DE", WORLD), "beside countries"),
        (("de",), "two capital letters"),
        (("Germany",), "write DE"),
        (("Alemania",), "write DE"),
        (("EX",), "two capital letters"),
        (("DEX",), "two capital letters"),
        (("XX",), "two capital letters"),
        (("UK",), "write GB"),
        (("EU",), "list the countries"),
    ],
)
def test_what_isnt_a_territory_is_said_with_its_remedy(territory, said):
    assert any(said in message for message in messages(territory))


def test_the_world_includes_every_country_and_itself():
    assert all(includes((WORLD,), place) for place in (*COUNTRIES, WORLD))


def test_all_countries_together_dont_include_the_world():
    assert not includes(tuple(COUNTRIES), WORLD)


def test_a_country_doesnt_include_another():
    assert includes(("DE", "FR"), "FR")
    assert not includes(("DE", "FR"), "CH")


def test_the_world_is_a_place_one_can_ask_about():
    assert list(faults_of_place("place", WORLD)) == []
