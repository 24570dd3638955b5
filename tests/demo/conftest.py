"""The demo's people, casting and inbox of one seed, made once for all tests."""

from __future__ import annotations

import pytest

from volenti.demo.cast import Person, read_cast
from volenti.demo.casting import Casting, cast_parts
from volenti.demo.inbox import Given, inbox

SEED = 3


@pytest.fixture(scope="session")
def people() -> tuple[Person, ...]:
    return read_cast(SEED)


@pytest.fixture(scope="session")
def casting(people: tuple[Person, ...]) -> Casting:
    return cast_parts(people, SEED)


@pytest.fixture(scope="session")
def given(casting: Casting) -> list[Given]:
    return inbox(casting, SEED)


@pytest.fixture(scope="session")
def trapped(given: list[Given]) -> dict[str, list[Given]]:
    """The inbox's files by the trap they are."""
    found: dict[str, list[Given]] = {}
    for each in given:
        found.setdefault(each.trap, []).append(each)
    return found
