"""Repetition: another system's call is carried out once; what was answered goes with whom it is about."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import volenti
from tests.studio import Studio
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.core.errors import ConflictError, KeyDestroyedError
from volenti.kinds import KINDS
from volenti.users.repetition import KEPT, Answer, RepeatedOtherwiseError, Repetition
from volenti.vault.holder import Holders
from volenti.vault.records import Records

#: Who calls, under which key, and what for.
_CALLS = st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from([b"1", b"2"]))


class Time:
    now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


def test_what_fails_is_not_kept_and_done_when_it_is_repeated(studio: Studio) -> None:
    repetition = studio.parts.repetition

    def refused() -> Answer:
        studio.parts.records.put("gallery", "begun", {})
        raise ConflictError("not now", "")

    with pytest.raises(ConflictError):
        repetition.once("tok", "key", b"a", refused)
    assert studio.parts.records.row("gallery", "begun") is None
    assert repetition.once("tok", "key", b"b", lambda: Answer(201)).status == 201
    with pytest.raises(RepeatedOtherwiseError):
        repetition.once("tok", "key", b"a", lambda: Answer(201))


def test_an_answer_is_kept_for_a_day(studio: Studio) -> None:
    time = Time()
    repetition = Repetition(studio.parts.records, time, b"s" * 32)
    calls = iter(range(9))
    once = lambda: repetition.once("tok", "key", b"a", lambda: Answer(200, {"n": next(calls)})).body  # noqa: E731
    assert (once(), once()) == ({"n": 0}, {"n": 0})
    time.now += KEPT
    assert once() == {"n": 0}
    time.now += timedelta(hours=1)
    assert (once(), once()) == ({"n": 1}, {"n": 1})
    time.now += KEPT + timedelta(hours=1)
    assert repetition.tidy() == 1


def test_keys_are_each_callers_own_and_stand_nowhere(studio: Studio) -> None:
    repetition = studio.parts.repetition
    repetition.once("one", "Ada Example", b"Ada", lambda: Answer(200, {"who": "one"}))
    assert repetition.once("two", "Ada Example", b"x", lambda: Answer(200, {"who": "two"})).body == {
        "who": "two"
    }
    for row in studio.parts.records.rows("api-answer"):
        assert "Ada" not in row.id
        assert b"Ada" not in row.body


def test_an_answer_goes_with_whom_it_is_about(studio: Studio) -> None:
    studio.person("ann"), studio.person("ben")
    parts = studio.parts
    for name in ("ann", "ben"):
        parts.repetition.once("tok", name, b"", lambda name=name: Answer(200, {"id": name}, owners=(name,)))
    ws = studio.ws
    ws.requests.run(ws.requests.open("erasure", "ann", identity="document").id)
    assert [row.owners for row in parts.records.rows("api-answer")] == [("ben",)]
    assert parts.repetition.once("tok", "ben", b"", lambda: Answer(500)).status == 200


def test_while_somebody_is_erased_their_answer_opens_to_nobody(studio: Studio) -> None:
    studio.person("ann")
    parts = studio.parts
    parts.repetition.once("tok", "key", b"", lambda: Answer(200, {"id": "ann"}, owners=("ann",)))
    parts.adapters.keys.destroy("ann")
    with pytest.raises(KeyDestroyedError):
        parts.repetition.once("tok", "key", b"", lambda: Answer(200))


def test_sent_twice_at_once_it_is_carried_out_once(tmp_path: Path) -> None:
    folder = volenti.init(tmp_path / "studio", seed=1)
    done: list[int] = []
    answers: list[object] = []
    begin = threading.Barrier(4)

    def call() -> None:
        with volenti.open(folder) as ws:
            begin.wait()

            def work() -> Answer:
                done.append(1)
                return Answer(201, {"n": len(done)})

            answers.append(ws.tokens.once("tok", "key", b"a", work).body)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (done, answers) == ([1], [{"n": 1}] * 4)


@settings(max_examples=30, deadline=None)
@given(st.lists(_CALLS, max_size=12))
def test_whatever_is_repeated_each_key_has_one_answer(calls: list[tuple[str, str, bytes]]) -> None:
    records = Records(MemoryRegister(), MemoryKeyStore(), b"s" * 32, KINDS, Holders())
    repetition = Repetition(records, Time(), b"s" * 32)
    known: dict[tuple[str, str], tuple[bytes, int]] = {}
    for number, (caller, key, asked) in enumerate(calls):
        first = known.setdefault((caller, key), (asked, number))
        try:
            body = repetition.once(caller, key, asked, lambda number=number: Answer(200, {"n": number})).body
        except RepeatedOtherwiseError:
            assert first[0] != asked
        else:
            assert (asked, body) == (first[0], {"n": first[1]})


#: Adds somebody for another system, and is killed at the moment that is named.
_KILLED = """
import os, sys
from datetime import date
import volenti
from volenti.users.repetition import Answer
with volenti.open(sys.argv[1]) as ws:
    def work():
        made = ws.subjects.add("Ada Example", date(1990, 5, 17))
        if sys.argv[2] == "before":
            os.kill(os.getpid(), 9)
        return Answer(201, {"id": made.id}, owners=(made.id,))
    ws.tokens.once("tok", "order-1", b"Ada", work)
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_that_is_killed_has_done_all_of_a_call_or_nothing(tmp_path: Path, moment: str) -> None:
    folder = volenti.init(tmp_path / "studio", seed=1)
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(folder), moment], check=False)
    assert ended.returncode == -signal.SIGKILL
    with volenti.open(folder) as ws:
        there = [each.id for each in ws.subjects.find("Ada")]
        assert len(there) == (moment == "after")

        def work() -> Answer:
            return Answer(201, {"id": ws.subjects.add("Ada Example", date(1990, 5, 17)).id})

        said = ws.tokens.once("tok", "order-1", b"Ada", work).body
        assert [each.id for each in ws.subjects.find("Ada")] == [said["id"]]  # type: ignore[index]
        assert not there or there == [said["id"]]  # type: ignore[index]
