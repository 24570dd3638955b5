from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.core.clock import system_clock
from volenti.core.errors import IntegrityError, KeyDestroyedError, NotFoundError
from volenti.core.signing import SigningKey
from volenti.kinds import KINDS
from volenti.transparency.log import Log
from volenti.vault.event_log import Event, EventLog
from volenti.vault.holder import Holders
from volenti.vault.ports import Row
from volenti.vault.records import MARK_BYTES, Records


@pytest.fixture
def parts() -> tuple[Records, MemoryRegister, MemoryKeyStore]:
    register, keys = MemoryRegister(), MemoryKeyStore()
    return Records(register, keys, b"secret", KINDS, Holders()), register, keys


def test_a_record_comes_back_opened(parts: tuple[Records, MemoryRegister, MemoryKeyStore]) -> None:
    records, _, _ = parts
    records.put("subject", "s1", {"name": "Marisol"}, owners=["s1"], state="active")
    found = records.require("subject", "s1")
    assert found.body == {"name": "Marisol"}
    assert (found.state, found.owners) == ("active", ("s1",))


def test_a_body_with_owners_is_sealed_at_rest(parts: tuple[Records, MemoryRegister, MemoryKeyStore]) -> None:
    records, register, _ = parts
    records.put("subject", "s1", {"name": "Marisol"}, owners=["s1"])
    row = register.get("subject", "s1")
    assert row is not None
    assert b"Marisol" not in row.body


def test_a_body_without_owners_is_plain(parts: tuple[Records, MemoryRegister, MemoryKeyStore]) -> None:
    records, register, _ = parts
    records.put("snapshot", "a@1", {"n": 1})
    row = register.get("snapshot", "a@1")
    assert row is not None
    assert row.body[MARK_BYTES:] == b'{"n":1}'


@pytest.mark.parametrize("owners", [(), ("s1",), ("s1", "s2")])
@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "image"},
        {"id": "b@1"},
        {"state": "cleared"},
        {"parent": "else"},
        {"position": 2},
    ],
)
def test_a_row_that_was_edited_does_not_open(
    parts: tuple[Records, MemoryRegister, MemoryKeyStore], owners: tuple[str, ...], edit: dict[str, Any]
) -> None:
    records, register, _ = parts
    records.put("snapshot", "a@1", {"n": 1}, owners=owners, state="held", parent="a", position=1)
    row = register.get("snapshot", "a@1")
    assert row is not None
    edited = replace(row, **edit)
    register.put([edited])
    with pytest.raises(IntegrityError):
        records.get(edited.kind, edited.id)


@given(place=st.integers(0, 200), bit=st.integers(0, 7))
@pytest.mark.parametrize("owners", [(), ("s1",)])
def test_a_bit_turned_in_a_body_does_not_go_unseen(owners: tuple[str, ...], place: int, bit: int) -> None:
    register = MemoryRegister()
    records = Records(register, MemoryKeyStore(), b"secret", KINDS, Holders())
    records.put("snapshot", "a@1", {"text": "x" * 60}, owners=owners)
    row = register.get("snapshot", "a@1")
    assert row is not None
    body = bytearray(row.body)
    body[place % len(body)] ^= 1 << bit
    register.put([replace(row, body=bytes(body))])
    with pytest.raises(IntegrityError):
        records.get("snapshot", "a@1")


def test_destroying_a_key_closes_the_record_but_not_the_row(
    parts: tuple[Records, MemoryRegister, MemoryKeyStore],
) -> None:
    records, _, keys = parts
    records.put("image", "i1", {"file": "x.jpg"}, owners=["s1", "s2"])
    keys.destroy("s2")
    with pytest.raises(KeyDestroyedError):
        records.get("image", "i1")
    assert [row.id for row in records.rows("image", owner="s1")] == ["i1"]
    assert [row.kind for row in records.owned("s2")] == ["image"]


def test_a_row_moved_to_another_identifier_does_not_open(
    parts: tuple[Records, MemoryRegister, MemoryKeyStore],
) -> None:
    records, register, _ = parts
    records.put("image", "i1", {"file": "x.jpg"}, owners=["s1"])
    row = register.get("image", "i1")
    assert row is not None
    register.put([Row("image", "i2", row.body, row.owners)])
    with pytest.raises(IntegrityError):
        records.get("image", "i2")


def test_a_missing_record_is_named_in_the_error(
    parts: tuple[Records, MemoryRegister, MemoryKeyStore],
) -> None:
    with pytest.raises(NotFoundError, match="release 'r1'"):
        parts[0].require("release", "r1")


def test_the_journal_commits_and_opens(parts: tuple[Records, MemoryRegister, MemoryKeyStore]) -> None:
    records, _, _ = parts
    log = Log(MemoryLogStore(), "test.example/log", SigningKey.new())
    events = EventLog(log, records, system_clock)
    first = events.record("decision", {"verdict": "cleared"}, ["s1"])
    indices = events.record_all([Event("a", {}), Event("b", {"n": 1})])
    assert (first, indices) == (0, [1, 2])
    assert all(events.opens(index) for index in range(3))
    assert not events.opens(7)
    assert events.record_all([]) == []


def test_a_leaf_says_nothing_about_the_event(parts: tuple[Records, MemoryRegister, MemoryKeyStore]) -> None:
    records, _, _ = parts
    log = Log(MemoryLogStore(), "test.example/log", SigningKey.new())
    events = EventLog(log, records, system_clock)
    events.record_all([Event("same", {}), Event("same", {})])
    assert len(log.entry(0)) == 32
    assert log.entry(0) != log.entry(1)


def test_an_event_whose_person_left_no_longer_opens_and_the_log_still_verifies(
    parts: tuple[Records, MemoryRegister, MemoryKeyStore],
) -> None:
    records, _, keys = parts
    log = Log(MemoryLogStore(), "test.example/log", SigningKey.new())
    events = EventLog(log, records, system_clock)
    events.record("decision", {"who": "s1"}, ["s1"])
    keys.destroy("s1")
    with pytest.raises(KeyDestroyedError):
        events.opens(0)
    assert log.verify() == []
