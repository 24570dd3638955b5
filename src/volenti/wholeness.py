"""Wholeness: whether everything is there that a workspace once wrote.

A folder, a file or a key that is gone must not look like a workspace in which nothing happened yet: an empty
register says that nobody is on record, and a log that begins anew contradicts what was signed before. So a
workspace is opened only where what its parts say of each other fits. A new one has none of these parts, and
each is made when it is first written to.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from volenti.adapters.log.files import FileLogStore
from volenti.adapters.register.reading import REVISION, in_words
from volenti.core.errors import IntegrityError, VolentiError, WorkspaceError
from volenti.folder import MIRROR, SECRET, way_back, workspace_facts
from volenti.transparency.checkpoint import Checkpoint
from volenti.transparency.note import SignedNote
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.vault.event import BEGINNING, EVENT
from volenti.vault.records import Records
from volenti.vault.rowkind import nothing_sealed

REGISTER = "register.db"
#: Folders that a workspace writes to; those of a new one are empty, or not there.
_WRITTEN = ("keys", "packs", "log", "feed")
_TABLES = ("alembic_version", "owners", "rows")


def check_register(folder: Path) -> None:
    """Raise WorkspaceError where the register was there and is gone, is empty, or isn't a register.

    A workspace to which nothing was written yet has none. IntegrityError where the file is damaged.
    """
    path = folder / REGISTER
    if not path.exists() and not path.is_symlink():
        if MIRROR in workspace_facts(folder) or any(map(_has_files, _folders(folder))):
            raise _gone(folder, f"The workspace's register, {path}, is gone.")
        return
    if not path.is_file():
        raise _gone(folder, f"The workspace's register, {path}, isn't a file.")
    if path.stat().st_size == 0:
        if any(map(_has_files, _folders(folder))):
            raise _gone(folder, f"The workspace's register, {path}, is empty.")
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA busy_timeout=30000")
            found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables = {name for (name,) in found}
            known = "alembic_version" in tables and [
                each for (each,) in database.execute("SELECT version_num FROM alembic_version")
            ]
    except sqlite3.Error as error:
        worded = in_words(error)
        remedy = way_back(folder) if isinstance(worded, IntegrityError) else worded.remedy
        raise type(worded)(worded.message, remedy) from error
    if not tables and not any(map(_has_files, _folders(folder))):
        return  # the process that made it was stopped before it made the tables
    if not set(_TABLES) <= tables or known != [REVISION]:
        what = "has no tables" if not tables else "is another program's database, or a later version's"
        raise _gone(folder, f"The workspace's register, {path}, {what}.")


def check_whole(folder: Path, records: Records) -> None:
    """Raise WorkspaceError where something is gone that the register, or the log, says was written."""
    for problem in _problems(folder, records):
        raise _gone(folder, problem)


def _problems(folder: Path, records: Records) -> Iterator[str]:
    entries = _entries(folder / "log")
    try:
        begun = records.get(*BEGINNING) is not None
    except IntegrityError:
        yield f"The key in {folder / SECRET} isn't the one that the register was written with."
        return
    if not begun and entries and not records.kinds():
        yield f"The workspace's register, {folder / REGISTER}, is empty, and its log has {entries} entries."
    if not _has_files(folder / "keys") and records.keyless():
        yield f"The keys of people are gone: there is none in {folder / 'keys'}."
    if entries is None and records.count(EVENT):
        yield f"The workspace's log is gone: {folder / 'log'} has no checkpoint."
    if _entries(folder / "feed") is None and _was_fed(records):
        yield f"The workspace's deletion feed is gone: {folder / 'feed'} has no checkpoint."
    if not _has_files(folder / "packs") and _names_sealed_bytes(records):
        yield f"The sealed pictures are gone: there is nothing in {folder / 'packs'}."


def _was_fed(records: Records) -> bool:
    """Whether an event says that something was published in the deletion feed."""
    from volenti.deliveries.feed import ANCHORED  # most workspaces have a feed, and need nothing of it here

    return records.count(EVENT, state=ANCHORED) > 0


def _names_sealed_bytes(records: Records) -> bool:
    """Whether any row names bytes in a pack."""
    for kind in records.declared.values():
        if kind.sealed is not nothing_sealed:
            for row in records.rows(kind.name):
                with suppress(VolentiError):
                    if any(each.blob for each in kind.sealed(records.opened(row))):
                        return True
    return False


def _entries(log: Path) -> int | None:
    """How many entries a log says it has; 0 where that can't be read, None where it has no checkpoint."""
    try:
        signed = FileLogStore(log).read(CHECKPOINT_PATH)
        return None if signed is None else Checkpoint.parse(SignedNote.parse(signed).text).size
    except VolentiError:
        return 0


def _folders(folder: Path) -> Iterator[Path]:
    return (folder / name for name in _WRITTEN)


def _has_files(folder: Path) -> bool:
    """Whether there is a file anywhere below a folder, but for the locks of logs and keys."""
    with suppress(OSError):
        for _, _, names in os.walk(folder):
            if any(not name.startswith(".") for name in names):
                return True
    return False


def _gone(folder: Path, problem: str) -> WorkspaceError:
    return WorkspaceError(problem, way_back(folder))
