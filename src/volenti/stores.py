"""The stores of a workspace in a folder, each with its second copy where the workspace has a mirror."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.log.mirrored import MirroredLogStore
from volenti.adapters.mirror import Mirror
from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.mirrored import MirroredRegister
from volenti.core.errors import WorkspaceError
from volenti.core.files import make_folder
from volenti.deliveries.ports import ExportFormat
from volenti.erasure.copies import Copies
from volenti.folder import (
    MARK,
    MARKER,
    MIRROR,
    SECRET,
    begin_rotation,
    end_rotation,
    is_own,
    secrets_of,
    workspace_facts,
    wrapping_of,
    write_facts,
)
from volenti.kinds import KINDS
from volenti.transparency.copy import check_copy
from volenti.transparency.ports import LogStore
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.vault.holder import Holders
from volenti.vault.records import Records

#: Logs that lie in a mirror too, by their folders.
MIRRORED = ("log", "feed")


def formats() -> tuple[ExportFormat, ...]:
    """The forms in which datasets leave the workspace."""
    from volenti.adapters.exports.imagefolder import ImageFolderFormat
    from volenti.adapters.exports.parquet import ParquetFormat
    from volenti.adapters.exports.webdataset import WebDatasetFormat

    return ImageFolderFormat(), WebDatasetFormat(), ParquetFormat()


def key_store(folder: Path, place: Path | None = None) -> FileKeyStore:
    """People's keys of a workspace: its own with their mirror, or a copy of them at another place."""
    key, _ = secrets_of(folder)
    wrapping = wrapping_of(folder / SECRET)
    if place is not None:
        return FileKeyStore(place, key, None, wrapping)
    return FileKeyStore(folder / "keys", key, mirror_of(folder), wrapping)


def mirror_of(folder: Path) -> Mirror | None:
    """Where a workspace's second copies lie.

    In doubt where the marker names a place that the workspace didn't write there: whoever can write that file
    could have a copy of the keys kept that no erasure reaches.
    """
    facts, (key, _) = workspace_facts(folder), secrets_of(folder)
    if MIRROR not in facts and (MARK not in facts or is_own(facts, key)):
        return None
    place = str(facts.get(MIRROR, folder))
    if is_own(facts, key):
        return Mirror(Path(place))
    return Mirror(Path(place), f"{MARKER} names a mirror, {place}, and isn't as this workspace wrote it.")


def register_store(folder: Path) -> tuple[MirroredRegister | EmbeddedRegister, Callable[[], None]]:
    """A workspace's register, with a second copy of what people said where it has a mirror; and its end."""
    register, mirror = EmbeddedRegister(folder / "register.db"), mirror_of(folder)
    return register if mirror is None else MirroredRegister(register, mirror), register.close


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
    mirror, store = mirror_of(folder), FileLogStore(folder / name)
    return store if mirror is None else MirroredLogStore(store, mirror, name)


def check_mirror(folder: Path, records: Records) -> None:
    """Raises WorkspaceError where the marker names another mirror than is on record, or none any more."""
    known = Copies(records)
    named = workspace_facts(folder).get(MIRROR)
    if known.has_said and known.mirror != named:
        raise WorkspaceError(
            f"The mirror is {known.mirror}, and {MARKER} says {named or 'that there is none'}.",
            "Say where it is: volenti backup mirror DIR",
        )


def record_mirror(records: Records, place: Path | None) -> None:
    """Put on record where the mirror is, or that there is none: a marker that says otherwise is noticed."""
    Copies(records).keep_mirror(None if place is None else str(place))


def begin_mirror(workspace: Path, place: Path) -> int:
    """Begin to keep a second copy of keys, log and feed in `place`; returns how many keys there are.

    From here on whatever makes or destroys a key needs the place to be there. Repeating it is fine, and
    mends what a crash left out.
    """
    place = place.resolve()
    make_folder(place)
    for name in ("keys", *MIRRORED):
        make_folder(place / name)
    # On record first: a key that is made now reaches the mirror by itself.
    write_facts(workspace, {**workspace_facts(workspace), MIRROR: str(place)})
    register, close = register_store(workspace)
    with ExitStack() as ending:
        ending.callback(close)
        record_mirror(
            Records(register, key_store(workspace), secrets_of(workspace)[0], KINDS, Holders()), place
        )
    return update_mirror(workspace, place)


def update_mirror(workspace: Path, place: Path) -> int:
    """Bring a mirror up to date: what it lacks, and what it still has of whoever left meanwhile."""
    for name in MIRRORED:
        copy_log(workspace / name, place / name)
    register, close = register_store(workspace)
    with ExitStack() as ending:
        ending.callback(close)
        if isinstance(register, MirroredRegister):
            register.fill()
    here, there = (key_store(workspace, each / "keys") for each in (workspace, place))
    # Listed in this order: a key that is made now is in the workspace before it is in the mirror.
    known = list(there.owners())
    for owner in set(known) - set(here.owners()):
        there.destroy(owner)
    return here.copy_to(there)
