"""What every log store must do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from volenti.adapters.log.files import FileLogStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.core.errors import ConflictError, UsageError
from volenti.core.signing import SigningKey
from volenti.transparency.log import Log
from volenti.transparency.ports import LogStore
from volenti.transparency.proof import Proof

ADAPTERS: dict[str, Callable[[Path, float], LogStore]] = {
    "memory": lambda _, seconds: MemoryLogStore(seconds),
    "files": lambda folder, seconds: FileLogStore(folder / "not" / "made" / "yet", seconds),
}


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., LogStore]:
    return lambda seconds=60.0: ADAPTERS[request.param](tmp_path, seconds)


@pytest.fixture
def store(make: Callable[..., LogStore]) -> LogStore:
    return make()


def test_a_store_without_second_copies_remembers_nothing(store: LogStore) -> None:
    store.write("checkpoint", b"one")
    assert list(store.remembered()) == []


def test_what_was_written_is_read(store: LogStore) -> None:
    store.write("checkpoint", b"one")
    store.write("tile/0/x001/234.p/5", bytes(range(256)))
    assert store.read("checkpoint") == b"one"
    assert store.read("tile/0/x001/234.p/5") == bytes(range(256))


def test_writing_again_replaces(store: LogStore) -> None:
    store.write("checkpoint", b"a longer content")
    store.write("checkpoint", b"short")
    assert store.read("checkpoint") == b"short"
    assert list(store.paths()) == ["checkpoint"]


def test_an_empty_file_is_a_file(store: LogStore) -> None:
    store.write("empty", b"")
    assert store.read("empty") == b""


def test_what_is_not_there_reads_as_none(store: LogStore) -> None:
    assert store.read("checkpoint") is None
    store.write("checkpoint", b"x")
    assert store.read("checkpoint/below") is None
    assert store.read("tile/0/000") is None


def test_an_empty_store_has_no_paths(store: LogStore) -> None:
    assert list(store.paths()) == []
    assert list(store.paths("tile/0/000.p/")) == []


def test_paths_are_sorted_and_those_under_the_prefix(store: LogStore) -> None:
    for path in (
        "tile/0/001",
        "tile/0/000.p/7",
        "tile/0/000.p/12",
        "tile/0/000",
        "checkpoint",
        "tile/1/000.p/1",
    ):
        store.write(path, b"x")
    everything = [
        "checkpoint",
        "tile/0/000",
        "tile/0/000.p/12",
        "tile/0/000.p/7",
        "tile/0/001",
        "tile/1/000.p/1",
    ]
    assert list(store.paths()) == everything
    assert list(store.paths("tile/0/000.p/")) == ["tile/0/000.p/12", "tile/0/000.p/7"]
    assert list(store.paths("tile/0/00")) == everything[1:5]
    assert list(store.paths("tile/0/000.p/9")) == []


def test_removed_files_are_gone_and_absent_ones_are_fine(store: LogStore) -> None:
    store.write("tile/0/000.p/1", b"x")
    store.write("tile/0/000.p/2", b"y")
    store.remove("tile/0/000.p/1")
    store.remove("tile/0/000.p/1")
    store.remove("tile/9/000")
    assert list(store.paths()) == ["tile/0/000.p/2"]
    store.remove("tile/0/000.p/2")
    assert list(store.paths()) == []
    store.write("tile/0/000.p/2", b"again")
    assert store.read("tile/0/000.p/2") == b"again"


@pytest.mark.parametrize(
    "path", ["", "/", "/checkpoint", "../up", "tile/../../up", "tile//0", ".lock", "a/.b", "a\\b", "a/"]
)
def test_paths_that_could_lead_elsewhere_are_refused(store: LogStore, path: str) -> None:
    for use in (store.read, store.remove, lambda path: store.write(path, b"x")):
        with pytest.raises(UsageError):
            use(path)


def test_a_prefix_that_could_lead_elsewhere_is_refused(store: LogStore) -> None:
    with pytest.raises(UsageError):
        list(store.paths("../"))


def test_the_lock_is_held_by_one_at_a_time(make: Callable[..., LogStore]) -> None:
    store = make()
    inside, most, done = 0, 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most, done
        for _ in range(5):
            with store.lock():
                with guard:
                    inside += 1
                    most = max(most, inside)
                threading.Event().wait(0.002)
                with guard:
                    inside -= 1
                    done += 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, done) == (1, 20)


def test_waiting_too_long_for_the_lock_is_a_conflict(make: Callable[..., LogStore]) -> None:
    store = make(0.05)
    with store.lock(), pytest.raises(ConflictError), store.lock():
        pass
    with store.lock():
        pass


def test_the_lock_is_given_back_after_an_error(make: Callable[..., LogStore]) -> None:
    store = make(0.05)
    with pytest.raises(RuntimeError), store.lock():
        raise RuntimeError
    with store.lock():
        pass


def test_a_log_lives_in_it(store: LogStore) -> None:
    log = Log(store, "example.com/log", SigningKey(bytes(32)))
    for batch in (1, 300, 220):
        log.append([b"entry %d" % number for number in range(log.size, log.size + batch)])
    assert Proof.parse(log.prove(300)).verify(b"entry 300", log.verifier).size == 521
    assert log.verify() == []
    assert set(store.paths()) == {
        "checkpoint",
        *(f"tile/{kind}/{name}" for kind in ("0", "entries") for name in ("000", "001", "002.p/9")),
        "tile/1/000.p/1",
        "tile/1/000.p/2",
    }
