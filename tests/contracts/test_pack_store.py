"""The pack store's contract, run over every adapter."""

import fcntl
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.adapters.packs.files import FilePackStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.core.errors import IntegrityError, UsageError
from volenti.vault.ports import PackStore

ADAPTERS: dict[str, Callable[[Path], PackStore]] = {
    "memory": lambda _: MemoryPackStore(),
    "files": lambda folder: FilePackStore(folder / "packs"),
}


@pytest.fixture(params=ADAPTERS)
def packs(request: pytest.FixtureRequest, tmp_path: Path) -> PackStore:
    return ADAPTERS[request.param](tmp_path)


def test_bytes_come_back_from_where_they_were_put(packs: PackStore) -> None:
    first, second = packs.append("s1", "own", b"one"), packs.append("s1", "own", b"three")
    assert (first.offset, second.offset) == (0, 3)
    assert packs.read(first) == b"one"
    assert packs.read(second) == b"three"


def test_nothing_can_be_put(packs: PackStore) -> None:
    assert packs.read(packs.append("s1", "own", b"")) == b""


def test_flushing_changes_nothing_that_can_be_read(packs: PackStore) -> None:
    place = packs.append("s1", "own", b"x")
    packs.flush()
    packs.flush()
    assert packs.read(place) == b"x"


def test_a_pack_that_is_missing_or_too_short_is_named(packs: PackStore) -> None:
    place = packs.append("s1", "own", b"abc")
    with pytest.raises(IntegrityError):
        packs.read(replace(place, length=4))
    with pytest.raises(IntegrityError):
        packs.read(replace(place, pack="other"))


def test_removing_a_prefix_frees_its_bytes_and_spares_the_others(packs: PackStore) -> None:
    mine, theirs = packs.append("s1", "own", b"12345"), packs.append("s2", "own", b"6")
    packs.append("s1", "shared-1", b"78")
    packs.flush()
    assert packs.remove("s1") == 7
    assert list(packs.prefixes()) == ["s2"]
    assert packs.read(theirs) == b"6"
    with pytest.raises(IntegrityError):
        packs.read(mine)


def test_removing_one_pack_leaves_the_rest_of_the_prefix(packs: PackStore) -> None:
    own = packs.append("s1", "own", b"123")
    packs.append("s1", "shared-1", b"45")
    assert packs.remove_packs("s1", ["shared-1"]) == 2
    assert packs.read(own) == b"123"
    assert packs.size("s1") == 3
    assert list(packs.packs("s1")) == ["own"]


def test_many_packs_are_synced_and_removed_together(packs: PackStore) -> None:
    names = [f"p{number}" for number in range(40)]
    places = [packs.append("s1", name, name.encode()) for name in names]
    packs.flush()
    assert [packs.read(place) for place in places] == [name.encode() for name in names]
    freed = packs.remove_packs("s1", [*names[1:], "never-there"])
    assert freed == sum(len(name) for name in names[1:])
    assert list(packs.packs("s1")) == ["p0"]
    assert packs.remove_packs("s1", ["p0"]) == 2
    assert list(packs.prefixes()) == []


def test_blanking_overwrites_one_thing_and_moves_nothing(packs: PackStore) -> None:
    first, second, third = (packs.append("s1", "own", text) for text in (b"one", b"three", b"two"))
    packs.blank(second)
    packs.blank(second)
    assert packs.read(second) == bytes(5)
    assert (packs.read(first), packs.read(third)) == (b"one", b"two")
    assert packs.size("s1") == 11


def test_blanking_never_makes_a_pack_or_lengthens_one(packs: PackStore) -> None:
    place = packs.append("s1", "own", b"abc")
    packs.blank(replace(place, length=9))
    packs.blank(replace(place, pack="other"))
    assert packs.size("s1") == 3
    assert list(packs.packs("s1")) == ["own"]


def test_removing_what_is_not_there_frees_nothing(packs: PackStore) -> None:
    assert packs.remove("nobody") == 0
    assert packs.remove_packs("nobody", ["own"]) == 0


def test_a_prefix_without_packs_is_not_listed(packs: PackStore) -> None:
    packs.append("s1", "own", b"1")
    packs.remove_packs("s1", ["own"])
    assert list(packs.prefixes()) == []


def test_a_removed_prefix_can_be_filled_again(packs: PackStore) -> None:
    packs.append("s1", "own", b"old")
    packs.remove("s1")
    assert packs.read(packs.append("s1", "own", b"new")) == b"new"


@pytest.mark.parametrize("name", ["../s1", "", "a/b", ".hidden"])
def test_names_that_would_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        FilePackStore(tmp_path).append(name, "own", b"x")


def test_what_the_system_delivers_in_pieces_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = FilePackStore(tmp_path)
    packs.append("s1", "own", b"before")
    place = packs.append("s1", "own", b"0123456789")
    read = os.pread
    monkeypatch.setattr(os, "pread", lambda handle, size, offset: read(handle, min(size, 3), offset))
    assert packs.read(place) == b"0123456789"
    with pytest.raises(IntegrityError):
        packs.read(replace(place, length=11))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=50)), max_size=30))
def test_any_sequence_of_appends_reads_back(puts: list[tuple[str, bytes]]) -> None:
    packs = MemoryPackStore()
    places = [(packs.append(prefix, "own", data), data) for prefix, data in puts]
    assert all(packs.read(place) == data for place, data in places)


def test_a_pack_in_which_everything_was_overwritten_is_removed_and_no_other(packs: PackStore) -> None:
    first, second = packs.append("s1", "shared", b"one"), packs.append("s1", "shared", b"two")
    packs.blank(first)
    assert packs.remove_blank("s1", "shared") == 0
    assert packs.read(second) == b"two"
    packs.blank(second)
    assert packs.remove_blank("s1", "shared") == 6
    assert list(packs.packs("s1")) == []
    assert packs.remove_blank("s1", "shared") == 0
    assert packs.read(packs.append("s1", "shared", b"three")) == b"three"


def test_what_is_appended_while_a_pack_is_removed_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = FilePackStore(tmp_path)
    packs.blank(packs.append("s1", "shared", b"one"))
    lock = fcntl.flock

    def removed_before(handle: int, how: int) -> None:
        """Another process has the lock first, and removes the pack."""
        monkeypatch.undo()
        assert FilePackStore(tmp_path).remove_blank("s1", "shared") == 3
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", removed_before)
    assert packs.read(packs.append("s1", "shared", b"two")) == b"two"
