"""Every Locks lets one at a time go on, and gives the turn back however its holder ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from volenti.adapters.locks.files import FileLocks
from volenti.adapters.locks.memory import MemoryLocks
from volenti.core.locks import Locks
from volenti.core.progress import Silent

HOLDER = """
import sys, time
from pathlib import Path
from volenti.adapters.locks.files import FileLocks
from volenti.core.progress import Silent
with FileLocks(Path(sys.argv[1])).take("run", Silent()):
    print("taken", flush=True)
    time.sleep(60)
"""


class Told(Silent):
    """Remembers what was begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def begin(self, what: str, total: int | None) -> None:
        self.begun.append(what)


@pytest.fixture(params=["files", "memory"])
def locks(request: pytest.FixtureRequest, tmp_path: Path) -> Locks:
    return FileLocks(tmp_path / "turns") if request.param == "files" else MemoryLocks()


def test_whoever_has_a_turn_may_take_it_again(locks: Locks) -> None:
    told = Told()
    with locks.take("run", told), locks.take("run", told), locks.take("other", told):
        pass
    assert told.begun == []


def test_others_wait_until_it_is_given_back_and_say_so(locks: Locks) -> None:
    told, order = Told(), []

    def waits() -> None:
        with locks.take("run", told):
            order.append("second")

    with suppress(ValueError), locks.take("run", Silent()):
        thread = threading.Thread(target=waits)
        thread.start()
        while not told.begun:
            time.sleep(0.01)
        order.append("first")
        raise ValueError("over")
    thread.join(10)
    assert order == ["first", "second"]
    assert len(told.begun) == 1


def test_of_another_name_nobody_waits(locks: Locks) -> None:
    done = threading.Event()

    def goes_on() -> None:
        with locks.take("other", Silent()):
            done.set()

    with locks.take("run", Silent()):
        thread = threading.Thread(target=goes_on)
        thread.start()
        assert done.wait(10)
    thread.join(10)


def test_a_killed_process_gives_its_turn_back(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "taken\n"
    told, entered = Told(), threading.Event()

    def waits() -> None:
        with FileLocks(tmp_path).take("run", told):
            entered.set()

    thread = threading.Thread(target=waits)
    thread.start()
    while not told.begun:
        time.sleep(0.01)
    assert not entered.is_set()
    holder.kill()
    holder.wait()
    assert entered.wait(10)
    thread.join(10)
    holder.stdout.close()
