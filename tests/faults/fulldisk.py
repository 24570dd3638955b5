"""A disk that is really full: a small file system of one's own, with so much room left and no more.

It is mounted in a namespace of the process that asks (Linux `unshare(2)`, `mount(2)`; no privileges needed
where users may make namespaces), and is gone with it.
"""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

from tests.faults.processes import elsewhere, last_line

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
#: What lies in the way of whoever writes.
_FILLER = ".filler"
_PAGE = 4096


def mount(folder: Path, size: int) -> None:
    """Mount an empty disk of `size` bytes there, for this process and those it starts.

    Only a process with one thread may; one that was just forked has no other.
    """
    user, group = os.getuid(), os.getgid()
    _called("unshare", _LIBC.unshare(_NEW_USER | _NEW_MOUNTS))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    kind, options = b"tmpfs", f"size={size}".encode()
    _called("mount", _LIBC.mount(kind, os.fsencode(folder), kind, 0, options))


def taken(folder: Path) -> int:
    """How many bytes a folder takes, in whole pages; some file systems say less of folders."""
    return sum(_PAGE * max(1, -(-path.stat().st_size // _PAGE)) for path in folder.rglob("*"))


def fill(folder: Path, room: int) -> None:
    """Leave `room` bytes free on the disk that is mounted there, in whole pages."""
    state = os.statvfs(folder)
    pages = state.f_bavail * state.f_frsize // _PAGE - room // _PAGE
    with (folder / _FILLER).open("wb") as file:
        for _ in range(pages):
            file.write(b"\xff" * _PAGE)


def make_room(folder: Path) -> None:
    """What somebody does who is told to."""
    (folder / _FILLER).unlink()


def unavailable() -> str:
    """Why this can't be done here; empty where it can."""
    if platform.system() != "Linux":
        return "needs Linux"
    try:
        elsewhere(lambda: mount(Path("/tmp"), _PAGE))
    except RuntimeError as error:
        return f"may not mount a disk of its own: {last_line(error)}"
    return ""


def _called(name: str, status: int) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
