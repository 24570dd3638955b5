"""What a disk still has after a power cut, if it keeps every promise of fsync and no other.

A file's bytes are there as of its last fsync; a name is there, or gone, as of the last fsync of its
folder. Nothing else is certain. `luck` says how much of the rest happened to be written in time.
"""

from __future__ import annotations

import os
import random
import stat
from pathlib import Path

from tests.faults.syscalls import Call


class Disk:
    """Watches what becomes durable below a folder, from the system calls of whoever writes there."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()
        #: Names in a folder, and bytes of a file, by inode, as they are durable.
        self._names: dict[int, dict[str, int]] = {}
        self._bytes: dict[int, bytes] = {}
        # An open file keeps its inode's number from being given to another.
        self._held: dict[int, int] = {}
        for parent, _, files in os.walk(self._root):
            self._sync_folder(Path(parent))
            for name in files:
                self._sync_file(Path(parent, name))

    def close(self) -> None:
        for handle in self._held.values():
            os.close(handle)

    def note(self, call: Call) -> None:
        """What a call that is about to happen makes durable: all that was done before it."""
        if call.name in ("fsync", "fdatasync"):
            path = Path(f"/proc/{call.process}/fd/{call.arguments[0]}")
            if stat.S_ISDIR(path.stat().st_mode):
                self._sync_folder(path)
            else:
                self._sync_file(path)

    def left(self, to: Path, luck: float, seed: int) -> None:
        """Write what is left into a new folder. luck: how much of what was never synced is there."""
        self._write(self._root.stat().st_ino, self._root, to, luck, random.Random(seed))

    def _write(self, inode: int, now: Path | None, to: Path, luck: float, rng: random.Random) -> None:
        to.mkdir()
        names = dict(self._names.get(inode, {}))
        there = _listed(now) if now is not None else {}
        for name in sorted({*names, *there}):
            if names.get(name) != there.get(name) and rng.random() < luck:
                names.pop(name, None)
                if name in there:
                    names[name] = there[name]
                    self._hold(there[name], now / name if now else None)
        for name, child in sorted(names.items()):
            path = now / name if now is not None and there.get(name) == child else None
            if stat.S_ISDIR(os.fstat(self._held[child]).st_mode):
                self._write(child, path, to / name, luck, rng)
                continue
            data = self._bytes.get(child, b"")
            if rng.random() < luck:
                data = _read(self._held[child])
            (to / name).write_bytes(data)
            (to / name).chmod(stat.S_IMODE(os.fstat(self._held[child]).st_mode))

    def _sync_folder(self, path: Path) -> None:
        listed = _listed(path)
        self._names[path.stat().st_ino] = listed
        for name, inode in listed.items():
            self._hold(inode, path / name)

    def _sync_file(self, path: Path) -> None:
        inode = path.stat().st_ino
        self._hold(inode, path)
        self._bytes[inode] = _read(self._held[inode])

    def _hold(self, inode: int, path: Path | None) -> None:
        if inode not in self._held and path is not None:
            self._held[inode] = os.open(path, os.O_RDONLY)


def _listed(folder: Path) -> dict[str, int]:
    with os.scandir(folder) as walk:
        return {each.name: each.inode() for each in walk if not each.is_symlink()}


def _read(handle: int) -> bytes:
    return os.pread(handle, os.fstat(handle).st_size, 0)
