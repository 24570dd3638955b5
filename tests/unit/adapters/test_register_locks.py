"""Several processes at one register: who reads waits for nobody, who writes for whoever writes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.sql import SqlRegister
from volenti.vault.ports import Row

ROW = Row("image", "a", b"x")
#: Each opens a register in a file.
OPENED = pytest.mark.parametrize("opened", [SqlRegister.at, EmbeddedRegister], ids=["sql", "embedded"])
Opened = Callable[[Path], SqlRegister | EmbeddedRegister]


@OPENED
def test_opening_and_reading_wait_for_nobody_who_writes(tmp_path: Path, opened: Opened) -> None:
    path = tmp_path / "register.db"
    opened(path).put([ROW])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    other = opened(path)
    assert other.get("image", "a") == ROW
    assert time.monotonic() - began < 4
    other.close()
    writer.close()


@OPENED
def test_who_writes_waits_for_who_writes(tmp_path: Path, opened: Opened) -> None:
    path = tmp_path / "register.db"
    register = opened(path)
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, writer.rollback).start()
    register.put([ROW])
    assert register.get("image", "a") == ROW
    writer.close()


@OPENED
def test_a_register_that_is_opened_again_is_not_written_to(tmp_path: Path, opened: Opened) -> None:
    path = tmp_path / "register.db"
    first = opened(path)
    first.put([ROW])
    frames = (tmp_path / "register.db-wal").stat().st_size
    opened(path).get("image", "a")
    assert (tmp_path / "register.db-wal").stat().st_size == frames
