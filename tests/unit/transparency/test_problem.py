"""What tampering and damage look like, each by its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.log import Log
from volenti.transparency.merkle import leaf_hash, tree_head
from volenti.transparency.problem import find_problems
from volenti.transparency.tiles import cut, grown, pack_entries, unpack_entries

KEY = SigningKey(bytes(32))
ORIGIN = "example.com/log"
SIZE = 700
ENTRIES = [b"entry %d" % number for number in range(SIZE)]


def new_log(entries: list[bytes] = ENTRIES) -> tuple[Log, MemoryLogStore]:
    store = MemoryLogStore()
    log = Log(store, ORIGIN, KEY)
    log.append(entries)
    return log, store


def kinds(log: Log, *remembered: str) -> list[tuple[str, str]]:
    return [(problem.kind, problem.where) for problem in log.verify(*remembered)]


def rewrite(store: MemoryLogStore, path: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    data = store.read(path)
    assert data is not None
    entries, rest = unpack_entries(data)
    assert not rest
    store.write(path, pack_entries(change(entries)))


def rebuild(store: MemoryLogStore, entries: list[bytes]) -> None:
    """All files but the checkpoint, as a forger without the key would make them."""
    for path in list(store.paths("tile/")):
        store.remove(path)
    for at in range(0, len(entries), 256):
        part = entries[at : at + 256]
        suffix = "" if len(part) == 256 else f".p/{len(part)}"
        store.write(f"tile/entries/{at // 256:03}{suffix}", pack_entries(part))
    for tile, data in grown(0, [leaf_hash(entry) for entry in entries], lambda tile: b""):
        store.write(tile.path, data)


def test_a_true_log_has_no_problems_also_against_what_it_signed_before() -> None:
    log, store = new_log()
    heads = [log.checkpoint()]
    log.append([b"more"] * 400)
    heads.append(log.checkpoint())
    assert log.verify(*heads) == []
    assert find_problems(store, log.verifier, heads) == []


def test_a_store_that_never_held_a_log_has_no_problems() -> None:
    assert find_problems(MemoryLogStore(), Log(MemoryLogStore(), ORIGIN, KEY).verifier) == []


def test_an_edited_entry_is_named() -> None:
    log, store = new_log()
    rewrite(store, "tile/entries/001", lambda entries: [*entries[:44], b"forged", *entries[45:]])
    assert kinds(log) == [("edited", "entry 300")]


def test_edited_neighbours_are_named_as_one_span() -> None:
    log, store = new_log()
    rewrite(store, "tile/entries/000", lambda entries: [b"x", b"y", b"z", *entries[3:]])
    assert kinds(log) == [("edited", "entries 0 to 2")]


def test_swapped_entries_are_named_as_reordered_also_between_bundles() -> None:
    log, store = new_log()
    rewrite(store, "tile/entries/000", lambda entries: [ENTRIES[260], *entries[1:]])
    rewrite(store, "tile/entries/001", lambda entries: [*entries[:4], ENTRIES[0], *entries[5:]])
    assert kinds(log) == [("reordered", "entry 0"), ("reordered", "entry 260")]


def test_a_copy_in_the_place_of_another_entry_is_an_edit_not_a_move() -> None:
    log, store = new_log()
    rewrite(store, "tile/entries/000", lambda entries: [entries[1], *entries[1:]])
    assert kinds(log) == [("edited", "entry 0")]


def test_an_entry_put_in_two_places_moved_only_once() -> None:
    log, store = new_log()
    rewrite(store, "tile/entries/000", lambda entries: [ENTRIES[260], ENTRIES[260], *entries[2:]])
    rewrite(store, "tile/entries/001", lambda entries: [*entries[:4], b"forged", *entries[5:]])
    assert kinds(log) == [("reordered", "entry 0"), ("edited", "entry 1"), ("edited", "entry 260")]


def test_an_end_cut_off_inside_a_bundle_is_a_truncation() -> None:
    log, store = new_log()
    path = "tile/entries/002.p/188"
    data = store.read(path)
    assert data is not None
    store.write(path, data[:-15])
    problem = log.verify()[0]
    assert (problem.kind, problem.where) == ("truncated", path)
    assert "entries 698 to 699" in problem.message


def test_missing_bundles_at_the_end_are_a_truncation_and_one_in_between_is_missing() -> None:
    log, store = new_log()
    store.remove("tile/entries/002.p/188")
    store.remove("tile/entries/001")
    assert kinds(log) == [("truncated", "tile/entries/001"), ("truncated", "tile/entries/002.p/188")]
    log, store = new_log()
    store.remove("tile/entries/001")
    assert kinds(log) == [("missing", "tile/entries/001")]


def test_a_log_cut_back_with_its_own_old_checkpoint_shows_against_a_remembered_one() -> None:
    log, store = new_log(ENTRIES[:300])
    old = log.checkpoint()
    log.append(ENTRIES[300:])
    remembered = log.checkpoint()
    rebuild(store, ENTRIES[:300])
    store.write("checkpoint", old.encode())
    fresh = Log(store, ORIGIN, KEY)
    assert fresh.verify() == []
    assert kinds(fresh, remembered) == [("truncated", "remembered checkpoint 1")]


def test_a_second_history_signed_by_the_true_key_shows_against_a_remembered_checkpoint() -> None:
    log, _ = new_log(ENTRIES[:300])
    remembered = log.checkpoint()
    for other in ([b"forged", *ENTRIES[1:]], [b"forged", *ENTRIES[1:300]]):
        forged, _ = new_log(other)
        assert forged.verify() == []
        assert kinds(forged, remembered) == [("forked", "remembered checkpoint 1")]


def test_a_log_rewritten_whole_without_the_key_is_a_fork() -> None:
    log, store = new_log()
    rebuild(store, [*ENTRIES[:5], b"forged", *ENTRIES[6:]])
    assert kinds(log) == [("forked", "checkpoint")]


def test_a_checkpoint_that_is_not_the_keys_is_unsigned() -> None:
    log, store = new_log()
    head = Checkpoint(ORIGIN, SIZE, tree_head([leaf_hash(entry) for entry in ENTRIES]))
    store.write("checkpoint", checkpoint.sign(head, SigningKey.new()).encode())
    assert kinds(log) == [("unsigned", "checkpoint")]
    store.write("checkpoint", b"\xff rubbish")
    assert kinds(log) == [("unsigned", "checkpoint")]


def test_a_remembered_checkpoint_of_somebody_else_is_named_and_does_not_hide_others() -> None:
    log, _ = new_log()
    longer, _ = new_log([*ENTRIES, b"one more"])
    assert kinds(log, "rubbish", longer.checkpoint()) == [
        ("unsigned", "remembered checkpoint 1"),
        ("truncated", "remembered checkpoint 2"),
    ]


def test_a_checkpoint_that_is_gone_is_missing() -> None:
    log, store = new_log()
    remembered = log.checkpoint()
    store.remove("checkpoint")
    assert kinds(log) == [("missing", "checkpoint")]
    empty = MemoryLogStore()
    assert [problem.kind for problem in find_problems(empty, log.verifier, [remembered])] == ["missing"]


@pytest.mark.parametrize("path", ["tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"])
def test_an_edited_tile_is_named_when_the_entries_are_as_signed(path: str) -> None:
    log, store = new_log()
    data = store.read(path)
    assert data is not None
    store.write(path, bytes(32) + data[32:])
    assert kinds(log) == [("edited", path)]
    store.write(path, data[:-1])
    assert kinds(log) == [("edited", path)]
    store.remove(path)
    assert kinds(log) == [("missing", path)]


def test_swapped_tile_hashes_are_an_edit_of_the_tile() -> None:
    log, store = new_log()
    data = store.read("tile/0/000")
    assert data is not None
    first, second, *rest = cut(data)
    store.write("tile/0/000", b"".join([second, first, *rest]))
    assert kinds(log) == [("edited", "tile/0/000")]


def test_bytes_added_after_the_entries_are_named() -> None:
    log, store = new_log()
    data = store.read("tile/entries/000")
    assert data is not None
    store.write("tile/entries/000", data + b"\x00\x01x")
    assert kinds(log) == [("edited", "tile/entries/000")]


def test_entries_and_tiles_both_damaged_are_both_named() -> None:
    log, store = new_log()
    store.write("tile/0/000", bytes(8192))
    rewrite(store, "tile/entries/001", lambda entries: [b"forged", *entries[1:]])
    found = kinds(log)
    # Neither leads to the signed root, so nobody can say which of them was edited.
    assert ("edited", "entries 0 to 256") in found
    assert ("edited", "tile/0/000") in found
    assert ("forked", "checkpoint") in found


def test_files_a_killed_append_left_are_no_problem() -> None:
    log, store = new_log()
    store.write("tile/0/002", bytes(8192))
    store.write("tile/entries/002.p/200", b"rubbish")
    assert log.verify() == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_edited_byte_of_any_signed_file_goes_unnoticed(data: st.DataObject) -> None:
    log, store = new_log()
    path = data.draw(st.sampled_from(sorted(store.paths())))
    content = store.read(path)
    assert content is not None
    at = data.draw(st.integers(0, len(content) - 1))
    put = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    store.write(path, content[:at] + bytes([put]) + content[at + 1 :])
    assert log.verify() != []
