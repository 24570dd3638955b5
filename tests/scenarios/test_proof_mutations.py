"""Whatever goes wrong with forgetting, the proof or the audit says so, and what it is.

Each row of the table breaks one thing that exact forgetting rests on, in a workspace where everything else
works; ann is erased, and what is asked then is told nothing of the breakage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.studio import Studio
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256
from volenti.training.learnable import Learnable
from volenti.training.ports import SliceResult, SliceTask, StepCallback
from volenti.training.recipe import Recipe
from volenti.training.run import constituent_id
from volenti.training.slice_spec import SliceSpec
from volenti.vault.blob import BlobRef

RECIPE = Recipe(shards=2, slices=2, samples_per_image=1, min_people=1, learning_rate=0.05)
PEOPLE = ("ann", "bob", "cid", "dee", "eve")


@dataclass(frozen=True)
class Trains(MemoryTrainer):
    """The trainer of the runs, broken in one way; the prover has a sound one."""

    merged: Callable[[bytes], bytes] = lambda weights: weights
    warm: list[bytes] = field(default_factory=list)
    starts_warm: bool = False

    def merge(self, parts: Sequence[tuple[int, bytes]], scale: float = 1.0) -> bytes:
        return self.merged(super().merge(parts, scale))

    def train(self, task: SliceTask, watch: StepCallback | None = None) -> SliceResult:
        result = super().train(task, watch)
        if self.starts_warm and self.warm:
            began = np.frombuffer(self.warm[-1], np.float32)
            both = np.frombuffer(result.weights, np.float32) + np.float32(0.01) * began
            result = replace(result, weights=both.astype(np.float32).tobytes())
        self.warm.append(result.weights)
        return result


def trains_with(broken: Trains, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio.parts.training, "trainer_of", lambda recipe: broken)


def studio_of(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot(*PEOPLE)
    return studio


def home_of(studio: Studio, name: str) -> tuple[str, int]:
    (identifier,) = studio.parts.training.model_store.affected(name)
    run, _, shard = identifier.partition("/")
    return run, int(shard)


def erase(studio: Studio) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)


def problems(studio: Studio) -> list[str]:
    """What the proof says of all that serves, and the audit of all that is kept."""
    proofs = studio.ws.prove_forgetting()
    assert all(each.comparable for each in proofs)
    return [each for proof in proofs for each in proof.problems] + studio.ws.audit(deep=True).problems


def kept_merge(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is served after the replay is what was served before."""
    studio.trained(RECIPE)
    run, shard = home_of(studio, "ann")
    kept = studio.parts.training.model_store.constituent(run, shard)
    assert kept is not None
    before = studio.parts.training.model_store.weights(kept[0])
    trains_with(Trains(merged=lambda weights: before), studio, monkeypatch)
    erase(studio)


