"""Following a log, and witnessing it: what is new is what was signed, and nothing before it changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.errors import IntegrityError
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.follower import added_since
from volenti.transparency.log import Log
from volenti.transparency.merkle import EMPTY_ROOT
from volenti.transparency.note import SignedNote, Verifier
from volenti.transparency.witness import cosigner, witness

KEY, OWN = SigningKey(bytes(32)), SigningKey(b"w" * 32)
ORIGIN, NAME = "example.com/log", "friend.example"
NOW = datetime(2026, 11, 24, 4, 10, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def new_log(entries: int) -> tuple[Log, MemoryLogStore]:
    store = MemoryLogStore()
    log = Log(store, ORIGIN, KEY)
    log.append([b"entry %d" % number for number in range(entries)])
    return log, store


@settings(deadline=None, max_examples=40)
@given(before=st.integers(0, 600), more=st.lists(st.integers(0, 300), max_size=3))
def test_what_was_added_since_is_read_and_nothing_else(before: int, more: list[int]) -> None:
    log, store = new_log(before)
    root = log.head().root
    added = []
    for count in more:
        added += [b"more %d" % number for number in range(len(added), len(added) + count)]
        log.append(added[-count:] if count else [])
    head, entries = added_since(store, log.verifier, before, root)
    assert entries == added
    assert head.size == before + len(added)
    assert log.root(before) == root


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512])
def test_a_log_that_went_back_or_changed_is_refused(size: int) -> None:
    log, _ = new_log(size)
    shorter, other = new_log(size - 1)[1], MemoryLogStore()
    Log(other, ORIGIN, KEY).append([b"another %d" % number for number in range(size + 1)])
    for files in (shorter, other):
        with pytest.raises(IntegrityError):
            added_since(files, log.verifier, size, log.head().root)


def test_entries_that_were_not_signed_are_refused() -> None:
    log, store = new_log(3)
    store.write("tile/entries/000.p/3", store.read("tile/entries/000.p/3")[:-1] + b"x")  # type: ignore[index]
    with pytest.raises(IntegrityError):
        added_since(store, log.verifier)


def test_a_folder_without_a_log_is_refused() -> None:
    with pytest.raises(IntegrityError):
        added_since(MemoryLogStore(), Verifier(ORIGIN, KEY.public), 0, EMPTY_ROOT)


def test_a_witness_signs_what_only_grew() -> None:
    log, store = new_log(3)
    signed, head = witness(store, log.verifier, OWN, NAME, clock, None)
    assert head.size == 3
    log.append([b"more"])
    again, head = witness(store, log.verifier, OWN, NAME, clock, signed)
    assert head.size == 4
    assert checkpoint.verify(again, log.verifier, cosigner(NAME, OWN)).size == 4
    assert log.verify(signed, again) == []
    assert SignedNote.parse(again).cosigned_at(cosigner(NAME, OWN)) == NOW


def test_a_witness_signs_no_second_history() -> None:
    log, store = new_log(3)
    signed, _ = witness(store, log.verifier, OWN, NAME, clock, None)
    other = MemoryLogStore()
    Log(other, ORIGIN, KEY).append([b"another %d" % number for number in range(9)])
    for files in (new_log(2)[1], other):
        with pytest.raises(IntegrityError):
            witness(files, log.verifier, OWN, NAME, clock, signed)


def test_a_witness_trusts_only_what_it_signed_itself() -> None:
    log, store = new_log(3)
    with pytest.raises(IntegrityError):
        witness(store, log.verifier, OWN, NAME, clock, log.checkpoint())
    with pytest.raises(IntegrityError):
        witness(store, Verifier(ORIGIN, OWN.public), OWN, NAME, clock, None)
