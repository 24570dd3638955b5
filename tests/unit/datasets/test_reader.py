"""A snapshot read by a training script of somebody's own."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.datasets.reader import Reader

PEOPLE = [f"person{number:02d}" for number in range(12)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot(*PEOPLE)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    return studio


def images(reader: Reader) -> list[str]:
    return [entry.image for entry in reader.entries]


def leave(studio: Studio, who: str) -> None:
    studio.ws.requests.open("erasure", who, identity="in-person")
    studio.ws.requests.run()


def test_a_sample_has_pixels_a_caption_and_its_place(studio: Studio) -> None:
    reader = studio.ws.datasets.read("humans")
    assert len(reader) == 24
    sample = reader.sample(3)
    assert (sample.position, sample.image) == (3, reader.entries[3].image)
    assert (sample.pixels.shape, sample.pixels.dtype) == ((48, 48, 3), np.uint8)
    assert sample.caption.startswith("a ")
    assert sample.face is not None


def test_who_left_is_missing_and_everybody_else_keeps_place_and_order(studio: Studio) -> None:
    before = studio.ws.datasets.read("humans")
    leave(studio, PEOPLE[4])
    after = studio.ws.datasets.read("humans")
    assert after.people() == before.people() - {PEOPLE[4]}
    assert {e.position: e.image for e in after.entries}.items() <= {
        e.position: e.image for e in before.entries
    }.items()
    remaining = set(images(after))
    was = [before.entries[index].image for index in before.epoch(7, seed=1)]
    now = [after.entries[index].image for index in after.epoch(7, seed=1)]
    assert now == [image for image in was if image in remaining]


def test_epochs_have_orders_of_their_own_and_the_same_again(studio: Studio) -> None:
    reader = studio.ws.datasets.read("humans")
    orders = {tuple(reader.epoch(number, seed)) for number in range(3) for seed in range(2)}
    assert len(orders) == 6
    assert all(sorted(order) == list(range(24)) for order in orders)
    assert studio.ws.datasets.read("humans").epoch(2, 1) == reader.epoch(2, 1)


def test_a_persons_pictures_are_in_one_shard_whoever_else_there_is(studio: Studio) -> None:
    whole = studio.ws.datasets.read("humans")
    parts = whole.shards(3)
    assert sorted(image for part in parts for image in images(part)) == sorted(images(whole))
    assert sum(len(part.people()) for part in parts) == len(PEOPLE)
    gone = next(iter(parts[0].people()))
    leave(studio, gone)
    again = studio.ws.datasets.read("humans").shards(3)
    assert [images(part) for part in again[1:]] == [images(part) for part in parts[1:]]
    assert again[0].people() == parts[0].people() - {gone}
    with pytest.raises(UsageError):
        whole.shards(0)


def test_a_no_in_the_middle_of_an_epoch_counts_at_the_next_read(studio: Studio) -> None:
    reader = studio.ws.datasets.read("humans")
    mine = next(index for index, entry in enumerate(reader.entries) if entry.owners == (PEOPLE[0],))
    reader.sample(mine)
    studio.parts.consent.withdraw(PEOPLE[0])
    with pytest.raises(RefusedError):
        reader.sample(mine)


def test_what_torch_gets_is_square_and_between_minus_one_and_one(studio: Studio) -> None:
    first = studio.ws.datasets.read("humans").to_torch(16)[0]
    assert isinstance(first, dict)
    assert first["pixels"].shape == (3, 16, 16)
    assert first["pixels"].dtype == np.float32
    assert -1 <= first["pixels"].min() < 0 < first["pixels"].max() <= 1
    assert set(first) == {"pixels", "caption", "position"}


def test_a_workspace_in_memory_is_not_read_from_elsewhere(studio: Studio) -> None:
    elsewhere = pickle.loads(pickle.dumps(studio.ws.datasets.read("humans")))
    assert len(elsewhere) == 24
    with pytest.raises(ConflictError):
        elsewhere.sample(0)
