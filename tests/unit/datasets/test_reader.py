"""A snapshot read by a training script of somebody's own."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import volenti
from tests.studio import PURPOSE, Studio
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.datasets.reader import Reader, Sample
from volenti.workspace.workspace import Workspace

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


def withdraws(studio: Studio, who: str) -> None:
    studio.parts.consent.withdraw(who)


def is_restricted(studio: Studio, who: str) -> None:
    studio.ws.requests.run(studio.ws.requests.open("restriction", who, identity="in-person").id)


LEAVING = pytest.mark.parametrize("leaving", [leave, withdraws, is_restricted])


@LEAVING
def test_who_leaves_in_mid_epoch_ends_it_unless_they_are_skipped(
    studio: Studio, leaving: Callable[[Studio, str], None]
) -> None:
    raising = studio.ws.datasets.read("humans")
    skipping = studio.ws.datasets.read("humans", missing="skip")
    assert (raising.missing, skipping.missing) == ("raise", "skip")
    epochs = iter(raising), iter(skipping)
    seen = [next(epoch) for epoch in epochs for _ in range(2)]
    assert len(seen) == 4
    gone = raising.entries[-1].owners[0]
    leaving(studio, gone)
    with pytest.raises(RefusedError):
        list(epochs[0])
    assert raising.skipped == 0
    rest = list(epochs[1])
    assert all(isinstance(each, Sample) for each in rest)
    assert len(rest) == len(skipping) - 2 - 2
    assert skipping.skipped == 2
    assert len(list(skipping)) == len(studio.ws.datasets.read("humans"))
    assert skipping.skipped == 4


@LEAVING
def test_batches_have_fewer_samples_or_none_once_somebody_left(
    studio: Studio, leaving: Callable[[Studio, str], None]
) -> None:
    reader = studio.ws.datasets.read("humans", missing="skip")
    mine = [index for index, entry in enumerate(reader.entries) if entry.owners == (PEOPLE[3],)]
    leaving(studio, PEOPLE[3])
    others = [index for index in range(len(reader)) if index not in mine][:3]
    batch = reader.to_torch(16).__getitems__([*mine, *others])
    assert [each["position"] for each in batch] == [reader.entries[i].position for i in others]  # type: ignore[index]
    assert reader.__getitems__(mine) == []
    assert reader.skipped == 2 * len(mine)
    with pytest.raises(RefusedError):
        reader[mine[0]]
    with pytest.raises(RefusedError):
        reader.on_missing("raise").__getitems__([*others, *mine])
    parts = reader.shards(2)
    assert [part.skipped for part in parts] == [0, 0]
    assert sum(len(list(part)) for part in parts) == len(reader) - len(mine)
    assert sum(part.skipped for part in parts) == len(mine)


def test_what_is_to_happen_is_one_of_two(studio: Studio) -> None:
    with pytest.raises(UsageError, match="ignore"):
        studio.ws.datasets.read("humans", missing="ignore")


def test_workers_of_a_dataloader_skip_too_and_their_count_is_seen(tmp_path: Path) -> None:
    data = pytest.importorskip("torch.utils.data")
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot(*PEOPLE)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.close()
    with volenti.open(studio.ws.path) as ws:
        workers_skip(ws, data)


def workers_skip(ws: Workspace, data: Any) -> None:
    reader = ws.datasets.read("humans", missing="skip")
    ws.parts.consent.withdraw(PEOPLE[3])
    loader = data.DataLoader(
        reader.to_torch(16), batch_size=4, sampler=reader.epoch(0), num_workers=2, collate_fn=list
    )
    batches = list(loader)
    assert sum(map(len, batches)) == len(reader) - 2
    assert reader.skipped == 2
    raising = data.DataLoader(reader.on_missing("raise"), num_workers=1, collate_fn=list)
    with pytest.raises(RefusedError):
        list(raising)
