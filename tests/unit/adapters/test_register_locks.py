"""Several processes at one register: who reads waits for nobody, who writes for whoever writes."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from volenti.adapters.register.sql import SqlRegister
from volenti.vault.ports import Row

ROW = Row("image", "a", b"x")


def test_opening_and_reading_wait_for_nobody_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    SqlRegister.at(path).put([ROW])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    other = SqlRegister.at(path)
    assert other.get("image", "a") == ROW
    assert time.monotonic() - began < 4
    other.close()
    writer.close()


def test_who_writes_waits_for_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    register = SqlRegister.at(path)
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, writer.rollback).start()
    register.put([ROW])
    assert register.get("image", "a") == ROW
    writer.close()


def test_a_register_that_is_opened_again_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    first = SqlRegister.at(path)
    first.put([ROW])
    frames = (tmp_path / "register.db-wal").stat().st_size
    SqlRegister.at(path).get("image", "a")
    assert (tmp_path / "register.db-wal").stat().st_size == frames
