"""The log's verbs in Python: recomputed, held against what is on record, and watched by somebody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import volenti
from tests.studio import Studio
from volenti.core.errors import IntegrityError, UsageError
from volenti.transparency.note import Verifier
from volenti.vault.event import EVENT, name_of


def test_an_event_on_record_that_is_not_the_one_that_was_logged_is_named(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    studio.person("bob")
    before = studio.ws.log.verify()
    assert before.ok
    assert before.opened == before.size > 1
    # Whoever has the workspace's keys can write a row that opens; the log has the commitment.
    written = studio.parts.records.require(EVENT, name_of(1))
    event = {**written.body["event"], "kind": "something-else"}
    studio.parts.records.put_all([replace(written, body={**written.body, "event": event})])
    found = studio.ws.log.verify()
    assert [(each.kind, each.where) for each in found.problems] == [("edited", "entry 1")]
    assert (found.ok, found.size, found.opened) == (False, before.size, before.opened)


def test_a_witness_signs_what_a_log_added_and_is_asked_for_later(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path / "a", on_disk=True)
    log = str(studio.ws.log.show().verifier)
    watched = (str(studio.ws.path), log)
    key, state = tmp_path / "witness.key", tmp_path / "cosigned.txt"
    with pytest.raises(UsageError, match="isn't there"):
        volenti.log.witness(*watched, name="friend.example", key=key, state=state)
    assert not key.exists()
    first = volenti.log.witness(*watched, name="friend.example", key=key, state=state, first=True)
    with pytest.raises(UsageError, match="isn't the first time"):
        volenti.log.witness(*watched, name="friend.example", key=key, state=state, first=True)
    studio.person("ann")
    again = volenti.log.witness(*watched, name="friend.example", key=key, state=state)
    assert (first.head.size, again.head.size) == (0, studio.ws.log.show(last=0).size)
    assert state.read_text() == again.checkpoint
    found = studio.ws.log.verify([first.checkpoint, again.checkpoint], witnesses=[str(again.witness)])
    assert found.ok
    assert [who for who, at in found.witnessed if at is not None] == [again.witness, again.witness]
    stranger = str(Verifier("stranger.example", again.witness.key, again.witness.kind))
    with pytest.raises(IntegrityError):
        studio.ws.log.verify([again.checkpoint], witnesses=[stranger])
    with pytest.raises(UsageError):
        studio.ws.log.verify(witnesses=[stranger])


def test_with_nothing_to_list_only_the_checkpoint_is_read(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    shown = studio.ws.log.show(last=0)
    assert (shown.entries, shown.checkpoint) == ((), studio.parts.log.checkpoint())
    [last] = studio.ws.log.show(last=1).entries
    assert studio.ws.log.show(last.number).entries == (last,)
