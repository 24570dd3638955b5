"""Reading a folder that somebody else made, and nothing outside it.

Whoever made the folder chose the names, links and special files in it: through a link somebody else's file
would be read, through a name with `..` one would be written, and at a pipe the reader would wait for ever. So
files are opened folder by folder, downward from the one that was given, and no link is followed on the way.
The given folder itself may be a link: whoever gave it chose where it lies.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from volenti.core.errors import IntegrityError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def check_name(name: str) -> str:
    """`name` itself if it is a file's below a folder, written with slashes; raises IntegrityError."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or not name.isprintable() or "\\" in name:
        raise IntegrityError(
            f"{name!r} isn't the name of a file inside the folder.", "Have the folder made anew."
        )
    return name


def opened_inside(folder: Path, name: str) -> BufferedReader:
    """A file below `folder`, open for reading.

    Raises IntegrityError where the name leads outside, through a link, or to no ordinary file, and
    FileNotFoundError where nothing is there.
    """
    *above, last = name.split("/")
    if any(part in ("", ".", "..") for part in (*above, last)):
        raise _not_ordinary(name)
    handle = os.open(folder, _FOLDER)
    try:
        for part in above:
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = below
        # Non-blocking: opening a pipe would wait until somebody writes to it.
        file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _not_ordinary(name) from error
    finally:
        os.close(handle)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _not_ordinary(name)
    return os.fdopen(file, "rb")


def opened_given(path: Path, root: Path) -> BufferedReader:
    """A file in the folder `root` that somebody gave, open for reading; links that stay in it are followed.

    Raises IntegrityError where the file lies outside, or isn't an ordinary one, and OSError where it can't be
    opened.
    """
    if is_plain(path) and not path.parent.is_symlink():
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        # Something else may have taken its place in between.
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise _not_ordinary(path.name)
        return os.fdopen(file, "rb")
    within = _within(path, root)
    if within is None:
        raise _not_ordinary(path.name)
    return opened_inside(*within)


def stray(path: Path, root: Path) -> str:
    """What stands in the place of a file in the folder `root`, in words: a pipe, a link out of it.

    Returns "" for a file or folder, and for a link to one in the folder `root`. Raises OSError where that
    can't be seen.
    """
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode):
        return _special(mode)
    try:
        special = _special(path.stat().st_mode)
    except FileNotFoundError:
        return "a link to nothing"
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "a link to itself"
        raise
    if special:
        return f"a link to {special}"
    return "a link out of it" if _within(path, root) is None else ""


def _special(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISREG, ""), (stat.S_ISDIR, ""))
    return next((words for is_one, words in kinds if is_one(mode)), "a device")


def is_plain(path: Path) -> bool:
    """Whether an ordinary file has this name, and not a link to one."""
    return stat.S_ISREG(path.lstat().st_mode)


def _within(path: Path, root: Path) -> tuple[Path, str] | None:
    """Where a path leads to: the real root and the name below it; None where it leads elsewhere."""
    try:
        real, home = path.resolve(strict=True), root.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return (home, real.relative_to(home).as_posix()) if real.is_relative_to(home) else None


def names_inside(folder: Path) -> Iterator[tuple[str, bool]]:
    """The name of everything below `folder` but folders, in order, and whether it is an ordinary file.

    Names that begin with a dot are left out: locks, and files that aren't written to their end. No link is
    followed.
    """
    found = []
    for path in walked(folder, hidden=False):
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode):
                found.append((path.relative_to(folder).as_posix(), stat.S_ISREG(mode)))
    return iter(sorted(found))


def walked(
    folder: Path, *, hidden: bool = True, closed: Callable[[Path, OSError], None] | None = None
) -> Iterator[Path]:
    """Everything below `folder`, at whatever depth and in no order; no link is followed.

    hidden: also names that begin with a dot. closed: is told each folder that can't be read, and why; the
    rest is walked.
    """
    left = [str(folder)]
    while left:
        place = left.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if hidden or not entry.name.startswith("."):
                        yield Path(entry.path)
                        if entry.is_dir(follow_symlinks=False):
                            left.append(entry.path)
        except OSError as error:
            if closed is not None:
                closed(Path(place), error)


def _not_ordinary(name: str) -> IntegrityError:
    return IntegrityError(
        f"{name} isn't an ordinary file in its folder, but a link, a pipe or something else.",
        "Put the file itself there.",
    )
