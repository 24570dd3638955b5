"""A picture of nobody, which a reviewer cleared: it counts as no person, wherever people are counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import volenti
from tests.studio import PURPOSE, Studio
from volenti.core.errors import UsageError
from volenti.datasets.draw import drawn
from volenti.training.recipe import Recipe

PEOPLE = [f"sitter{number}" for number in range(9)]
LEAST = len(PEOPLE) + 1
RECIPE = Recipe(shards=1, slices=1, samples_per_image=1, min_people=LEAST)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Nine people with a picture each, and a landscape, in a dataset."""
    studio = Studio.open(tmp_path_factory.mktemp("studio"), on_disk=True)
    studio.shoot(*PEOPLE, photos=1)
    studio.photo(caption="a lake")
    studio.clear()
    [question] = studio.ws.review.list()
    studio.ws.review.decide(question.images[0].id, clear=True, nobody=True, reviewer="rita")
    studio.ws.datasets.cut("humans", PURPOSE)
    return studio


def cut(studio: Studio, folder: Path) -> int:
    return studio.ws.datasets.cut("again", PURPOSE).subjects


def shown(studio: Studio, folder: Path) -> int:
    return len({who for entry in studio.ws.datasets.show("humans").entries for who in entry.people})


def read(studio: Studio, folder: Path) -> int:
    reader = studio.ws.datasets.read("humans")
    assert f"<td>{len(PEOPLE)}</td>" in reader._repr_html_()
    return len(reader.people())


def exported(studio: Studio, folder: Path) -> int:
    studio.ws.datasets.export("humans", folder / "export", recipient="Lab")
    card = (folder / "export" / "README.md").read_text()
    assert f"{len(PEOPLE) + 1} pictures of {len(PEOPLE)} people." in card
    lines = map(json.loads, (folder / "export" / "metadata.jsonl").read_text().splitlines())
    return len({number for line in lines for number in line["people"]})


def packed(studio: Studio, folder: Path) -> int:
    studio.ws.runs.begin(folder.name, dataset="humans", min_people=1)
    machine = volenti.packages.key(folder / "machine.key")
    done = studio.ws.runs.pack(folder.name, folder / "package", to=machine, feed=str(folder))
    [opened] = volenti.packages.open(folder / "package", folder / "open", key=folder / "machine.key").held
    assert (opened.people, opened.images, done.images) == (done.people, done.images, len(PEOPLE) + 1)
    return done.people


def kept(studio: Studio, folder: Path) -> int:
    weights = folder / "weights"
    weights.write_bytes(b"weights")
    with studio.ws.runs.begin(f"{folder.name}-kept", dataset="humans", min_people=1) as run:
        [part] = run.parts()
        return part.keep(weights).people


def forecast(studio: Studio, folder: Path) -> int:
    found = studio.ws.forecast_training("humans", replace(RECIPE, min_people=1))
    assert (found.left_out["no-face"], found.left_out["no-template"]) == (1, 0)
    return found.people


@pytest.mark.parametrize("count", [cut, shown, read, exported, packed, kept, forecast])
def test_it_counts_as_no_person(studio: Studio, tmp_path: Path, count: Callable[[Studio, Path], int]) -> None:
    assert count(studio, tmp_path) == len(PEOPLE)


def begun(studio: Studio, folder: Path, name: str) -> None:
    studio.ws.runs.begin(name, dataset="humans", min_people=LEAST)


def keep_here(studio: Studio, folder: Path) -> None:
    begun(studio, folder, "kept-here")
    (folder / "weights").write_bytes(b"weights")
    with studio.ws.runs.begin("kept-here", dataset="humans", min_people=LEAST) as run:
        run.keep(folder / "weights")


def pack(studio: Studio, folder: Path) -> None:
    begun(studio, folder, "packed")
    machine = volenti.packages.key(folder / "machine.key")
    studio.ws.runs.pack("packed", folder / "package", to=machine)


def train(studio: Studio, folder: Path) -> None:
    studio.ws.train("humans", RECIPE)


@pytest.mark.parametrize("learn", [keep_here, pack, train])
def test_too_few_people_do_not_become_enough_by_it(
    studio: Studio, tmp_path: Path, learn: Callable[[Studio, Path], None]
) -> None:
    with pytest.raises(UsageError, match=f"{len(PEOPLE)} (people|of them)"):
        learn(studio, tmp_path)


def test_it_is_drawn_where_no_picture_of_a_person_is_left() -> None:
    pictures = {"of-ann": ("ann",), "of-bea": ("bea",), "of-both": ("ann", "bea"), "a-lake": (), "a-wood": ()}
    draw = partial(drawn, pictures, key=b"k" * 32, seed=0)
    assert draw(count=3) == {"of-ann", "of-bea", "of-both"}
    assert len(draw(count=4)) == 4
    assert draw(count=9) == set(pictures)
