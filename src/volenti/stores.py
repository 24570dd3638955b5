"""The stores of a workspace in a folder, each with its second copy where the workspace has a mirror."""

from __future__ import annotations

from pathlib import Path

from volenti.adapters.exports_imagefolder import ImageFolderFormat
from volenti.adapters.exports_parquet import ParquetFormat
from volenti.adapters.exports_webdataset import WebDatasetFormat
from volenti.adapters.keys_files import FileKeyStore
from volenti.adapters.log_files import FileLogStore
from volenti.adapters.log_mirrored import MirroredLogStore
from volenti.datasets.ports import ExportFormat
from volenti.folder import (
    MIRROR,
    SECRET,
    begin_rotation,
    end_rotation,
    secrets_of,
    workspace_facts,
    wrapping_of,
)
from volenti.transparency.copy import check_copy
from volenti.transparency.ports import LogStore
from volenti.transparency.problem import CHECKPOINT_PATH

#: Forms in which datasets leave the workspace.
FORMATS: tuple[ExportFormat, ...] = (ImageFolderFormat(), WebDatasetFormat(), ParquetFormat())


def key_store(folder: Path, place: Path | None = None) -> FileKeyStore:
    """People's keys of a workspace: its own with their mirror, or a copy of them at another place."""
    key, _ = secrets_of(folder)
    wrapping = wrapping_of(folder / SECRET)
    if place is not None:
        return FileKeyStore(place, key, None, wrapping)
    facts = workspace_facts(folder)
    mirror = Path(facts[MIRROR]) / "keys" if MIRROR in facts else None
    return FileKeyStore(folder / "keys", key, mirror, wrapping)


def rotate_wrapping(folder: Path) -> int:
    """Wrap everybody's key anew and destroy what they were wrapped under; returns how many there were.

    Copies of wrapped keys, wherever they lie, open no more. Killed anywhere, the same call goes on.
    """
    workspace_facts(folder)
    keys = key_store(folder)
    begin_rotation(folder / SECRET)
    count = keys.rewrap()
    # Who asked for the wrapping key just before may have wrapped one under the old.
    while again := keys.rewrap():
        count += again
    end_rotation(folder / SECRET)
    return count


def copy_log(log: Path, copy: Path) -> None:
    """Bring a second copy of a log up to date; IntegrityError where it is ahead, or has another history."""
    store, other = FileLogStore(log), FileLogStore(copy)
    with store.lock():
        check_copy(store, other, str(copy))
        # The checkpoint last: it never says more than the copy has.
        for path in sorted(store.paths(), key=lambda each: (each == CHECKPOINT_PATH, each)):
            data = store.read(path)
            if data is not None and data != other.read(path):
                other.write(path, data)


def log_store(folder: Path, name: str) -> LogStore:
    """A log of a workspace, with its second copy where there is one; name: `log` or `feed`."""
    facts, store = workspace_facts(folder), FileLogStore(folder / name)
    return MirroredLogStore(store, Path(facts[MIRROR]) / name) if MIRROR in facts else store
