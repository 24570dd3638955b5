"""Runs a function in a process of its own and stands between it and its disk.

Every system call that writes is announced before it happens (Linux `seccomp_unotify(2)`, no privileges
needed), whoever makes it: Python, SQLite, a thread. It may be let through or answered with an error. That
way each write, fsync, rename and unlink of an erasure can fail in turn, and what was never synced can be
dropped, as a power cut does.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import socket
import struct
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_SECCOMP, _NOTIFY = {"x86_64": (317, 0x7FC00000), "aarch64": (277, 0x7FC00000)}.get(
    platform.machine(), (0, 0)
)
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}.get(platform.machine(), 0)
_SET_MODE_FILTER, _GET_ACTION_AVAIL, _NEW_LISTENER = 1, 2, 1 << 3
_NO_NEW_PRIVS = 38
_ALLOW = 0x7FFF0000
_CONTINUE = 1
#: ioctl numbers of <linux/seccomp.h>, for the struct sizes below.
_RECV, _SEND = 0xC0502100, 0xC0182101

#: Calls that change what is on a disk, by number. The older ones exist on x86-64 alone.
NUMBERS: dict[int, str] = {
    "x86_64": {
        1: "write",
        18: "pwrite64",
        20: "writev",
        74: "fsync",
        75: "fdatasync",
        76: "truncate",
        77: "ftruncate",
        82: "rename",
        83: "mkdir",
        84: "rmdir",
        86: "link",
        87: "unlink",
        258: "mkdirat",
        263: "unlinkat",
        264: "renameat",
        265: "linkat",
        316: "renameat2",
        326: "copy_file_range",
        40: "sendfile",
    },
    "aarch64": {
        64: "write",
        68: "pwrite64",
        66: "writev",
        82: "fsync",
        83: "fdatasync",
        45: "truncate",
        46: "ftruncate",
        34: "mkdirat",
        35: "unlinkat",
        38: "renameat",
        37: "linkat",
        276: "renameat2",
        285: "copy_file_range",
        71: "sendfile",
    },
}.get(platform.machine(), {})
_BY_HANDLE = {"write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "copy_file_range", "sendfile"}


def unavailable() -> str:
    """Why this can't be done here; empty where it can."""
    if platform.system() != "Linux" or not NUMBERS:
        return "needs Linux on x86-64 or arm64"
    action = ctypes.c_uint32(_NOTIFY)
    if _LIBC.syscall(_SECCOMP, _GET_ACTION_AVAIL, 0, ctypes.byref(action)) != 0:
        return "the kernel, or what runs us, doesn't allow seccomp notifications"
    return ""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that is about to happen. `path` is what it is about, as far as that can be told."""

    number: int
    name: str
    path: str
    process: int
    arguments: tuple[int, ...]


#: Answers a call: 0 lets it through, another number is the error it ends with, None kills the process.
Decide = Callable[[Call], int | None]


@dataclass(slots=True)
class Ended:
    """How a supervised process ended. `error` is the exception it ended with, if any."""

    status: int = 0
    killed: bool = False
    error: str = ""
    calls: list[str] = field(default_factory=list)


def supervised(work: Callable[[], object], folder: Path, decide: Decide) -> Ended:
    """Run `work` in a forked process; every call that writes below `folder` is decided first."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    child = os.fork()
    if child == 0:
        ours.close()
        _work(work, theirs)
    theirs.close()
    ended = Ended()
    _, [listener], _, _ = socket.recv_fds(ours, 1, 1)
    ours.sendall(b"g")
    try:
        _watch(listener, child, str(folder.resolve()), decide, ended)
    finally:
        os.close(listener)
    _, status = os.waitpid(child, 0)
    ended.status = os.waitstatus_to_exitcode(status)
    said = b""
    while piece := ours.recv(65536):
        said += piece
    ours.close()
    ended.error = said.decode(errors="replace")
    return ended


def _work(work: Callable[[], object], channel: socket.socket) -> None:
    status = 0
    try:
        listener = _listen()
        socket.send_fds(channel, [b"f"], [listener])
        os.close(listener)
        channel.recv(1)
        work()
    except BaseException:
        status = 1
        channel.sendall(traceback.format_exc().encode())
    finally:
        channel.close()
        os._exit(status)


def _listen() -> int:
    """Put the filter in place for this process and whatever it starts; returns the listening end."""
    if _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    wanted = sorted(NUMBERS)
    # Classic BPF: load the architecture, then the number; jump to "notify" where it is one of ours.
    code = [(0x20, 0, 0, 4), (0x15, 1, 0, _ARCHITECTURE), (0x06, 0, 0, _ALLOW), (0x20, 0, 0, 0)]
    for place, number in enumerate(wanted):
        code.append((0x15, len(wanted) - place, 0, number))
    code += [(0x06, 0, 0, _ALLOW), (0x06, 0, 0, _NOTIFY)]
    program = b"".join(struct.pack("HBBI", *each) for each in code)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    given = ctypes.create_string_buffer(header, len(header))
    listener = _LIBC.syscall(_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, given)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(listener)


def _watch(listener: int, child: int, folder: str, decide: Decide, ended: Ended) -> None:
    import select

    poll = select.poll()
    poll.register(listener, select.POLLIN)
    notice = ctypes.create_string_buffer(80)
    while True:
        [(_, events)] = poll.poll()
        if not events & select.POLLIN:
            return  # hung up: nobody is left who has the filter
        ctypes.memset(notice, 0, 80)
        if _LIBC.ioctl(listener, ctypes.c_ulong(_RECV), notice) != 0:
            if ctypes.get_errno() in (errno.EINTR, errno.ENOENT):
                continue
            return
        identifier, process, _, number, _, _, *arguments = struct.unpack("QIIiIQ6Q", notice.raw)
        call = _call(number, process, tuple(arguments))
        answer: int | None = 0
        if call.path.startswith(folder):
            ended.calls.append(call.name)
            answer = decide(call)
        if answer is None:
            ended.killed = True
            os.kill(child, signal.SIGKILL)
            return
        reply = struct.pack("QqiI", identifier, 0, -answer, 0 if answer else _CONTINUE)
        _LIBC.ioctl(listener, ctypes.c_ulong(_SEND), ctypes.create_string_buffer(reply, len(reply)))


def _call(number: int, process: int, arguments: tuple[int, ...]) -> Call:
    name = NUMBERS.get(number, str(number))
    path = ""
    try:
        if name == "copy_file_range":
            path = str(Path(f"/proc/{process}/fd/{arguments[2]}").readlink())
        elif name in _BY_HANDLE:
            path = str(Path(f"/proc/{process}/fd/{arguments[0]}").readlink())
        else:
            at = name.endswith(("at", "at2"))
            path = _text(process, arguments[1 if at else 0])
            if not path.startswith("/"):
                here = f"/proc/{process}/cwd"
                if at and ctypes.c_int(arguments[0] & 0xFFFFFFFF).value >= 0:
                    here = f"/proc/{process}/fd/{arguments[0]}"
                path = f"{Path(here).readlink()}/{path}"
    except OSError:
        pass
    return Call(number, name, path, process, arguments)


def _text(process: int, address: int) -> str:
    """A C string in another process's memory."""
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(4096).split(b"\0", 1)[0].decode(errors="surrogateescape")
