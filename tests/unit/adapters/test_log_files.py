"""What only a log in files does: other processes, other programs' files, and full disks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from volenti.adapters.log.files import FileLogStore
from volenti.core.errors import ConflictError, StorageError

HOLDER = """
import sys, time
from pathlib import Path
from volenti.adapters.log.files import FileLogStore
with FileLogStore(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_waits_for_the_first_and_gets_the_lock_when_it_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConflictError, match="Another process"), FileLogStore(tmp_path, 0.05).lock():
            pass
    finally:
        holder.kill()
        holder.communicate()
    with FileLogStore(tmp_path, 5.0).lock():
        pass


def test_what_was_written_is_there_for_the_next_to_open_the_folder(tmp_path: Path) -> None:
    FileLogStore(tmp_path).write("tile/0/000", b"x")
    assert FileLogStore(tmp_path).read("tile/0/000") == b"x"
    assert (tmp_path / "tile" / "0" / "000").read_bytes() == b"x"


def test_half_written_files_and_the_lock_are_not_the_logs(tmp_path: Path) -> None:
    store = FileLogStore(tmp_path)
    store.write("tile/0/000.p/1", b"x")
    (tmp_path / "tile/0/000.p/.2.4711.part").write_bytes(b"hal")
    with store.lock():
        assert list(store.paths()) == ["tile/0/000.p/1"]
        assert list(store.paths("tile/0/000.p/")) == ["tile/0/000.p/1"]


def test_the_folder_of_outgrown_tiles_goes_with_the_last_of_them(tmp_path: Path) -> None:
    store = FileLogStore(tmp_path)
    store.write("tile/0/000.p/1", b"x")
    store.remove("tile/0/000.p/1")
    assert not (tmp_path / "tile/0/000.p").exists()


def test_what_the_disk_refuses_is_a_storage_error(tmp_path: Path) -> None:
    store = FileLogStore(tmp_path / "log")
    (tmp_path / "log").write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageError):
        store.write("checkpoint", b"x")
    with pytest.raises(StorageError), store.lock():
        pass
    (tmp_path / "log").unlink()
    (tmp_path / "log" / "checkpoint").mkdir(parents=True)
    with pytest.raises(StorageError):
        store.read("checkpoint")
    with pytest.raises(StorageError):
        store.remove("checkpoint")
