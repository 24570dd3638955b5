"""The audit finds what it should: each holder's erase step is disabled in turn, and each is caught.

A holder that erases nothing and says it is done is the worst there can be. Everything else of the
erasure runs as ever, and the audit is told nothing but canaries. The replay puts other weights in the
place of what the model's holder leaves, so that one is looked at before the replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.studio import RECIPE, Studio
from volenti.vault.holder import Erased, Holder, Holding

HOLDERS = (
    "model",
    "own models",
    "deliveries",
    "review queue",
    "manifests",
    "group pictures",
    "letters",
    "jobs",
    "register",
    "key",
    "photographs",
)


class Idle:
    """A holder that locates what it has, erases nothing, and attests that nothing is left."""

    def __init__(self, real: Holder) -> None:
        self.name = real.name
        self._real = real

    def locate(self, subject: str) -> list[Holding]:
        return self._real.locate(subject)

    def erase(self, subject: str) -> Erased:
        return Erased(0, 0)

    def attest(self, subject: str) -> int:
        return 0


class PowerCut(Exception):
    """Stops a run before its replay."""


def studio_of(folder: Path, *, cut: bool = False) -> Studio:
    """Eleven people with pictures, one with another, one held, a model and a model of one's own."""

    def watch(step: str) -> None:
        if cut and step == "replay":
            raise PowerCut

    studio = Studio.open(folder, watch, on_disk=True)
    studio.shoot(*["ann", "bob", "cid", "dee", "eve", "fay", "gil", "hal", "ida", "jon", "kim"], photos=1)
    studio.photo("ann", "_", "bob", caption="a man and a woman")
    studio.photo("bob", "_", "zoe")
    studio.trained(RECIPE)
    weights = folder / "weights.bin"
    weights.write_bytes(b"what it learned")
    studio.parts.exports.export(studio.parts.datasets.snapshot("humans"), folder / "export")
    with studio.ws.runs.begin("own", dataset="humans") as run:
        run.keep(weights)
    studio.ws.letters.send("code", "bob", code="314159")
    assert studio.ws.letters.deliver() == 1
    return studio


def erased(studio: Studio, idle: Sequence[str]) -> None:
    holders = studio.parts.erasure.holders
    studio.parts.erasure.holders = [Idle(each) if each.name in idle else each for each in holders]
    studio.ws.requests.run(studio.ws.requests.open("erasure", "bob", identity="in-person").id)


def test_the_list_of_holders_is_whole(tmp_path: Path) -> None:
    assert tuple(each.name for each in studio_of(tmp_path).ws.parts.erasure.holders) == HOLDERS


@pytest.mark.parametrize("cut", [False, True])
def test_with_every_holder_at_work_the_audit_finds_nothing(tmp_path: Path, cut: bool) -> None:
    studio = studio_of(tmp_path, cut=cut)
    with suppress(PowerCut):
        erased(studio, ())
    assert studio.ws.audit([b"Legal bob"]).problems == []


# Recipients are told of the withdrawal that an erasure begins with: nothing is left for the holder to tell.
# What jobs say is the controller's, sealed, and no job was asked for here (tests/scenarios/test_jobs.py).
@pytest.mark.parametrize("name", [each for each in HOLDERS if each not in ("deliveries", "jobs")])
def test_a_holder_that_erases_nothing_is_caught(tmp_path: Path, name: str) -> None:
    studio = studio_of(tmp_path, cut=name == "model")
    with suppress(PowerCut):
        erased(studio, [name])
    assert studio.ws.audit([b"Legal bob"]).problems
