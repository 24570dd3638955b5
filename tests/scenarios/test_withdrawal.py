"""Somebody takes a yes back: it isn't used for that any more, and the model forgets what it learned so."""

from pathlib import Path

import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.consent.purpose import Grant
from volenti.core.errors import ConflictError, UsageError

TRAINING = Grant.GENERATIVE_TRAINING


def studio_of(folder: Path) -> tuple[Studio, str]:
    """Four people, a group picture, a model."""
    studio = Studio.open(folder)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.photo("ann", "_", "bob")
    return studio, studio.trained(RECIPE)


def knows(studio: Studio, name: str) -> bool:
    return bool(studio.parts.training.model_store.affected(name)) or bool(
        list(studio.parts.records.rows("slice", owner=name))
    )


def test_who_takes_the_yes_to_training_back_is_forgotten_and_keeps_their_pictures(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    before = list(studio.parts.records.rows("image", owner="ann"))
    request = studio.ws.requests.open("withdrawal", "ann", grant=TRAINING)
    done = studio.parts.withdrawals.run(request.id)
    assert done.state == "done"
    assert not knows(studio, "ann")
    assert knows(studio, "cid")
    assert [row.id for row in studio.parts.records.rows("image", owner="ann")] == [row.id for row in before]
    for each in studio.parts.training.model_store.constituents(run):
        assert (
            studio.parts.prover.prove(studio.parts.training.run(run), each.shard).sha256_scratch
            == each.sha256
        )
    assert studio.ws.audit().problems == []


def test_a_yes_that_the_model_doesnt_need_changes_no_model(tmp_path: Path) -> None:
    studio, run = studio_of(tmp_path)
    before = studio.hashes(run)
    request = studio.ws.requests.open("withdrawal", "ann", grant=Grant.COMMERCIAL)
    assert studio.parts.withdrawals.run(request.id).withdrawal.dropped == ()
    assert studio.hashes(run) == before


def test_whoever_is_frozen_is_not_read_even_if_the_rest_never_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, _ = studio_of(tmp_path)
    request = studio.ws.requests.open("withdrawal", "ann", grant=TRAINING)

    def fails(*_: object, **__: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as broken:
        broken.setattr(studio.parts.training, "replay", fails)
        with pytest.raises(InterruptedError):
            studio.parts.withdrawals.run(request.id)
    assert not knows(studio, "ann")
    snapshot = studio.ws.datasets.cut("later", PURPOSE)
    assert "ann" not in {owner for each in studio.parts.datasets.entries(snapshot) for owner in each.owners}
    assert studio.parts.withdrawals.run(request.id).state == "done"


def test_what_a_request_is_about_is_part_of_it(tmp_path: Path) -> None:
    studio, _ = studio_of(tmp_path)
    one = studio.ws.requests.open("withdrawal", "ann", grant=TRAINING)
    assert studio.ws.requests.open("withdrawal", "ann", grant=TRAINING).id == one.id
    assert studio.ws.requests.open("withdrawal", "ann", grant=Grant.COMMERCIAL).id != one.id
    with pytest.raises(UsageError):
        studio.ws.requests.open("erasure", "ann", grant=TRAINING, identity="in-person")
    with pytest.raises(ConflictError):
        studio.parts.withdrawals.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    # One call runs whatever was asked for.
    assert studio.ws.requests.run(one.id).request.state == "done"
