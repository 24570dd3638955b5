"""A snapshot is cut in parts: others write meanwhile, somebody leaves meanwhile, and a cut that was
interrupted leaves nothing that the next one trips over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.errors import UsageError
from volenti.datasets import cutting
from volenti.datasets.cutting import Cutting


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(cutting, "BATCH", 3)
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.clear()
    return studio


def before_part(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], object]) -> None:
    """Have something happen before that part of a cut is written."""
    kept, parts = Cutting._keep_entries, iter(range(100))

    def disturbed(self: Cutting, *given: Any) -> Any:
        if next(parts) == number:
            act()
        return kept(self, *given)

    monkeypatch.setattr(Cutting, "_keep_entries", disturbed)


def test_parts_make_one_snapshot(studio: Studio) -> None:
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    entries = list(studio.parts.datasets.entries(snapshot))
    assert [each.position for each in entries] == list(range(8))
    assert {owner for each in entries for owner in each.owners} == {"ann", "bob", "cid", "dee"}
    assert (snapshot.entries, snapshot.subjects) == (8, 4)
    assert studio.parts.datasets.verify(snapshot).ok


def test_a_cut_that_was_interrupted_is_no_snapshot_and_the_next_one_is_whole(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise InterruptedError

    with monkeypatch.context() as broken:
        before_part(broken, 2, fails)
        with pytest.raises(InterruptedError):
            studio.ws.datasets.cut("humans", PURPOSE)
    assert studio.parts.datasets.snapshots() == []
    assert studio.ws.audit(deep=True).problems == []
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "bob", identity="in-person").id)
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    assert (snapshot.id, snapshot.entries) == ("humans@1", 4)
    assert studio.parts.records.count("entry", parent=snapshot.id) == 4
    assert studio.parts.datasets.verify(snapshot).ok


@pytest.mark.parametrize("part", [0, 1, 2])
def test_who_leaves_meanwhile_is_not_in_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    request = studio.ws.requests.open("erasure", "bob", identity="in-person")
    before_part(monkeypatch, part, lambda: studio.ws.requests.run(request.id))
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    entries = list(studio.parts.datasets.entries(snapshot))
    assert {owner for each in entries for owner in each.owners} == {"ann", "cid", "dee"}
    assert sum(not each.is_tombstone for each in entries) == 6
    assert studio.parts.datasets.verify(snapshot).ok
    assert studio.ws.audit(deep=True).problems == []


def test_whose_key_goes_while_a_part_is_written_is_not_in_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = studio.ws.requests.open("erasure", "bob", identity="in-person")
    put_all, puts = studio.parts.records.put_all, iter(range(100))

    def disturbed(records: Any) -> None:
        if next(puts) == 1:
            # What is to be written was read before they left.
            given = list(records)
            monkeypatch.setattr(studio.parts.records, "put_all", put_all)
            studio.ws.requests.run(request.id)
            return put_all(given)
        return put_all(records)

    monkeypatch.setattr(studio.parts.records, "put_all", disturbed)
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    owners = {owner for each in studio.parts.datasets.entries(snapshot) for owner in each.owners}
    assert owners == {"ann", "cid", "dee"}
    assert studio.parts.datasets.verify(snapshot).ok
    assert studio.ws.audit(deep=True).problems == []


def test_nothing_to_cut_leaves_nothing(studio: Studio) -> None:
    with pytest.raises(UsageError):
        studio.ws.datasets.cut("humans", "redistribution")
    assert studio.parts.records.count("entry") == 0
