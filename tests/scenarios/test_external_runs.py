"""Models that scripts of the user's own train, told as scenarios."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.training.external_run import ExternalPart, Retraining
from volenti.training.recipe import Recipe
from volenti.training.session import ExternalShard, Session

PEOPLE = [f"sitter{number:02d}" for number in range(40)]
SHARDS = 2


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot(*PEOPLE, photos=1)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    return studio


def trainer(folder: Path) -> Callable[[ExternalShard], ExternalPart]:
    """A script that trains: what it makes depends on the pixels, their order and the seed."""

    def train(part: ExternalShard) -> ExternalPart:
        learned = hashlib.sha256(str(part.seed).encode())
        for index in part.dataset.epoch(0, part.seed):
            learned.update(part.dataset.sample(index).pixels.tobytes())
        file = folder / "weights.bin"
        file.write_bytes(learned.digest())
        return part.keep(file)

    return train


def trained(studio: Studio, name: str = "my-lora", shards: int = SHARDS, gpus: int = 0) -> list[ExternalPart]:
    """Train what is due of a run; the parts that were."""
    with studio.ws.runs.begin(name, dataset="humans", shards=shards, gpus=gpus) as run:
        return [trainer(studio.folder)(part) for part in run.parts()]


def begun(studio: Studio, name: str = "my-lora") -> Session:
    return studio.ws.runs.begin(name, dataset="humans@1", shards=SHARDS)


def leave(studio: Studio, who: str) -> None:
    studio.ws.requests.open("erasure", who, identity="in-person")
    studio.ws.requests.run()


def home(studio: Studio, parts: list[ExternalPart], who: str) -> ExternalPart:
    """The part that learned from somebody."""
    return next(part for part in parts if who in part.weights.owners)


def test_every_part_is_kept_with_what_it_learned_from_and_what_it_cost(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [__file__, "--epochs", "2"])
    first, second = trained(studio)
    assert (first.shard, second.shard) == (0, 1)
    assert first.people + second.people == len(PEOPLE)
    assert set(first.weights.owners).isdisjoint(second.weights.owners)
    (run,) = studio.parts.external_runs.runs()
    assert (run.name, run.snapshot, run.is_whole) == ("my-lora", "humans@1", False)
    assert run.environment["python"]
    assert list(run.code) == [Path(__file__).name], "without any named, the script that runs"
    assert studio.parts.external_runs.open(run, 1) == (studio.folder / "weights.bin").read_bytes()


def test_going_on_trains_only_what_is_due(studio: Studio) -> None:
    with begun(studio) as run:
        next(iter(run.parts()))  # handed out, and never kept
    with begun(studio) as run:
        trainer(studio.folder)(next(iter(run.parts())))
    assert [part.shard for part in trained(studio)] == [1]
    assert trained(studio) == []


def test_who_leaves_takes_one_part_along_and_training_again_forgets_them(studio: Studio) -> None:
    parts = trained(studio)
    gone = PEOPLE[3]
    theirs = home(studio, parts, gone)
    other = next(part for part in parts if part is not theirs)
    plan = studio.ws.requests.plan(studio.ws.requests.open("erasure", gone, identity="in-person").id)
    (price,) = plan.retrainings
    assert (price.part, price.whole, price.recipients) == (theirs.id, False, ())
    studio.ws.requests.run()
    run = studio.parts.external_runs.run("my-lora")
    assert studio.parts.external_runs.parts(run) == [other]
    with pytest.raises(NotFoundError):
        studio.parts.external_runs.open(run, theirs.shard)
    (again,) = trained(studio)
    assert again.shard == theirs.shard
    assert gone not in again.weights.owners
    assert again.sha256 != theirs.sha256
    assert studio.ws.audit().ok


def test_what_is_trained_again_is_what_would_have_been_trained_without_them(
    studio: Studio, tmp_path: Path
) -> None:
    trained(studio)
    leave(studio, PEOPLE[3])
    trained(studio)
    after = {
        part.shard: part.sha256
        for part in studio.parts.external_runs.parts(studio.parts.external_runs.run("my-lora"))
    }
    # The same run's identity, from nothing: every part destroyed and trained on who remains.
    run = studio.parts.external_runs.run("my-lora")
    for part in studio.parts.external_runs.parts(run):
        studio.parts.records.delete("guest-part", [part.id])
    assert {part.shard: part.sha256 for part in trained(studio)} == after


def test_a_model_trained_on_everybody_costs_the_whole_of_it(studio: Studio) -> None:
    with studio.ws.runs.begin("whole", dataset="humans", gpus=4) as run:
        file = studio.folder / "whole.bin"
        file.write_bytes(bytes(len(run.dataset)))
        kept = run.keep(file)
    assert kept.people == len(PEOPLE)
    studio.parts.external_runs.deliver(run.run, 0, studio.folder / "copy.bin", "Example Ltd")
    plan = studio.ws.requests.plan(studio.ws.requests.open("erasure", PEOPLE[0], identity="in-person").id)
    (price,) = plan.retrainings
    assert price.whole
    assert price.recipients == ("Example Ltd",)
    assert price.to_json()["gpus"] == 4
    outcome = studio.ws.requests.run()
    assert "Example" not in str(outcome.certificate)
    assert outcome.request.erasure.retrainings[0].recipients == 1
    assert [each.recipient for each in studio.parts.external_runs.deliveries(kept.id)] == ["Example Ltd"]


def test_runs_are_listed_shown_and_handed_out_with_who_has_them(studio: Studio) -> None:
    own = studio.ws.train("humans", Recipe(shards=1, slices=1, samples_per_image=1, min_people=1)).run
    parts = trained(studio)
    listed = {each.name: each for each in studio.ws.runs.list()}
    assert (listed[""].id, listed[""].kept, listed[""].shards) == (own, 1, 1)
    assert (listed["my-lora"].dataset, listed["my-lora"].kept) == ("humans@1", SHARDS)
    copy = studio.folder / "copy.bin"
    given = studio.ws.runs.deliver("my-lora", copy, "Example Ltd", part=1)
    assert (given.part, given.sha256) == (parts[1].id, hashlib.sha256(copy.read_bytes()).hexdigest())
    studio.ws.releases.withdraw(subject=min(parts[0].weights.owners))
    shown = studio.ws.runs.show("my-lora")
    assert [(each.part, each.is_due, each.recipients) for each in shown.kept] == [
        (parts[0], True, ()),
        (parts[1], False, ("Example Ltd",)),
    ]
    assert shown.due == (0,)


def test_gpu_hours_are_counted_over_all_gpus() -> None:
    assert Retraining("p", "n", True, 1800.0, 4, ()).hours == 2.0
    assert Retraining("p", "n", True, 1800.0, 0, ()).hours == 0.5


def test_from_a_no_on_the_part_is_not_given_out(studio: Studio) -> None:
    parts = trained(studio)
    studio.parts.consent.withdraw(PEOPLE[3])
    run = studio.parts.external_runs.run("my-lora")
    theirs = home(studio, parts, PEOPLE[3])
    with pytest.raises(ConflictError):
        studio.parts.external_runs.deliver(run, theirs.shard, studio.folder / "copy.bin", "Example Ltd")
    assert not (studio.folder / "copy.bin").exists()
    assert studio.parts.external_runs.open(run, 1 - theirs.shard)


def test_a_part_of_too_few_people_is_refused(studio: Studio) -> None:
    with pytest.raises(UsageError, match="likeness"):
        trained(studio, "too-fine", shards=20)


def test_a_name_stands_for_one_snapshot_in_one_number_of_parts(studio: Studio) -> None:
    trained(studio)
    with pytest.raises(ConflictError):
        trained(studio, shards=1)
    with begun(studio) as run, pytest.raises(UsageError):
        run.keep(studio.folder / "weights.bin")


def test_a_script_that_breaks_off_leaves_what_it_kept(studio: Studio) -> None:
    def broken() -> None:
        with begun(studio) as run:
            trainer(studio.folder)(next(iter(run.parts())))
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        broken()
    assert len(studio.parts.external_runs.parts(studio.parts.external_runs.run("my-lora"))) == 1
    events = [row.state for row in studio.parts.records.rows("event")]
    assert events.count("guest-training-broken-off") == 1


def test_who_says_no_while_the_whole_is_trained_is_still_tied_to_it(studio: Studio) -> None:
    file = studio.folder / "whole.bin"
    file.write_bytes(b"weights")
    with studio.ws.runs.begin("whole", dataset="humans") as run:
        assert PEOPLE[0] in run.dataset.people()
        studio.parts.consent.withdraw(PEOPLE[0])
        kept = run.keep(file)
    assert PEOPLE[0] in kept.weights.owners
    with pytest.raises(ConflictError):
        studio.parts.external_runs.open(run.run, 0)
    assert studio.parts.external_runs.due(run.run) == [0]


def test_dropping_that_was_cut_off_is_finished_by_the_next_call(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = home(studio, trained(studio), PEOPLE[3])

    def cut_off(kind: str, identifiers: object) -> None:
        raise OSError("power")

    with monkeypatch.context() as patched:
        patched.setattr(studio.parts.records, "delete", cut_off)
        with pytest.raises(OSError, match="power"):
            studio.parts.external_runs.drop(PEOPLE[3])
    assert f"{theirs.shard:02d}" not in studio.parts.vault.packs(theirs.run)
    assert studio.parts.external_runs.drop(PEOPLE[3]) == 1
    assert studio.parts.external_runs.held(PEOPLE[3]) == 0
