"""Somebody leaves while slices are trained: whatever was under way, nothing of them is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.studio import RECIPE, Studio
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.training.ports import SliceResult, SliceTask, StepCallback

NAMES = ("ann", "bob", "cid", "dee", "eve", "fay")


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Disturbance:
    """Happens once: when a slice was trained, after `left` others."""

    left: int = 0
    what: Callable[[], None] | None = None
    happened: bool = False

    def arm(self, left: int, what: Callable[[], None]) -> None:
        self.left, self.what = left, what

    def told(self) -> None:
        self.left -= 1
        if self.left < 0 and self.what is not None:
            what, self.what = self.what, None
            self.happened = True
            what()


@dataclass(frozen=True)
class DisturbedTrainer(MemoryTrainer):
    """Trains, but something happens on the way."""

    disturbance: Disturbance = field(default_factory=Disturbance)

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceResult:
        result = super().train(task, watch)
        self.disturbance.told()
        return result


def disturbed(tmp_path: Path) -> tuple[Studio, Disturbance]:
    """A studio of six people, cut but not trained, whose trainer can be disturbed."""
    disturbance = Disturbance()
    studio = Studio.open(tmp_path, trainer=DisturbedTrainer(disturbance=disturbance))
    studio.shoot(*NAMES)
    studio.clear()
    studio.ws.datasets.cut("humans", "generative-training")
    return studio, disturbance


def classmates(studio: Studio) -> tuple[str, ...]:
    """Who is in one slice with somebody else."""
    return next(row.owners for row in studio.parts.records.rows("slice") if len(row.owners) > 1)


def leaves(studio: Studio, name: str) -> str:
    """Somebody's whole erasure; returns the request."""
    request = studio.ws.requests.open("erasure", name, identity="in-person").id
    studio.ws.requests.run(request)
    return request


def is_as_if_never_there(studio: Studio, *gone: str) -> None:
    """Every constituent is the one of a training from scratch without them, and knows nobody of them."""
    (run,) = studio.parts.training.runs()
    served = studio.hashes(run.id)
    assert served
    for shard, digest in served.items():
        proof = studio.parts.prover.prove(run, shard)
        assert proof.sha256_scratch == digest
    rows = [
        row for kind in ("slice", "constituent") for row in studio.parts.records.rows(kind, parent=run.id)
    ]
    assert not {owner for row in rows for owner in row.owners} & set(gone)
    assert studio.ws.audit().ok


@pytest.mark.parametrize("after", [0, 1, 2])
def test_who_leaves_during_a_training_is_in_nothing_it_leaves_behind(tmp_path: Path, after: int) -> None:
    studio, disturbance = disturbed(tmp_path)
    disturbance.arm(after, lambda: leaves(studio, "ann") and None)
    studio.ws.train("humans", RECIPE)
    assert disturbance.happened
    is_as_if_never_there(studio, "ann")


@pytest.mark.parametrize("same_slice", [True, False])
def test_who_leaves_during_somebodys_replay_is_forgotten_too(tmp_path: Path, same_slice: bool) -> None:
    studio, disturbance = disturbed(tmp_path)
    studio.ws.train("humans", RECIPE)
    ann, *others = classmates(studio)
    first = studio.ws.requests.open("erasure", ann, identity="in-person").id
    second: list[str] = []
    bob = others[0] if same_slice else next(name for name in NAMES if name not in (ann, *others))
    disturbance.arm(0, lambda: second.append(leaves(studio, bob)))
    studio.ws.requests.run(first)
    assert disturbance.happened
    for request in (first, *second):
        assert studio.parts.requests.find(request).state == "done"
        proofs = studio.ws.prove_forgetting(request)
        assert proofs
        assert all(proof.ok for proof in proofs)
    is_as_if_never_there(studio, ann, bob)


def test_a_replay_that_was_killed_goes_on_to_the_same_end(tmp_path: Path) -> None:
    studio, disturbance = disturbed(tmp_path)
    studio.ws.train("humans", RECIPE)
    ann = classmates(studio)[0]
    request = studio.ws.requests.open("erasure", ann, identity="in-person").id

    def kill() -> None:
        raise Killed

    disturbance.arm(0, kill)
    with pytest.raises(Killed):
        studio.ws.requests.run(request)
    assert studio.parts.requests.find(request).state != "done"
    assert ann not in {o for row in studio.parts.records.rows("slice") for o in row.owners}
    studio.ws.requests.run(request)
    is_as_if_never_there(studio, ann)
