"""What a key's file leaves behind on the disk once the key is destroyed.

A hard link keeps a file's blocks in reach whatever becomes of its name: what is read through it afterwards is
what somebody would find who reads the disk.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.studio import Studio, reopened
from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.mirror import Mirror
from volenti.backup import make_backup
from volenti.restore import restore_backup
from volenti.stores import begin_mirror, rotate_wrapping


class Disk:
    """Every file that ever had a name below some folders, by hard links made whenever it is asked to look."""

    def __init__(self, held: Path, *folders: Path) -> None:
        self._held, self._folders = held, folders
        held.mkdir()
        self.look()

    def look(self) -> None:
        for folder in self._folders:
            for path in folder.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    to = self._held / str(path.stat().st_ino)
                    if not to.exists():
                        os.link(path, to)

    def has(self, data: bytes) -> bool:
        return any(data in path.read_bytes() for path in self._held.iterdir())


def _keys(owner: str, *folders: Path) -> set[bytes]:
    return {path.read_bytes() for folder in folders for path in folder.rglob(f"{owner}.key")}


def test_an_erased_key_lies_nowhere_however_often_backups_were_made(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = Studio.open(tmp_path / "a", on_disk=True, mirror=place)
    studio.shoot("ann", "bob", photos=1)
    studio.clear()
    disk = Disk(tmp_path / "disk", studio.ws.path / "keys", place / "keys")
    wrapped = _keys("bob", studio.ws.path, place)
    assert len(wrapped) == 1
    for number in range(3):
        make_backup(studio.ws.path, tmp_path / f"backup-{number}")
        begin_mirror(studio.ws.path, place)
        disk.look()
    assert all(map(disk.has, wrapped))
    with reopened(studio.ws.path) as ws:
        ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
    assert not any(map(disk.has, wrapped))
    assert all(map(disk.has, _keys("ann", place)))


def test_nor_after_the_wrapping_changed_or_a_workspace_was_brought_back(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = Studio.open(tmp_path / "a", on_disk=True, mirror=place)
    studio.shoot("ann", "bob", photos=1)
    studio.clear()
    back = tmp_path / "back"
    disk = Disk(tmp_path / "disk", studio.ws.path / "keys", place / "keys")
    wrapped = _keys("bob", studio.ws.path, place)
    rotate_wrapping(studio.ws.path)
    disk.look()
    # Overwritten as soon as they are wrapped anew.
    assert not any(map(disk.has, wrapped))
    make_backup(studio.ws.path, tmp_path / "backup")
    wrapped = _keys("bob", studio.ws.path, place)
    # What a restore leaves that is killed and begun again is overwritten too.
    for name in (".back.part/keys/ab", ".back.part/secret"):
        (tmp_path / name).mkdir(parents=True)
    half = [tmp_path / ".back.part" / each for each in ("keys/ab/bob.key", "secret/workspace.key")]
    for each, data in zip(half, (next(iter(wrapped)), b"the workspace's own"), strict=True):
        each.write_bytes(data)
    left = Disk(tmp_path / "left", tmp_path / ".back.part")
    restore_backup(tmp_path / "backup", back, keys=place, secret=studio.ws.path / "secret")
    assert not left.has(b"the workspace's own")
    assert not any(map(left.has, wrapped))
    disk = Disk(tmp_path / "again", back / "keys", place / "keys")
    assert all(map(disk.has, wrapped))
    with reopened(back) as ws:
        ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
    assert not any(map(disk.has, wrapped))


def test_a_key_is_the_same_file_from_its_making_to_its_end(tmp_path: Path) -> None:
    for name in ("keys", "log", "feed"):
        (tmp_path / "mirror" / name).mkdir(parents=True)
    store = FileKeyStore(tmp_path / "keys", b"w" * 32, Mirror(tmp_path / "mirror", tmp_path))
    store.create("bob")
    paths = list(tmp_path.rglob("bob.key"))
    before = [path.stat().st_ino for path in paths]
    store.copy_to(FileKeyStore(tmp_path / "mirror" / "keys", b"w" * 32))
    store.create("bob")
    assert len(before) == 2
    assert [path.stat().st_ino for path in paths] == before


@pytest.mark.parametrize("renamed", [False, True], ids=["before", "after"])
def test_a_rewrapping_that_is_killed_loses_no_key_and_leaves_none(tmp_path: Path, renamed: bool) -> None:
    wrapping = [b"o" * 32]
    store = FileKeyStore(tmp_path / "keys", b"", None, lambda: tuple(wrapping))
    key = store.create("bob")
    [path] = tmp_path.rglob("bob.key")
    old = path.read_bytes()
    # As it is when it is killed just before the new file takes the old one's place, or just after.
    stray = path.with_name(".bob.old.0011.part")
    wrapping.insert(0, b"n" * 32)
    if renamed:
        store.rewrap()
        stray.write_bytes(old)
    else:
        stray.hardlink_to(path)
    disk = Disk(tmp_path / "disk", tmp_path / "keys")
    store.rewrap()
    assert FileKeyStore(tmp_path / "keys", b"", None, lambda: (b"n" * 32,)).get("bob") == key
    assert not stray.exists()
    disk.look()
    assert not disk.has(old)
