"""What was decided about a picture after a dataset was cut is no damage, wherever it is looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.scenarios.test_pictures import Clock, give, named
from tests.studio import PURPOSE, RECIPE, Studio


def opt_out_beside(studio: Studio, image: str) -> None:
    (studio.folder / "inbox" / "spring" / "one.headers").write_text("X-Robots-Tag: noai\n")
    studio.ws.add([studio.folder / "inbox" / "spring"])
    studio.ws.clear(PURPOSE)


def reject(studio: Studio, image: str) -> None:
    """Somebody takes back that it was cleared, and rejects it."""
    studio.ws.review.undo(image, reviewer="rita")
    studio.ws.review.decide(image, clear=False, reviewer="rita", purpose=PURPOSE)


def later(studio: Studio) -> None:
    """More days pass than a picture waits for a decision."""
    clock = studio.parts.clock
    assert isinstance(clock, Clock)
    clock.now += timedelta(days=60)


def forget(studio: Studio, image: str) -> None:
    """It is held again, and nobody decides."""
    studio.ws.review.undo(image, reviewer="rita")
    later(studio)
    studio.ws.clear(PURPOSE)


def wait_again(studio: Studio, image: str) -> None:
    """It is rejected, and given once more."""
    opt_out_beside(studio, image)
    studio.ws.add([studio.folder / "inbox" / "spring"])


def amend(studio: Studio, image: str) -> None:
    """It turns out to be from another shoot, which no release covers."""
    studio.ws.pictures.amend([image], shoot="autumn")
    studio.ws.clear(PURPOSE)


#: What is done, and why the picture is rejected then; empty where it is held.
CHANGES: dict[str, tuple[Callable[[Studio, str], None], str]] = {
    "an opt-out came later": (opt_out_beside, "opt-out"),
    "a reviewer rejects it": (reject, "third-party-copy"),
    "nobody decides it again in time": (forget, "nobody decided in time"),
    "its shoot is amended": (amend, ""),
    "it is given once more": (wait_again, "opt-out"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_rejected_since_is_no_loss(tmp_path: Path, name: str) -> None:
    studio = Studio.open(tmp_path, clock=Clock())
    ws = studio.ws
    for person in ("ann", "bob"):
        studio.person(person, at="spring")
    give(studio, "spring", one="ann: one", two="bob: two", three="ann: three", four="bob: four")
    ws.clear(PURPOSE)
    image = named(studio, "one.png")
    if name != "its shoot is amended":
        # As a reviewer cleared it, one may take that back.
        ws.review.flag(image, "third-party-copy", reviewer="rita")
        ws.review.decide(image, clear=True, subjects=["ann"], reviewer="rita", purpose=PURPOSE)
    ws.datasets.cut("humans", PURPOSE)
    ws.train("humans", replace(RECIPE, shards=1))
    change, why = CHANGES[name]
    change(studio, image)

    [found] = ws.datasets.verify(["humans@1"])
    assert (found.problems, found.refused) == ([], [image])
    assert set(found.rejected) == ({image} if why else set())
    assert why in found.rejected.get(image, "")
    audit = ws.audit(deep=True)
    assert audit.ok, audit.problems
    assert image not in {each.image for each in ws.datasets.read("humans@1").entries}
    assert len(ws.datasets.show("humans@1").entries) == 4
    ws.train("humans", replace(RECIPE, shards=1))
    assert not ws.prove_forgetting().refuted
    cut = ws.datasets.cut("humans", PURPOSE)
    assert ws.datasets.diff("humans@1", cut.id).removed == (image,)


def test_a_picture_that_no_decision_took_away_is_missing(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, clock=Clock())
    studio.person("ann")
    give(studio, "spring", one="ann: one")
    studio.ws.clear(PURPOSE)
    studio.ws.datasets.cut("humans", PURPOSE)
    image = named(studio, "one.png")
    record = studio.parts.records.require("image", image)
    studio.parts.records.put_all(
        [replace(record, body={**record.body, "original": None, "preview": None}, state="rejected")]
    )
    assert studio.ws.datasets.verify(["humans"])[0].problems == ["humans@1 entry 0: the image is missing"]
    studio.parts.records.delete("image", [image])
    assert studio.ws.datasets.verify(["humans"])[0].problems == ["humans@1 entry 0: the image is missing"]


def test_a_picture_in_which_somebody_is_made_unrecognisable_since_is_as_it_was_decided(
    tmp_path: Path,
) -> None:
    studio = Studio.open(tmp_path, clock=Clock())
    ws = studio.ws
    for person in ("ann", "bob"):
        studio.person(person)
    give(studio, "spring", one="ann bob: one")
    ws.clear(PURPOSE)
    image = named(studio, "one.png")
    ws.review.flag(image, "third-party-copy", reviewer="rita")
    ws.review.decide(image, clear=True, reviewer="rita", purpose=PURPOSE)
    ws.datasets.cut("humans", PURPOSE)
    ws.review.undo(image, reviewer="rita")
    ws.review.decide(image, clear=True, faces={1: "blur"}, reviewer="rita", purpose=PURPOSE)
    [found] = ws.datasets.verify(["humans"])
    assert (found.problems, found.redacted) == ([], [image])
    audit = ws.audit(deep=True)
    assert audit.ok, audit.problems
    # Other bytes than those of that copy are still found.
    record = ws.parts.records.require("image", image)
    ws.parts.records.put_all([replace(record, body={**record.body, "sha256": "0" * 64})])
    [found] = ws.datasets.verify()
    assert [each.partition(": ")[2] for each in found.problems] == ["other bytes than were cut"]


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_picture_of_several_that_is_rejected_leaves_no_pack(tmp_path: Path, on_disk: bool) -> None:
    studio = Studio.open(tmp_path, clock=Clock(), on_disk=on_disk)
    for person in ("ann", "bob"):
        studio.person(person)
    give(studio, "spring", one="ann bob: one")
    studio.ws.clear(PURPOSE)
    opt_out_beside(studio, "")
    assert studio.ws.status().totals["rejected"] == 1
    audit = studio.ws.audit(deep=True)
    assert audit.ok, audit.problems


def test_what_nobody_decides_in_time_is_no_loss(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, clock=Clock())
    studio.person("ann")
    give(studio, "spring", one=": nobody", two="ann: two")
    studio.ws.clear(PURPOSE)
    assert studio.ws.status().totals["held"] == 1
    later(studio)
    studio.ws.clear(PURPOSE)
    assert studio.ws.status().totals["held"] == 0
    audit = studio.ws.audit(deep=True)
    assert audit.ok, audit.problems
