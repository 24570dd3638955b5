"""Reading a folder that somebody else made, and nothing outside it.

Names in it, links and special files are whatever its maker wanted: a link would have somebody else's file
read, a name with `..` have one written, a pipe have the reader wait for ever. Files are opened one folder
after the other below the one that was given, and no link is followed on the way. The folder itself may be
a link: whoever gave it chose where it lies.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path, PurePosixPath

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
    *above, last = PurePosixPath(check_name(name)).parts
    handle = os.open(folder, _FOLDER)
    try:
        for part in above:
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = below
        # Without waiting: a pipe has nobody at its other end.
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


def names_inside(folder: Path) -> Iterator[tuple[str, bool]]:
    """Every name below `folder` but folders', in order, and whether an ordinary file has it.

    What begins with a dot is left out: writers' half-done files and locks. No link is followed.
    """
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        below = Path(parent)
        # os.walk counts a link to a folder among the folders, and doesn't go there.
        for each in [*files, *(name for name in folders if (below / name).is_symlink())]:
            if not each.startswith("."):
                with suppress(FileNotFoundError):
                    mode = (below / each).lstat().st_mode
                    found.append(((below / each).relative_to(folder).as_posix(), stat.S_ISREG(mode)))
    return iter(sorted(found))


def _not_ordinary(name: str) -> IntegrityError:
    return IntegrityError(
        f"{name} isn't an ordinary file in its folder, but a link, a pipe or something else.",
        "Put the file itself there.",
    )
