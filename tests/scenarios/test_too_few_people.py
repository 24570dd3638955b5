"""A part of too few people: the refusal counts them rightly, and what it advises would help."""

from __future__ import annotations

from pathlib import Path

import pytest

import volenti
from tests.studio import PURPOSE, Studio
from volenti.core.errors import UsageError

PEOPLE = [f"sitter{number:02d}" for number in range(12)]
MORE, FEWER = "Train on more people.", "Train on more people, or begin another run in fewer parts than {}."
#: How many people in how many parts, how many the message counts, and what it advises.
CASES = {
    "one person": (1, 1, "has 1 person; a model of fewer than 10", MORE),
    "nine in one part": (9, 1, "has 9 people; a model of fewer than 10", MORE),
    "nine in two parts": (9, 2, "; a model of fewer than 10", MORE),
    "enough, in too many parts": (12, 3, "; a model of fewer than 10", FEWER.format(3)),
}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = Studio.open(tmp_path_factory.mktemp("studio"))
    studio.shoot(*PEOPLE, photos=1)
    studio.clear()
    return studio


@pytest.mark.parametrize("case", CASES)
def test_a_refused_part_says_how_many_are_in_it_and_what_helps(
    studio: Studio, tmp_path: Path, case: str
) -> None:
    people, parts, message, remedy = CASES[case]
    dataset = f"of-{people}"
    studio.ws.datasets.cut(dataset, PURPOSE, subject=PEOPLE[:people])
    run = f"of-{people}-in-{parts}"
    studio.ws.runs.begin(run, dataset=dataset, shards=parts)
    machine = volenti.packages.key(tmp_path / "machine.key")
    with pytest.raises(UsageError) as refused:
        studio.ws.runs.pack(run, tmp_path / "package", to=machine)
    assert message in refused.value.message
    assert refused.value.remedy == remedy
