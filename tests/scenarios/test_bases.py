"""Bases: runs of one workspace start from several, and each goes on, forgets and is proved on its own."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio, reopened
from tests.unit.adapters.pipelines import write_pipeline
from volenti.core.errors import (
    ConflictError,
    IntegrityError,
    MissingModelError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from volenti.generation.bases import shipped_base
from volenti.training.base import Base, BaseCard, People
from volenti.training.recipe import Recipe
from volenti.workspace.doctor import LOOKS

RECIPE = Recipe(shards=1, slices=2, samples_per_image=2, batch=2, rank=2, min_people=1, learning_rate=0.01)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = Studio.open(tmp_path / "studio", on_disk=True)
    made.shoot("ann", "bob", "cid")
    made.clear()
    made.ws.datasets.cut("humans", PURPOSE)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pipeline(tmp_path / "own-sd", "sd")


def test_who_leaves_is_forgotten_by_every_run_on_whichever_base(studio: Studio, folder: Path) -> None:
    ws = studio.ws
    here = ws.train("humans", RECIPE).run
    there = ws.train("humans", RECIPE, base=folder).run
    assert here != there
    store = studio.parts.training.model_store
    before = {run: store.constituents(run)[0].sha256 for run in (here, there)}
    request = ws.requests.open("erasure", "bob", identity="in-person").id
    ws.requests.run(request)
    assert store.affected("bob") == []
    assert all(store.constituents(run)[0].sha256 != digest for run, digest in before.items())
    proofs = list(ws.prove_forgetting())
    assert [each.ok for each in proofs] == [True, True], [each.problems for each in proofs]
    # Later commands know where the base lies.
    with reopened(studio.ws.path) as again:
        assert [each.ok for each in again.prove_forgetting()] == [True, True]


def test_a_dry_run_and_a_refused_training_keep_no_base(studio: Studio, folder: Path) -> None:
    forecast = studio.ws.forecast_training("humans", RECIPE, base=folder)
    assert forecast.base.card.name == "own-sd"
    assert "isn't known" in forecast.base.covers
    with pytest.raises(UsageError):
        studio.ws.train("humans", replace(RECIPE, min_people=9), base=folder)
    assert [each.card.name for each in studio.ws.bases.list()] == ["shipped"]
    studio.ws.train("humans", RECIPE, base=folder)
    assert [each.card.name for each in studio.ws.bases.list()] == ["shipped", "own-sd"]


def test_a_base_that_was_moved_is_refused_until_it_is_said_where_it_lies(
    studio: Studio, folder: Path, tmp_path: Path
) -> None:
    run = studio.ws.train("humans", RECIPE, base=folder).run
    moved = folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ConflictError, match=str(folder)) as refused:
        studio.ws.train("humans", RECIPE, base="own-sd")
    assert "volenti base add" in refused.value.remedy
    assert {each.comparable for each in studio.ws.prove_forgetting()} == {False}
    (missed,) = [each for each in (look(studio.ws) for look in LOOKS) if "own-sd" in each.detail]
    assert (missed.what, missed.state) == ("serving", "problem")
    studio.ws.bases.add(moved)
    assert not [each for each in (look(studio.ws) for look in LOOKS) if "own-sd" in each.detail]
    assert studio.ws.train("humans", RECIPE, base="own-sd").run == run
    # Its card stayed as it was, with its name.
    assert studio.ws.bases.show(moved).card.name == "own-sd"
    assert studio.ws.prove_forgetting().ok


def test_another_base_in_the_same_place_is_refused(studio: Studio, folder: Path) -> None:
    studio.ws.train("humans", RECIPE, base=folder)
    shutil.rmtree(folder)
    write_pipeline(folder, "sd", "v_prediction")
    run = studio.parts.training.runs()[0]
    with pytest.raises(ConflictError, match="isn't at hand"):
        studio.parts.training.replay(run.id)


def test_people_free_is_asked_of_the_card(studio: Studio, folder: Path) -> None:
    ws = studio.ws
    for call in (ws.train, ws.forecast_training, ws.plan_training):
        with pytest.raises(RefusedError, match="isn't known to be free of people: its card says unknown"):
            call("humans", RECIPE, base=folder, require="people-free")
    ws.bases.add(folder, people="some", licence="openrail")
    with pytest.raises(RefusedError, match="its card says some"):
        ws.train("humans", RECIPE, base="own-sd", require="people-free")
    told = ws.bases.add(folder, people="none")
    assert (told.card.licence, told.card.people) == ("openrail", People.NONE)
    ws.train("humans", RECIPE, base="own-sd", require="people-free")
    # The base that ships learned from nobody.
    ws.train("humans", RECIPE, require="people-free")


def test_what_was_said_of_a_base_is_in_the_log_and_where_it_lies_is_not(studio: Studio, folder: Path) -> None:
    for people in ("some", "some", "none"):
        studio.ws.bases.add(folder, people=people)
    told = list(studio.parts.events.said("base-described"))
    assert [each["card"]["people"] for each in told] == ["some", "none"]
    assert str(folder) not in json.dumps(told)


def test_a_base_is_found_by_path_name_and_digest_and_by_nothing_else(studio: Studio, folder: Path) -> None:
    bases = studio.ws.bases
    added = bases.add(folder)
    assert bases.show("own-sd") == bases.show(added.sha256[:6]) == bases.show(folder) == added
    for wrong in ("", added.sha256[:5], "nobody", "own"):
        with pytest.raises(NotFoundError):
            bases.show(wrong)
    with pytest.raises(ConflictError, match="Another base is called 'own-sd'"):
        bases.add(shipped_base(), name="own-sd")
    with pytest.raises(UsageError):
        bases.add(folder, name=" ")
    with pytest.raises(UsageError, match="none of: none, some, unknown"):
        bases.add(folder, people="maybe")
    bases.add(folder, name="renamed")
    assert bases.show("renamed").sha256 == added.sha256


def test_what_is_no_base_is_refused_and_not_kept(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingModelError):
        studio.ws.bases.add(tmp_path / "empty")
    with pytest.raises(MissingModelError):
        studio.ws.train("humans", RECIPE, base=tmp_path / "empty")
    broken = write_pipeline(tmp_path / "broken", "sd") / "unet/diffusion_pytorch_model.safetensors"
    broken.write_bytes(broken.read_bytes()[:-9])
    with pytest.raises(IntegrityError):
        studio.ws.bases.add(tmp_path / "broken")
    assert len(studio.ws.bases.list()) == 1


def test_a_base_that_is_away_keeps_no_other_run_from_forgetting(studio: Studio, folder: Path) -> None:
    ws, store = studio.ws, studio.parts.training.model_store
    here, there = ws.train("humans", RECIPE).run, ws.train("humans", RECIPE, base=folder).run
    away = folder.rename(folder.with_name("away"))
    request = ws.requests.open("erasure", "bob", identity="in-person").id
    with pytest.raises(ConflictError, match="isn't there"):
        ws.requests.run(request)
    assert store.affected("bob") == []
    assert [len(store.constituents(run)) for run in (here, there)] == [1, 0]
    away.rename(folder)
    ws.requests.run(request)
    assert [len(store.constituents(run)) for run in (here, there)] == [1, 1]
    assert ws.prove_forgetting().ok


def test_a_recipe_for_another_base_is_refused(studio: Studio, folder: Path) -> None:
    other = replace(RECIPE, base_sha256=studio.ws.bases.list()[0].sha256)
    with pytest.raises(UsageError, match="another base"):
        studio.ws.train("humans", other, base=folder)
    assert studio.ws.forecast_training("humans", other).recipe == other


@pytest.mark.parametrize("people", list(People))
def test_a_model_says_what_forgetting_covers_and_whether_people_were_in_the_base(people: People) -> None:
    said = Base("0" * 64, "", 64, BaseCard("b", people=people)).covers
    assert said.startswith(
        "What was learned here is forgotten exactly; what the base knew before isn't touched."
    )
    assert len({Base("0" * 64, "", 64, BaseCard("b", people=each)).covers for each in People}) == 3
