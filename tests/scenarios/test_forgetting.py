"""Exact forgetting, told as scenarios: whatever happened, the weights are those of a fresh
training on who remains."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.studio import PURPOSE, RECIPE, Studio
from tests.unit.generation.autoregression.small import write_base
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.errors import ConflictError, KeyDestroyedError, RefusedError, UsageError
from volenti.generation.bases import shipped_base
from volenti.training.recipe import Recipe
from volenti.training.slice_training import SliceTraining


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


def fresh_hashes(folder: Path, studio: Studio, run: str) -> dict[int, str]:
    """What the prover gets by training every shard from scratch on what remains."""
    found = studio.parts.training.run(run)
    return {
        each.shard: studio.parts.prover.prove(found, each.shard).sha256_scratch
        for each in studio.parts.training.model_store.constituents(run)
    }


def erase(studio: Studio, name: str) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", name, identity="in-person").id)


def test_after_an_erasure_the_weights_are_those_of_a_fresh_training(studio: Studio, tmp_path: Path) -> None:
    studio.shoot("ann", "bob", "cid", "dee", "eve")
    run = studio.trained()
    before = studio.hashes(run)
    erase(studio, "ann")
    after = studio.hashes(run)
    assert after != before
    assert after == fresh_hashes(tmp_path, studio, run)


def test_shards_that_never_knew_the_person_keep_their_weights(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid", "dee", "eve", "fay")
    run = studio.trained()
    before = studio.hashes(run)
    touched = {name.partition("/")[2] for name in studio.parts.training.model_store.affected("ann")}
    erase(studio, "ann")
    after = studio.hashes(run)
    for shard in before:
        assert (f"{shard:02d}" in touched) == (before[shard] != after.get(shard))


def test_only_the_persons_slice_is_trained_anew(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid", "dee", "eve", "fay")
    run = studio.trained()
    slices = len(studio.parts.training.model_store.slices(run))
    studio.parts.training.model_store.drop("ann")
    report = studio.parts.training.replay(run)
    assert report.slices_trained <= 1
    assert report.slices_kept >= slices - 1


def test_the_constituent_is_out_of_service_before_anything_is_replayed(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid")
    run = studio.trained()
    known = len(studio.hashes(run))
    studio.parts.training.model_store.drop("ann")
    assert len(studio.hashes(run)) == known - 1


def test_destroying_a_key_alone_makes_the_constituent_unreadable(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    run = studio.trained(Recipe(shards=1, slices=1, samples_per_image=1, min_people=1))
    served = studio.parts.training.model_store.constituents(run)[0]
    studio.parts.vault.destroy_key("ann")
    with pytest.raises(KeyDestroyedError):
        studio.parts.training.model_store.weights(served)


def test_a_group_picture_goes_with_any_one_in_it(studio: Studio, tmp_path: Path) -> None:
    studio.shoot("ann", "bob", "cid", "dee")
    studio.photo("ann", "bob", caption="a man and a woman")
    run = studio.trained()
    erase(studio, "bob")
    assert studio.hashes(run) == fresh_hashes(tmp_path, studio, run)
    captions = [e.caption for e in studio.parts.datasets.entries(studio.parts.datasets.snapshot("humans"))]
    assert "a man and a woman" not in captions


def test_the_last_person_of_a_shard_takes_the_constituent_along(studio: Studio) -> None:
    studio.shoot("ann")
    run = studio.trained(Recipe(shards=1, slices=1, samples_per_image=1, min_people=1))
    erase(studio, "ann")
    assert studio.hashes(run) == {}
    assert studio.parts.training.model_store.slices(run) == []
    with pytest.raises(ConflictError):
        studio.ws.generate(["a man"])


def test_an_erasure_whose_constituent_is_empty_by_now_has_nothing_to_prove(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    studio.trained(Recipe(shards=1, slices=1, samples_per_image=1, min_people=1))
    first, last = (
        studio.ws.requests.open("erasure", name, identity="in-person").id for name in ("ann", "bob")
    )
    studio.ws.requests.run(first)
    assert [each.ok for each in studio.ws.prove_forgetting(first)] == [True]
    studio.ws.requests.run(last)
    assert [*studio.ws.prove_forgetting(first), *studio.ws.prove_forgetting(last)] == []


def test_two_people_of_one_shard_may_leave_one_after_the_other(studio: Studio, tmp_path: Path) -> None:
    studio.shoot("ann", "bob", "cid", "dee")
    run = studio.trained(Recipe(shards=1, slices=2, samples_per_image=1, min_people=1))
    erase(studio, "ann")
    erase(studio, "bob")
    assert studio.hashes(run) == fresh_hashes(tmp_path, studio, run)


def test_a_constituent_with_too_few_people_left_is_not_served(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid")
    run = studio.trained(Recipe(shards=1, slices=2, samples_per_image=1, min_people=3))
    assert len(studio.hashes(run)) == 1
    erase(studio, "ann")
    assert studio.hashes(run) == {}


def test_a_constituent_of_too_few_people_is_refused_from_the_start(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid")
    studio.clear()
    studio.ws.datasets.cut("humans", "generative-training")
    with pytest.raises(UsageError, match="likeness"):
        studio.ws.train("humans", Recipe(shards=1, min_people=10))


def test_training_again_changes_nothing(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid")
    run = studio.trained()
    before = studio.hashes(run)
    report = studio.ws.train("humans", RECIPE)
    assert (report.slices_trained, report.merged) == (0, 0)
    assert studio.hashes(run) == before


def test_someone_who_withdrew_during_training_is_not_in_the_replay(studio: Studio, tmp_path: Path) -> None:
    studio.shoot("ann", "bob", "cid", "dee")
    run = studio.trained()
    studio.parts.consent.withdraw("cid")
    studio.parts.training.replay(run)
    remaining = {
        owner for s in studio.parts.training.specs(studio.parts.training.run(run)) for owner in s.owners
    }
    assert remaining == {"ann", "bob", "dee"}
    assert studio.hashes(run) == fresh_hashes(tmp_path, studio, run)


def test_the_proof_says_equal_different_and_different(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid", "dee", "eve")
    studio.trained(Recipe(shards=1, slices=3, samples_per_image=1, min_people=1))
    erase(studio, "ann")
    (proof,) = studio.ws.prove_forgetting()
    assert proof.ok
    assert proof.sha256_after == proof.sha256_scratch
    assert len({proof.sha256_after, proof.sha256_control, proof.sha256_one_less}) == 3


@pytest.mark.parametrize("architecture", ["diffusion", "autoregression"])
@pytest.mark.parametrize("rank", [4, 0], ids=["low rank", "full copies"])
def test_every_architecture_forgets_by_the_same_machinery(
    tmp_path: Path, architecture: str, rank: int
) -> None:
    pytest.importorskip("torch")
    base = shipped_base() if architecture == "diffusion" else write_base(tmp_path / "base.safetensors")
    studio = Studio.open(tmp_path, trainer=TorchTrainer(base))
    studio.shoot("ann", "bob", "cid", photos=1)
    recipe = Recipe(shards=1, slices=2, samples_per_image=2, min_people=1, batch=2, rank=rank)
    studio.trained(recipe)
    assert studio.ws.generate(["a man in a blue top"], steps=1).asked == 1
    erase(studio, "ann")
    (proof,) = studio.ws.prove_forgetting()
    assert proof.ok
    assert len({proof.sha256_after, proof.sha256_control, proof.sha256_one_less}) == 3


def test_a_proof_on_another_environment_is_not_a_failure_but_not_comparable(studio: Studio) -> None:
    studio.shoot("ann", "bob", "cid")
    run = studio.trained(Recipe(shards=1, slices=1, samples_per_image=1, min_people=1))
    (record,) = studio.parts.records.find("slice", parent=run)
    studio.parts.records.put_all([replace(record, body={**record.body, "environment": {"numpy": "another"}})])
    proof = studio.parts.prover.prove(studio.parts.training.run(run), 0)
    assert not proof.comparable
    assert not proof.ok


def test_nothing_reads_a_person_who_withdrew(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    studio.clear()
    snapshot = studio.ws.datasets.cut("humans", "generative-training")
    studio.parts.consent.withdraw("ann")
    mine = [e for e in studio.parts.datasets.entries(snapshot) if e.owners == ("ann",)]
    access = studio.parts.training._access
    for entry in mine:
        with pytest.raises(RefusedError):
            access.image(entry.image, snapshot.purpose, snapshot.territory)
    assert studio.ws.datasets.cut("humans", "generative-training").subjects == 1


NAMES = [f"p{number}" for number in range(7)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True),
    leavers=st.data(),
    shards=st.integers(1, 3),
    slices=st.integers(1, 3),
)
def test_any_population_and_any_order_of_leaving_ends_where_a_fresh_training_begins(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[str],
    leavers: st.DataObject,
    shards: int,
    slices: int,
) -> None:
    folder = tmp_path_factory.mktemp("studio")
    studio = Studio.open(folder)
    studio.shoot(*people, photos=1)
    recipe = Recipe(shards=shards, slices=slices, samples_per_image=1, min_people=1, learning_rate=0.05)
    run = studio.trained(recipe)
    going = leavers.draw(st.lists(st.sampled_from(people), unique=True, max_size=len(people) - 1))
    for name in going:
        erase(studio, name)
    assert studio.hashes(run) == fresh_hashes(folder, studio, run)
    owners = {
        o for e in studio.parts.datasets.entries(studio.parts.datasets.snapshot("humans")) for o in e.owners
    }
    assert owners == set(people) - set(going)
    assert studio.ws.audit().to_json()["problems"] == []


def test_people_who_join_later_cost_their_own_slices_only(tmp_path: Path) -> None:
    days = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    studio = Studio.open(tmp_path, clock=lambda: days[-1])
    studio.shoot("ann", "bob", "cid", "dee")
    first = studio.trained()
    slices = {each.place: each.sha256 for each in studio.parts.training.model_store.slices(first)}
    days.append(days[-1] + timedelta(days=31))
    studio.shoot("eve", "fay")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    report = studio.ws.train("humans", RECIPE)
    assert report.run != first
    assert report.slices_taken_over == len(slices)
    assert 1 <= report.slices_trained <= 2
    again = {each.place: each.sha256 for each in studio.parts.training.model_store.slices(report.run)}
    assert slices.items() < again.items()
    assert studio.hashes(report.run) == fresh_hashes(tmp_path, studio, report.run)


def test_who_leaves_is_forgotten_by_every_run_that_learned_from_them(studio: Studio, tmp_path: Path) -> None:
    studio.shoot("ann", "bob", "cid", "dee")
    first = studio.trained()
    studio.shoot("eve", "fay")
    second = studio.trained()
    erase(studio, "ann")
    for run in (first, second):
        assert studio.hashes(run) == fresh_hashes(tmp_path, studio, run)
        assert not any("ann" in row.owners for row in studio.parts.records.rows("slice", parent=run))


def lived(folder: Path, story: list[tuple[str, str]], recipe: Recipe, without: set[str]) -> Studio:
    """A studio after a story: people joining, trainings, people leaving. `without`: never heard of."""
    studio = Studio.open(folder)
    for what, name in [("join", "always"), *story, ("train", "")]:
        if name in without:
            continue
        if what == "join":
            # Everybody's photographs are the same in every telling, whoever else there is.
            studio.photos = 10 * [*NAMES, "always"].index(name)
            studio.shoot(name)
        elif what == "train":
            studio.trained(recipe)
        elif what == "leave":
            erase(studio, name)
    return studio


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Events in any order, but nobody leaves who isn't there, and nobody comes back."""
    story: list[tuple[str, str]] = []
    due, here = list(NAMES), []
    for _ in range(draw(st.integers(1, 8))):
        what = draw(st.sampled_from(["join", "join", "train", "leave"]))
        if what == "join" and due:
            here.append(due.pop(0))
            story.append(("join", here[-1]))
        elif what == "leave" and here:
            gone = draw(st.sampled_from(here))
            here.remove(gone)
            story.append(("leave", gone))
        elif what == "train":
            story.append(("train", ""))
    return story


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=stories(), shards=st.integers(1, 3), slices=st.integers(1, 2))
def test_the_model_is_the_one_of_a_world_in_which_they_never_were(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, str]], shards: int, slices: int
) -> None:
    recipe = Recipe(shards=shards, slices=slices, samples_per_image=1, min_people=1, learning_rate=0.05)
    gone = {name for what, name in story if what == "leave"}
    one = lived(tmp_path_factory.mktemp("one"), story, recipe, set())
    other = lived(tmp_path_factory.mktemp("other"), story, recipe, gone)
    here, there = (
        {run.id: each.hashes(run.id) for run in each.ws.parts.training.runs()} for each in (one, other)
    )
    assert here == there
    assert all(here.values())


