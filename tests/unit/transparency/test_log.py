"""The log: appending, proving, reading, and refusing to build on what isn't signed."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.errors import IntegrityError, NotFoundError, StorageError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.log import Log
from volenti.transparency.merkle import EMPTY_ROOT, leaf_hash, tree_head, verify_consistency
from volenti.transparency.proof import Proof

KEY = SigningKey(bytes(32))
ORIGIN = "example.com/log"


def new_log(entries: int = 0) -> tuple[Log, MemoryLogStore]:
    store = MemoryLogStore()
    log = Log(store, ORIGIN, KEY)
    if entries:
        log.append([b"entry %d" % number for number in range(entries)])
    return log, store


def root_of(signed: str) -> bytes:
    return checkpoint.verify(signed, Log(MemoryLogStore(), ORIGIN, KEY).verifier).root


class CountingStore(MemoryLogStore):
    reads = 0

    def read(self, path: str) -> bytes | None:
        self.reads += 1
        return super().read(path)


def test_a_new_log_is_empty_and_signs_that() -> None:
    log, store = new_log()
    assert log.size == 0
    assert root_of(log.checkpoint()) == EMPTY_ROOT
    assert list(store.paths()) == ["checkpoint"]
    assert log.verify() == []


def test_appending_gives_the_indices_in_order() -> None:
    log, _ = new_log()
    assert log.append([b"a", b"b"]) == range(2)
    assert log.append([]) == range(2, 2)
    assert log.append([b"c"]) == range(2, 3)
    assert [log.entry(index) for index in range(3)] == [b"a", b"b", b"c"]


def test_a_root_is_the_tree_head_over_all_entries() -> None:
    log, _ = new_log(1000)
    assert root_of(log.checkpoint()) == tree_head([leaf_hash(b"entry %d" % number) for number in range(1000)])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 600), min_size=1, max_size=6), st.data())
def test_inclusion_and_consistency_hold_however_the_log_grew(batches: list[int], data: st.DataObject) -> None:
    log, _ = new_log()
    heads = {0: EMPTY_ROOT}
    for batch in batches:
        log.append([b"entry %d" % number for number in range(log.size, log.size + batch)])
        heads[log.size] = root_of(log.checkpoint())
    index = data.draw(st.integers(0, log.size - 1))
    entry = b"entry %d" % index
    assert log.entry(index) == entry
    assert Proof.parse(log.prove(index)).verify(entry, log.verifier).size == log.size
    old, new = sorted(data.draw(st.tuples(*[st.sampled_from(sorted(heads))] * 2)))
    assert verify_consistency(old, new, heads[old], heads[new], log.consistency(old, new))
    assert log.verify() == []


def test_proofs_hold_across_the_second_tile_level() -> None:
    log, _ = new_log(65_500)
    before = root_of(log.checkpoint())
    log.append([b"entry %d" % number for number in range(65_500, 65_800)])
    for index in (0, 255, 256, 65_279, 65_535, 65_536, 65_799):
        assert Proof.parse(log.prove(index)).verify(b"entry %d" % index, log.verifier).size == 65_800
    proof = log.consistency(65_500, 65_800)
    assert verify_consistency(65_500, 65_800, before, root_of(log.checkpoint()), proof)


def test_a_proof_reads_a_handful_of_tiles_of_a_large_log() -> None:
    store = CountingStore()
    log = Log(store, ORIGIN, KEY)
    log.append([b"%d" % number for number in range(100_000)])
    for index in (0, 33_333, 99_999):
        store.reads = 0
        log.prove(index)
        # The checkpoint, and on each of three tile levels the leaf's way and the right edge.
        assert store.reads <= 7
    store.reads = 0
    log.append([b"one more"])
    assert store.reads <= 10


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_an_entry_outside_the_log_is_not_found(index: int) -> None:
    log, _ = new_log(3)
    with pytest.raises(NotFoundError):
        log.entry(index)
    with pytest.raises(NotFoundError):
        log.prove(index)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (0, 4), (-1, 2)])
def test_consistency_is_refused_outside_the_log(old: int, new: int) -> None:
    log, _ = new_log(3)
    with pytest.raises(UsageError) as caught:
        log.consistency(old, new)
    assert "from 0 to 3" in caught.value.remedy


def test_one_entry_too_long_keeps_all_of_its_batch_out() -> None:
    log, store = new_log(1)
    before = list(store.paths())
    with pytest.raises(UsageError, match="too long"):
        log.append([*[b"fine"] * 300, bytes(65_536)])
    assert log.size == 1
    assert list(store.paths()) == before


def test_partial_tiles_stay_until_the_full_one_is_signed_and_go_then() -> None:
    log, store = new_log()
    for number in range(255):
        log.append([b"entry %d" % number])
    assert len(list(store.paths("tile/0/000.p/"))) == 255
    log.append([b"the last of its tile"])
    assert list(store.paths()) == ["checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    assert log.verify() == []


def test_an_append_that_is_signed_does_not_fail_because_sweeping_does() -> None:
    class Unsweepable(MemoryLogStore):
        def remove(self, path: str) -> None:
            raise StorageError("No.", "None.")

    log = Log(Unsweepable(), ORIGIN, KEY)
    log.append([b"a"])
    assert log.append([b"b"] * 255) == range(1, 256)
    assert log.verify() == []


def test_a_log_opened_again_goes_on_where_it_was() -> None:
    _, store = new_log(300)
    again = Log(store, ORIGIN, KEY)
    assert again.append([b"more"]) == range(300, 301)
    assert again.verify() == []


def test_another_key_or_name_does_not_open_the_log() -> None:
    _, store = new_log(3)
    for stranger in (Log(store, ORIGIN, SigningKey.new()), Log(store, "example.com/else", KEY)):
        with pytest.raises(IntegrityError):
            stranger.append([b"x"])
        assert [problem.kind for problem in stranger.verify()] == ["unsigned"]


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\n"])
def test_a_name_that_no_note_can_carry_is_refused(origin: str) -> None:
    with pytest.raises(UsageError):
        Log(MemoryLogStore(), origin, KEY)


def test_a_log_that_lost_its_checkpoint_is_not_begun_anew() -> None:
    _, store = new_log(3)
    store.remove("checkpoint")
    with pytest.raises(IntegrityError, match="no checkpoint"):
        Log(store, ORIGIN, KEY).append([b"x"])
    with pytest.raises(IntegrityError, match="no checkpoint"):
        assert Log(store, ORIGIN, KEY).size


def test_a_log_that_went_back_is_not_gone_on_with() -> None:
    log, store = new_log(3)
    earlier = log.checkpoint()
    log.append([b"x"])
    store.write("checkpoint", earlier.encode())
    with pytest.raises(IntegrityError, match="went back"):
        log.append([b"y"])


def test_nothing_is_appended_above_a_tile_that_is_not_the_signed_one() -> None:
    log, store = new_log(512)
    store.write("tile/1/000.p/2", bytes(64))
    with pytest.raises(IntegrityError, match="signed root"):
        log.append([b"x"])
    assert log.size == 512


@pytest.mark.parametrize("path", ["tile/0/000.p/3", "tile/entries/000.p/3"])
def test_nothing_is_appended_to_files_that_are_not_the_signed_ones(path: str) -> None:
    log, store = new_log(3)
    data = store.read(path)
    assert data is not None
    store.write(path, data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(IntegrityError):
        log.append([b"x"])
    assert log.size == 3


def test_edited_files_are_never_served_as_entries_or_proofs() -> None:
    log, store = new_log(3)
    store.write("tile/entries/000.p/3", b"\x00\x01a\x00\x01b\x00\x01c")
    with pytest.raises(IntegrityError, match="isn't what was signed"):
        log.entry(0)
    assert Proof.parse(log.prove(0)).verify(b"entry 0", log.verifier).size == 3
    store.write("tile/0/000.p/3", bytes(96))
    with pytest.raises(IntegrityError, match="isn't what was signed"):
        log.prove(0)


def test_threads_append_without_losing_or_mixing_entries() -> None:
    log, store = new_log()
    given: dict[int, bytes] = {}

    def work(name: int) -> None:
        for number in range(15):
            entries = [b"%d/%d/%d" % (name, number, part) for part in range(7)]
            given.update(zip(log.append(entries), entries, strict=True))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.size == len(given) == 4 * 15 * 7
    assert all(log.entry(index) == entry for index, entry in given.items())
    assert Log(store, ORIGIN, KEY).verify() == []
