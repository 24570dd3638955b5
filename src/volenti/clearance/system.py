"""Files of the system's: what operating systems, file managers and network disks put beside pictures.

Nobody means them as pictures, so they are counted and not judged. A file that only has such a name is a file
like any other: what begins with `._` is AppleDouble only if its content is.
"""

from __future__ import annotations

import re
from pathlib import Path

from volenti.core.errors import IntegrityError
from volenti.core.inside import opened_given

#: Names in lower case.
_FILES = {
    ".ds_store",
    ".localized",
    ".apdisk",
    "icon\r",
    "thumbs.db",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "desktop.ini",
    ".directory",
    ".nomedia",
    ".picasa.ini",
    "picasa.ini",
    "zbthumbnail.info",
}
_FOLDERS = {
    "@eadir",
    ".@__thumb",
    "#recycle",
    "@recycle",
    "$recycle.bin",
    "system volume information",
    "__macosx",
    ".appledouble",
    ".spotlight-v100",
    ".trashes",
    ".fseventsd",
    ".temporaryitems",
    ".documentrevisions-v100",
    ".thumbnails",
    ".git",
    ".svn",
    ".hg",
}
#: The waste bin of one user of a Linux desktop.
_BIN = re.compile(r"\.trash(-\d+)?", re.IGNORECASE)
_APPLE_DOUBLE = b"\0\5\x16\7"


def belongs_to_system(path: Path, root: Path) -> str:
    """What of the system's a file is or lies in, by its name; "" for any other file.

    root: the folder that was given. Whoever gives a folder by itself means what is in it.
    """
    for part in path.relative_to(root).parts:
        if part.lower() in _FOLDERS or _BIN.fullmatch(part):
            return part
    if path.name.lower() in _FILES:
        return path.name.strip()
    return "._*" if path.name.startswith("._") and _is_apple_double(path, root) else ""


def _is_apple_double(path: Path, root: Path) -> bool:
    try:
        with opened_given(path, root) as file:
            return file.read(len(_APPLE_DOUBLE)) == _APPLE_DOUBLE
    except (OSError, IntegrityError):
        return False