def nudged_weight(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bit of the merged weights is another."""
    studio.trained(RECIPE)
    trains_with(Trains(merged=lambda weights: bytes([weights[0] ^ 1]) + weights[1:]), studio, monkeypatch)
    erase(studio)


def other_bytes_stored(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights that lie in the pack aren't those whose hash is recorded."""
    studio.trained(RECIPE)
    run, shard = home_of(studio, "ann")
    erase(studio)
    record = studio.parts.records.require("constituent", constituent_id(run, shard))
    ref = decoded(BlobRef, record.body["weights"])
    weights = bytearray(studio.parts.vault.open(ref))
    weights[-1] ^= 1
    other = studio.parts.vault.put(
        record.owners,
        "constituent",
        bytes(weights),
        of=constituent_id(run, shard),
        prefix=run,
        pack=f"{shard:02d}",
    )
    studio.parts.records.put_all([replace(record, body={**record.body, "weights": encoded(other)})])


def owners_lacking_in_slices(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slices that learned from her are sealed for the others alone; nobody has left yet."""
    owners = SliceSpec.owners.fget  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        patch.setattr(
            SliceSpec, "owners", property(lambda self: tuple(o for o in owners(self) if o != "ann"))
        )
        studio.trained(Recipe(shards=1, slices=1, samples_per_image=1, min_people=1))


def owners_lacking_everywhere(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither slices nor constituents are sealed for her: her erasure finds nothing to drop."""
    owners, keep = SliceSpec.owners.fget, studio.parts.training.model_store.keep_constituent  # type: ignore[attr-defined]

    def kept(run: str, shard: int, made_of: str, parts: Any, uses: Any, *given: Any, **named: Any) -> None:
        keep(run, shard, made_of, parts, [each for each in uses if each[0] != "ann"], *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(
            SliceSpec, "owners", property(lambda self: tuple(o for o in owners(self) if o != "ann"))
        )
        patch.setattr(studio.parts.training.model_store, "keep_constituent", kept)
        studio.trained(Recipe(shards=1, slices=1, samples_per_image=1, min_people=1))
    erase(studio)


def seed_from_a_count(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeds come from how many pictures there are."""
    seed = SliceSpec.seed.fget  # type: ignore[attr-defined]

    def counted(spec: SliceSpec) -> int:
        alive = sum(1 for row in studio.parts.records.rows("entry") if row.owners)
        return int(seed(spec)) ^ alive

    monkeypatch.setattr(SliceSpec, "seed", property(counted))
    studio.trained(RECIPE)
    erase(studio)


def captions_numbered(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every caption is given the picture's number among all."""
    learnable = Learnable.examples

    def numbered(self: Learnable, *given: Any, **named: Any) -> Any:
        for number, example in enumerate(learnable(self, *given, **named)):
            yield replace(example, caption=f"{example.caption} {WORDS[number % len(WORDS)]}")

    def task(self: SliceSpec, access: Any) -> SliceTask:
        made = whole(self, access)
        everybody = {
            p.image.id: p.caption
            for each in studio.parts.training.specs(studio.parts.training.run())
            for p in each.examples
        }
        return replace(made, captions=tuple(everybody[example.image.id] for example in self.examples))

    whole = SliceSpec.task
    monkeypatch.setattr(Learnable, "examples", numbered)
    monkeypatch.setattr(
        SliceSpec,
        "digest",
        property(
            lambda self: sha256(
                "".join(example.image.id for example in self.examples).encode() + str(self.place).encode()
            )
        ),
    )
    monkeypatch.setattr(SliceSpec, "task", task)
    studio.trained(RECIPE)
    erase(studio)


WORDS = ("red", "blue", "green", "old", "young", "smiling", "hair")


def warm_start(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice starts from what the one before it learned."""
    trains_with(Trains(starts_warm=True), studio, monkeypatch)
    studio.trained(RECIPE)
    erase(studio)


def weights_in_a_cache(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """What serves is read once and remembered by its name."""
    model_store, known = studio.parts.training.model_store, {}
    weights = model_store.weights

    def cached(constituent: Any) -> bytes:
        return known.setdefault(constituent.shard, weights(constituent))

    monkeypatch.setattr(model_store, "weights", cached)
    run = studio.trained(RECIPE)
    for each in model_store.constituents(run):
        model_store.weights(each)
    erase(studio)


MUTATIONS: dict[str, tuple[Callable[[Studio, pytest.MonkeyPatch], None], str]] = {
    "kept merge": (kept_merge, "what serves isn't what a training from scratch gives"),
    "nudged weight": (nudged_weight, "what serves isn't what a training from scratch gives"),
    "other bytes stored": (other_bytes_stored, "other bytes are stored than were recorded"),
    "owners lacking her in slices": (owners_lacking_in_slices, "is sealed for others than may be in it"),
    "owners lacking her in slices and constituents": (
        owners_lacking_everywhere,
        "what serves isn't what a training from scratch gives",
    ),
    "seed from a count of entries": (seed_from_a_count, "another seed"),
    "captions numbered": (captions_numbered, "other captions"),
    "warm start": (warm_start, "has other weights than its pictures give"),
    "weights in a cache": (weights_in_a_cache, "other bytes are stored than were recorded"),
}


def test_without_any_of_them_nothing_is_said(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    studio.trained(RECIPE)
    erase(studio)
    assert problems(studio) == []


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_it_is_caught_by_name(mutation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = studio_of(tmp_path)
    breaks, name = MUTATIONS[mutation]
    breaks(studio, monkeypatch)
    found = problems(studio)
    assert any(name in each for each in found), found


@pytest.mark.parametrize("place", ["packs/ann.jpg", "turns/copy.png", "cache/ann.jpg", "ann.jpg"])
def test_a_photograph_that_lies_about_as_a_file_is_named(tmp_path: Path, place: str) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot(*PEOPLE)
    studio.trained(RECIPE)
    stray = studio.ws.path / place
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes((studio.folder / "inbox" / "001.png").read_bytes())
    erase(studio)
    report = studio.ws.audit()
    assert any(place in each for each in (*report.problems, *report.strangers))
    assert report.ok == (place.partition("/")[0] in ("ann.jpg", "cache"))
