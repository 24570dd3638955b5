"""Constituents handed out to others: written for other tools, called back, and succeeded."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contracts.test_export_format import contents
from tests.studio import PURPOSE, Studio, reopened
from tests.unit.adapters.pipelines import write_pipeline
from tests.unit.adapters.test_lora_files import drawn_by_diffusers
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.consent.document import DocumentError
from volenti.consent.purpose import Grant
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, IntegrityError, RefusedError, UsageError
from volenti.deliveries.apply_deletions import AppliedDeletions, apply_deletions
from volenti.deliveries.weights import lora
from volenti.stores import formats
from volenti.training.ports import Drawing, Trainer
from volenti.training.recipe import Recipe

RECIPE = Recipe(shards=1, slices=3, samples_per_image=2, min_people=1, learning_rate=0.05)
PIPELINES = Recipe(
    shards=1, slices=3, samples_per_image=2, batch=2, rank=2, min_people=1, learning_rate=0.01, scale=1.6
)
PEOPLE = ("ann", "bob", "cid", "dee")


class Lab:
    """A studio on disk that trained on four people, and whoever gets what it learned."""

    def __init__(self, folder: Path, trainer: Trainer | None = None, recipe: Recipe = RECIPE) -> None:
        self.folder = folder
        self.studio = Studio.open(folder / "studio", trainer=trainer, on_disk=True)
        self.ws = self.studio.ws
        self.studio.shoot(*PEOPLE)
        self.run = self.studio.trained(recipe)
        self.feed = FileLogStore(self.ws.path / "feed")

    def apply(self, place: Path, *, dry_run: bool = False) -> AppliedDeletions:
        return apply_deletions(place, self.feed, formats(), dry_run=dry_run)

    def erase(self, who: str) -> None:
        self.ws.requests.run(self.ws.requests.open("erasure", who, identity="in-person").id)

    def withdraw(self, who: str, grant: str | None = None) -> None:
        self.ws.releases.withdraw(f"rel_{who}", grant=grant)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.ws.close()


def test_a_pipeline_is_handed_out_called_back_and_succeeded(tmp_path: Path) -> None:
    pipeline = write_pipeline(tmp_path / "pipeline", "sdxl")
    trainer = PipelineTrainer(pipeline)
    lab = Lab(tmp_path, trainer, PIPELINES)
    store = lab.ws.parts.training.model_store
    weights = store.weights(store.constituents(lab.run)[0])
    first = tmp_path / "first"
    given = lab.ws.runs.export(to=first, recipient="Example Lab", feed="https://studio.example/feed")
    [constituent] = given.constituents
    assert (constituent.sha256, constituent.people) == (sha256(weights), 4)
    assert constituent.rank == PIPELINES.rank * len(store.slices(lab.run))
    ours = trainer.draw(weights, [Drawing("a man", 7)], guidance=2.0, steps=3)[0]
    for file in constituent.files:
        assert sha256((first / file.name).read_bytes()) == file.sha256
        assert (drawn_by_diffusers(pipeline, first, file.name) == ours).all()
    plain = constituent.files[0]
    assert lora.bare((first / plain.name).read_bytes()) == weights

    lab.erase("bob")
    [notice] = lab.ws.feed.list().notices
    assert (notice.delivery.id, notice.told, notice.open) == (given.delivery, 2, 2)
    done = lab.apply(first)
    assert (done.removed, done.left) == (8, 0)
    assert [(each.name, each.sha256, each.has_successor) for each in done.files] == [
        (each.name, each.sha256, False) for each in constituent.files
    ]
    assert list(first.glob("*.safetensors")) == []
    assert "Called back" in (first / "README.md").read_text()
    assert _checks(first)
    kept = lab.ws.feed.acknowledge(done.acknowledgement)
    assert (kept.told, kept.open, kept.due) == (2, 0, "")

    second = tmp_path / "second"
    successor = lab.ws.runs.export(to=second, recipient="Example Lab")
    assert successor.succeeds == (given.delivery,)
    assert successor.constituents[0].sha256 != constituent.sha256
    told = lab.apply(first)
    assert {each.has_successor for each in told.files} == {True}
    assert len(told.files) == len(constituent.files)
    assert lab.apply(first).files == lab.apply(second).files == ()
    # Somebody else leaves: the first delivery is over, and only the second is called back.
    lab.erase("cid")
    notices = {each.delivery.id: each.open for each in lab.ws.feed.list().notices}
    assert notices == {given.delivery: 0, successor.delivery: 2}
    assert lab.ws.audit(deep=True).problems == []
    assert all(each.ok for each in lab.ws.prove_forgetting())


def _checks(folder: Path) -> bool:
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


def test_what_lies_in_the_folder_names_nobody_and_says_how_it_is_called_back(lab: Lab) -> None:
    (terms := lab.folder / "terms.txt").write_text("Only for the lab.\n")
    place = lab.folder / "out"
    lab.ws.runs.export(
        lab.run, to=place, recipient="Example Lab", licence=terms, contact="rights@studio.example"
    )
    texts = [each for each in place.rglob("*") if each.is_file() and each.suffix != ".safetensors"]
    assert len(texts) == 7
    written = "\n".join(each.read_text() for each in texts)
    images = [each.image for each in lab.ws.datasets.show("humans").entries]
    for name in (*(f"Legal {each}" for each in PEOPLE), *images, "Example Lab"):
        assert name not in written
    # A word alone: digests and tokens are full of such letters.
    assert not set(PEOPLE) & set(re.findall(r"\w+", written))
    card = (place / "README.md").read_text()
    contact = "rights@studio.example"
    base = ("licence: Apache-2.0", "learned from no picture of a person")
    for said in (*base, lab.run, "humans@1", "8 pictures of 4 people", "volenti feed apply", contact):
        assert said in card
    assert (place / "LICENSE.txt").read_bytes() == terms.read_bytes()
    (place / "LICENSE.txt").unlink()
    with pytest.raises(UsageError, match="isn't empty"):
        lab.ws.runs.export(
            lab.run, to=place, recipient="Example Lab", licence=terms, contact="rights@studio.example"
        )
    (place / "LICENSE.txt").write_bytes(terms.read_bytes())
    assert _checks(place)
    note = json.loads((place / ".volenti" / "delivery.json").read_text())
    assert note["delivery"] == lab.ws.feed.list().notices[0].delivery.id


def test_the_base_that_ships_gives_its_weights_as_they_are(lab: Lab) -> None:
    place = lab.folder / "out"
    [constituent] = lab.ws.runs.export(to=place, recipient="Example Lab").constituents
    [file] = constituent.files
    assert file.sha256 == constituent.sha256 == lab.studio.hashes(lab.run)[0]
    assert sha256((place / file.name).read_bytes()) == file.sha256


def test_the_same_again_changes_nothing_and_anything_else_is_refused(lab: Lab) -> None:
    place = lab.folder / "out"
    given = lab.ws.runs.export(to=place, recipient="Example Lab")
    before, size = contents(place), lab.ws.log.show().size
    again = lab.ws.runs.export(to=place, recipient="Example Lab")
    assert again.was_there
    assert again.delivery == given.delivery
    assert (contents(place), lab.ws.log.show().size) == (before, size)
    others: list[dict[str, object]] = [
        {"recipient": "Somebody else"},
        {"recipient": "Example Lab", "territory": "DE"},
        {"recipient": "Example Lab", "contact": "me"},
    ]
    for other in others:
        with pytest.raises(UsageError, match="isn't empty"):
            lab.ws.runs.export(to=place, **other)  # type: ignore[arg-type]
    weights = next(place.glob("*.safetensors"))
    for damage in (lambda: weights.write_bytes(b"changed"), weights.unlink):
        damage()
        with pytest.raises(UsageError, match="isn't empty"):
            lab.ws.runs.export(to=place, recipient="Example Lab")
    assert len(lab.ws.feed.list().notices) == 1


def test_a_folder_of_somebody_elses_is_left_as_it_is(lab: Lab) -> None:
    theirs = lab.folder / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("mine")
    (lab.folder / "empty").mkdir()
    (link := lab.folder / "link").symlink_to(lab.folder / "empty")
    (file := lab.folder / "file").write_text("mine")
    for place in (theirs, link, file):
        with pytest.raises(UsageError):
            lab.ws.runs.export(to=place, recipient="Example Lab")
    assert contents(theirs).count(b"mine") == 1
    assert lab.ws.feed.list().notices == ()
    assert lab.ws.runs.export(to=lab.folder / "empty", recipient="Example Lab").delivery


def test_a_dry_run_says_what_would_be_handed_out_and_writes_nothing(lab: Lab) -> None:
    would = lab.ws.runs.export(to=lab.folder / "out", recipient="Example Lab", dry_run=True)
    assert [(each.pictures, each.people) for each in would.constituents] == [(8, 4)]
    assert would.delivery == ""
    assert not (lab.folder / "out").exists()
    assert lab.ws.feed.list().notices == ()


def test_a_blank_recipient_another_shard_and_no_country_are_refused(lab: Lab) -> None:
    place = lab.folder / "out"
    with pytest.raises(UsageError, match="blank"):
        lab.ws.runs.export(to=place, recipient=" ")
    with pytest.raises(UsageError, match="no shard 1"):
        lab.ws.runs.export(to=place, recipient="Example Lab", constituents=[1])
    with pytest.raises(DocumentError):
        lab.ws.runs.export(to=place, recipient="Example Lab", territory="Atlantis")
    assert not place.exists()


def test_who_did_not_agree_to_being_passed_on_keeps_the_weights_here(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path / "studio", on_disk=True)
    studio.shoot("ann", "bob")
    studio.person("cid", *(each for each in Grant if each is not Grant.REDISTRIBUTION))
    studio.photo("cid")
    studio.trained(RECIPE)
    with pytest.raises(RefusedError, match="1 picture with somebody who didn't agree") as refusal:
        studio.ws.runs.export(to=tmp_path / "out", recipient="Example Lab")
    assert "redistribution" in refusal.value.remedy
    with pytest.raises(RefusedError, match="handed on in DE") as refusal:
        studio.ws.runs.export(to=tmp_path / "out", recipient="Lab", territory="DE", sublicensable=True)
    assert "--sublicensing" in refusal.value.remedy
    assert studio.ws.feed.list().notices == ()
    # As the remedy says: of those who agreed, weights may go out.
    studio.ws.datasets.cut("passable", PURPOSE, condition=["redistribution"])
    studio.ws.train("passable", RECIPE)
    assert studio.ws.runs.export("passable", to=tmp_path / "out", recipient="Example Lab").delivery
    studio.ws.close()


def test_what_is_not_served_is_not_handed_out(lab: Lab) -> None:
    lab.withdraw("ann")
    with pytest.raises(ConflictError, match="Nothing of this run is served"):
        lab.ws.runs.export(to=lab.folder / "out", recipient="Example Lab")
    assert not (lab.folder / "out").exists()


def test_weights_of_what_was_amended_since_wait_for_a_training(lab: Lab) -> None:
    entry = lab.ws.datasets.show("humans").entries[0]
    made = lab.ws.parts.training.model_store.slices(lab.run)[0]
    row = lab.ws.parts.records.require("slice", f"{lab.run}/{made.place}")
    lab.ws.parts.records.put(
        "slice", row.id, {**row.body, "task": sha256(entry.image.encode())}, owners=row.owners, parent=lab.run
    )
    with pytest.raises(ConflictError, match="other pictures than it may learn from today"):
        lab.ws.runs.export(to=lab.folder / "out", recipient="Example Lab")


def test_who_takes_back_being_passed_on_calls_the_weights_back_and_nothing_else(lab: Lab) -> None:
    place = lab.folder / "out"
    lab.ws.runs.export(to=place, recipient="Example Lab")
    lab.withdraw("ann", "redistribution")
    assert lab.ws.feed.list().notices[0].told == 2
    assert lab.apply(place, dry_run=True).removed == 8
    assert list(place.glob("*.safetensors"))
    [file] = place.glob("*.safetensors")
    again = file.read_bytes()
    file.rename(place / "my-lora.safetensors")
    (place / "kept").mkdir()
    (place / "kept" / "other.safetensors").write_bytes(again[:-1] + b"?")
    assert lab.apply(place, dry_run=True).copies == ("my-lora.safetensors",)
    done = lab.apply(place)
    assert (done.left, done.copies) == (0, ("my-lora.safetensors",))
    assert list(place.glob("*.safetensors")) == []
    assert (place / "kept" / "other.safetensors").exists()
    # What is put back goes at the next call, though the feed says nothing new.
    file.write_bytes(again)
    assert lab.apply(place).copies == (file.name,)
    assert not file.exists()
    # It is served here all the same; handing it out again is refused.
    assert lab.studio.hashes(lab.run)
    with pytest.raises(RefusedError):
        lab.ws.runs.export(to=lab.folder / "again", recipient="Example Lab")


def test_of_several_constituents_only_that_of_who_left_goes(tmp_path: Path) -> None:
    lab = Lab(tmp_path, recipe=replace(RECIPE, shards=2))
    place = tmp_path / "out"
    given = lab.ws.runs.export(to=place, recipient="Example Lab")
    assert len(given.constituents) == 2
    store = lab.ws.parts.training.model_store
    [gone] = [each.shard for each in store.constituents(lab.run) if ("ann", "") in each.uses]
    [stays] = [each for each in given.constituents if each.shard != gone]
    other = lab.ws.runs.export(to=tmp_path / "other", recipient="Another Lab", constituents=[stays.shard])
    lab.erase("ann")
    done = lab.apply(place)
    assert done.left == stays.pictures
    assert [each.name for each in place.glob("*.safetensors")] == [each.name for each in stays.files]
    assert _checks(place)
    # Whoever has nothing of hers is told nothing.
    told = {each.delivery.id: each.told for each in lab.ws.feed.list().notices}
    assert told[other.delivery] == 0
    assert lab.apply(tmp_path / "other").removed == 0


def test_whoever_has_weights_is_told_to_the_person(lab: Lab) -> None:
    lab.ws.runs.export(to=lab.folder / "out", recipient="Example Lab")
    [use] = lab.ws.subjects.uses("ann").deliveries
    assert (use.recipient, use.what) == ("Example Lab", f"{lab.run} (humans@1)")


def test_what_was_removed_before_the_feed_was_applied_to_its_end_is_no_obstacle(lab: Lab) -> None:
    place = lab.folder / "out"
    lab.ws.runs.export(to=place, recipient="Example Lab")
    lab.erase("ann")
    for file in place.glob("*.safetensors"):
        file.unlink()
    done = lab.apply(place)
    assert (done.removed, done.left, len(done.files)) == (8, 0, 1)
    assert _checks(place)


def test_a_listing_that_was_damaged_is_named_and_nothing_is_removed(lab: Lab) -> None:
    place = lab.folder / "out"
    lab.ws.runs.export(to=place, recipient="Example Lab")
    lab.erase("ann")
    (place / ".volenti" / "weights.json").write_text("{")
    with pytest.raises(IntegrityError, match=r"weights\.json"):
        lab.apply(place)
    assert list(place.glob("*.safetensors"))


def test_an_export_that_is_killed_anywhere_leaves_all_or_nothing_and_is_repeated(lab: Lab) -> None:
    at, root = lab.ws.path, lab.folder
    lab.ws.close()
    number, place, left_behind = 1, root / "killed-1", 0
    while _exported(at, place, kill_at=number) == -signal.SIGKILL:
        left_behind += any(root.glob(".killed-*"))
        if place.exists():
            assert _checks(place)
            assert list(place.glob("*.safetensors"))
        ws = reopened(at)
        ws.runs.export(to=place, recipient="Example Lab")
        assert _checks(place)
        assert list(root.glob(".killed-*")) == []
        # An event that was recorded as the log was being written is added to it with the next one.
        assert [each for each in ws.audit().problems if "the next one adds it" not in each] == []
        ws.close()
        number, place = number + 1, root / f"killed-{number + 1}"
    assert number > 15
    assert left_behind


def _exported(at: Path, place: Path, *, kill_at: int) -> int:
    """Export in another process, which is killed at one of its fsyncs; its status, or how many it made."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        count, fsync = 0, os.fsync

        def counted(handle: int) -> None:
            nonlocal count
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            fsync(handle)

        try:
            ws = reopened(at)
            os.fsync = counted
            ws.runs.export(to=place, recipient="Example Lab")
            os.write(writing, str(count).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else int(said)
