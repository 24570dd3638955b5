"""An append killed at any step: nothing signed is lost, and nothing unsigned comes in."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from volenti.adapters.log.files import FileLogStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.signing import SigningKey
from volenti.transparency import checkpoint
from volenti.transparency.log import Log
from volenti.transparency.merkle import verify_consistency
from volenti.transparency.proof import Proof

KEY = SigningKey(bytes(32))
ORIGIN = "example.com/log"


class Killed(BaseException):
    """The end of the process, as far as the log can see."""


class DyingStore(MemoryLogStore):
    """Dies at the write or removal after `steps` others."""

    steps = sys.maxsize

    def write(self, path: str, data: bytes) -> None:
        self._step()
        super().write(path, data)

    def remove(self, path: str) -> None:
        self._step()
        super().remove(path)

    def _step(self) -> None:
        if self.steps == 0:
            raise Killed
        self.steps -= 1


def entries(name: str, count: int) -> list[bytes]:
    return [f"{name} {number}".encode() for number in range(count)]


@pytest.mark.parametrize("size", [0, 255, 256, 300])
@pytest.mark.parametrize("batch", [1, 300, 600])
@pytest.mark.parametrize("next_batch", [2, 400])
def test_an_append_killed_at_any_step_leaves_the_old_log_or_the_new(
    size: int, batch: int, next_batch: int
) -> None:
    step, finished = 0, False
    while not finished:
        store = DyingStore()
        if size:
            Log(store, ORIGIN, KEY).append(entries("signed", size))
        remembered = Log(store, ORIGIN, KEY).checkpoint()
        store.steps = step
        try:
            Log(store, ORIGIN, KEY).append(entries("killed", batch))
            finished = True
        except Killed:
            pass
        store.steps = sys.maxsize
        log = Log(store, ORIGIN, KEY)
        assert log.size in (size, size + batch)
        assert log.verify(remembered) == []
        between, kept = log.checkpoint(), log.size
        # Other entries, and another number of them, than those that were killed.
        log.append(entries("next", next_batch))
        assert log.verify(remembered, between) == []
        expected = (entries("signed", size) + entries("killed", batch))[:kept] + entries("next", next_batch)
        for index in {0, max(size - 1, 0), size, kept, log.size - 1}:
            assert Proof.parse(log.prove(index)).verify(expected[index], log.verifier).size == log.size
        old, new = (checkpoint.verify(text, log.verifier) for text in (between, log.checkpoint()))
        proof = log.consistency(old.size, new.size)
        assert verify_consistency(old.size, new.size, old.root, new.root, proof)
        step += 1


def test_a_log_killed_while_it_was_founded_can_be_founded_again() -> None:
    store = DyingStore()
    store.steps = 0
    with pytest.raises(Killed):
        Log(store, ORIGIN, KEY).append([b"x"])
    store.steps = sys.maxsize
    assert Log(store, ORIGIN, KEY).append([b"x"]) == range(1)


WRITER = """
import sys
from pathlib import Path
from volenti.adapters.log.files import FileLogStore
from volenti.core.signing import SigningKey
from volenti.transparency.log import Log
log = Log(FileLogStore(Path(sys.argv[1])), "example.com/log", SigningKey(bytes(32)))
number = log.size
while True:
    log.append([b"%d" % (number + at) for at in range(90)])
    number += 90
    print(log.checkpoint(), end="<end>", flush=True)
"""


def test_a_process_killed_while_appending_leaves_a_true_log(tmp_path: Path) -> None:
    remembered: list[str] = []
    for pause in (0.05, 0.11, 0.17):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        first = writer.stdout.read(1)
        time.sleep(pause)
        writer.kill()
        rest, _ = writer.communicate()
        remembered += (first + rest).decode(errors="ignore").split("<end>")[:-1]
        log = Log(FileLogStore(tmp_path), ORIGIN, KEY)
        assert log.verify(*remembered) == []
        assert log.size % 90 == 0
        assert log.entry(log.size - 1) == b"%d" % (log.size - 1)
    assert len(remembered) >= 3
