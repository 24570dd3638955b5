"""A training that is interrupted, at whichever write, leaves what serves serving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.core.errors import ConflictError


class Killed(BaseException):
    """Nothing in the program catches it, as nothing catches a kill."""


#: What writes: bytes of packs, rows, and their removal.
WRITES = {"packs": ("append", "flush", "remove_packs", "remove"), "register": ("put", "delete")}


@contextmanager
def killed_at(studio: Studio, number: int) -> Iterator[list[str]]:
    """The write of that number, from 0, isn't done, and nothing after it. Gives the writes there were."""
    done: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, methods in WRITES.items():
            store = getattr(studio.parts.adapters, name)
            for method in methods:
                patch.setattr(
                    store, method, counted(getattr(store, method), f"{name}.{method}", done, number)
                )
        try:
            yield done
        except Killed:
            assert len(done) == number + 1


def counted(write: Callable[..., Any], name: str, done: list[str], number: int) -> Callable[..., Any]:
    def called(*given: Any, **named: Any) -> Any:
        done.append(name)
        if len(done) > number:
            raise Killed
        return write(*given, **named)

    return called


def opened(studio: Studio, run: str) -> dict[int, bytes]:
    """The weights of what serves, opened."""
    store = studio.parts.training.model_store
    return {each.shard: store.weights(each) for each in store.constituents(run)}


def newer_version(studio: Studio) -> None:
    """Somebody new is in a new version of the dataset."""
    studio.shoot("fay", "gus")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)


def lifted_restriction(studio: Studio) -> None:
    """What serves was trained without somebody, and is to be trained with them again."""
    request = studio.ws.requests.open("restriction", "ann", identity="in-person").id
    studio.ws.requests.run(request)
    studio.ws.train("humans", RECIPE)
    studio.ws.requests.lift(request)


def other_environment(studio: Studio) -> None:
    """One slice was trained in another environment: its shard is trained again, on the same pictures."""
    store, records = studio.parts.training.model_store, studio.parts.records
    run = studio.parts.training.run().id
    shard = store.constituents(run)[0].shard
    [one, *more] = store.slices(run, [shard])
    assert more
    record = records.require("slice", f"{run}/{one.place}")
    body = {**record.body, "environment": {"torch": "0.1"}}
    records.put_all([replace(record, body=body)])


SITUATIONS = [newer_version, lifted_restriction, other_environment]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_serves_goes_on_serving_wherever_a_training_is_interrupted(
    tmp_path: Path, situation: Callable[[Studio], None]
) -> None:
    number, is_through = 0, False
    while not is_through:
        studio = Studio.open(tmp_path / str(number))
        studio.shoot("ann", "bob", "cid", "dee", "eve", "hal")
        first = studio.trained()
        situation(studio)
        before = opened(studio, first)
        with killed_at(studio, number) as done:
            studio.ws.train("humans", RECIPE)
        is_through = len(done) <= number
        assert before
        assert set(opened(studio, first)) >= set(before), done[-1]
        runs = studio.parts.training.runs()
        drawn = studio.ws.generate(["a man"])
        assert drawn.drawn
        assert drawn.run == next(each.id for each in reversed(runs) if not each.unfinished)
        assert list(drawn.unfinished) == [each.id for each in runs if each.unfinished]
        if is_through or number % 7 == 0:
            goes_on(studio)
        studio.ws.close()
        number += 1
    assert number > 10


def goes_on(studio: Studio) -> None:
    """The same training once more, to its end: exact, and nothing left over."""
    latest = studio.ws.train("humans", RECIPE).run
    drawn = studio.ws.generate(["a man"])
    assert (drawn.run, drawn.unfinished) == (latest, ())
    assert studio.ws.prove_forgetting().ok
    assert studio.ws.audit(deep=True).problems == []


@pytest.mark.parametrize("situation", SITUATIONS)
def test_whoever_is_erased_after_an_interruption_is_in_no_pack_that_it_left(
    tmp_path: Path, situation: Callable[[Studio], None]
) -> None:
    number, is_through = 0, False
    while not is_through:
        studio = Studio.open(tmp_path / str(number))
        studio.shoot("ann", "bob", "cid", "dee")
        studio.trained()
        situation(studio)
        with killed_at(studio, number) as done:
            studio.ws.train("humans", RECIPE)
        is_through = len(done) <= number
        studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
        assert studio.ws.audit(deep=True).problems == []
        studio.ws.close()
        number += 3


def test_a_first_training_that_was_interrupted_is_said_to_be_unfinished(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    with killed_at(studio, 8):
        studio.ws.train("humans", RECIPE)
    (listed,) = studio.ws.runs.list()
    assert listed.is_unfinished
    goes_on(studio)
    (listed,) = studio.ws.runs.list()
    assert not listed.is_unfinished


def test_a_run_that_is_named_is_drawn_with_whatever_was_begun_since(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    first = studio.trained()
    newer_version(studio)
    with killed_at(studio, 12):
        studio.ws.train("humans", RECIPE)
    second = studio.parts.training.runs()[-1]
    assert second.unfinished
    for named in (None, "humans", "humans@1", first):
        assert studio.ws.generate(["a man"], run=named).run == first
    with pytest.raises(ConflictError):
        studio.ws.generate(["a man"], run="humans@2")