def test_several_requests_are_replayed_once_and_each_is_proved(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.shoot("ann", "bob", "cid", "dee", "eve", "fay")
    run = studio.trained(Recipe(shards=1, slices=2, samples_per_image=1, min_people=1))
    for name in ("ann", "bob", "cid"):
        studio.ws.requests.open("erasure", name, identity="in-person")
    begun: list[str] = []
    run_workers = SliceTraining._run_workers

    def counted(self, due, progress):  # type: ignore[no-untyped-def]
        begun.extend(str(spec.place) for spec in due)
        return run_workers(self, due, progress)

    monkeypatch.setattr(SliceTraining, "_run_workers", counted)
    outcomes = studio.ws.requests.run_all()
    assert [each.request.state for each in outcomes] == ["done"] * 3
    assert len(begun) == len(set(begun)) <= 2, "each slice once, for all of them"
    assert studio.hashes(run) == fresh_hashes(tmp_path, studio, run)
    for outcome in outcomes:
        (proof,) = studio.ws.prove_forgetting(outcome.request.id, copy=outcome.copy)
        assert proof.ok
        assert proof.sha256_control
    assert studio.ws.requests.run_all() == []
    assert studio.ws.audit().ok


def told_with(folder: Path, *, xan: bool) -> Studio:
    """Yan is photographed with xan first, and alone in the version after; xan leaves, or was never there."""
    days = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    studio = Studio.open(folder, clock=lambda: days[-1])
    recipe = Recipe(shards=3, slices=2, samples_per_image=1, min_people=1, learning_rate=0.05)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.person("yan")
    studio.photos = 100
    if xan:
        studio.person("xan")
        studio.photos = 110
        studio.photo("xan", "yan")
        studio.photo("xan")
    studio.trained(recipe)
    days.append(days[-1] + timedelta(days=40))
    studio.photos = 120
    studio.photo("yan")
    studio.shoot("eve")
    studio.trained(recipe)
    if xan:
        erase(studio, "xan")
    return studio


def test_who_was_in_another_persons_pictures_first_learns_where_they_would_have_without(
    tmp_path: Path,
) -> None:
    one, other = told_with(tmp_path / "one", xan=True), told_with(tmp_path / "other", xan=False)
    here, there = (
        {run.snapshot: each.hashes(run.id) for run in each.ws.parts.training.runs()} for each in (one, other)
    )
    assert here == there
    proofs = one.ws.prove_forgetting()
    assert len(proofs) == sum(map(len, here.values()))
    assert all(each.ok for each in proofs)
