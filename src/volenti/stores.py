"""The stores of a workspace in a folder, each with its second copy where the workspace has a mirror."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.locks.files import FileLocks
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.log.mirrored import MirroredLogStore
from volenti.adapters.mirror import FEED, KEYS, LOG, Mirror
from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.mirrored import MirroredRegister
from volenti.core.errors import ConflictError, VolentiError, WorkspaceError
from volenti.core.files import make_folder
from volenti.core.logs import Logger
from volenti.core.progress import Silent
from volenti.deliveries.ports import ExportFormat
from volenti.erasure.copies import Copies
from volenti.folder import (
    MARK,
    MARKER,
    MIRROR,
    SECRET,
    begin_rotation,
    check_secret,
    end_rotation,
    is_own,
    secrets_of,
    workspace_facts,
    wrapping_of,
    write_facts,
)
from volenti.kinds import KINDS
from volenti.transparency.copy import bring_up
from volenti.transparency.ports import LogStore
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.vault.holder import Holders
from volenti.vault.records import Records
from volenti.wholeness import REGISTER, check_register, check_whole

#: Logs that lie in a mirror too, by their folders.
MIRRORED = (LOG, FEED)
_log = Logger(__name__)


def formats() -> tuple[ExportFormat, ...]:
    """The formats in which datasets can be exported."""
    from volenti.adapters.exports.imagefolder import ImageFolderFormat
    from volenti.adapters.exports.parquet import ParquetFormat
    from volenti.adapters.exports.webdataset import WebDatasetFormat

    return ImageFolderFormat(), WebDatasetFormat(), ParquetFormat()


def key_store(folder: Path, place: Path | None = None) -> FileKeyStore:
    """A workspace's store of people's keys: its own, with the mirror, or a copy of it at `place`."""
    key, _ = secrets_of(folder)
    wrapping = wrapping_of(folder / SECRET)
    if place is not None:
        return FileKeyStore(place, key, None, wrapping)
    return FileKeyStore(folder / "keys", key, mirror_of(folder), wrapping)


def mirror_of(folder: Path) -> Mirror | None:
    """The mirror, where a workspace's second copies lie; None where it has no mirror.

    The mirror is in doubt where the workspace itself didn't write the marker file: somebody who can write to
    that file could name another place, and keep a copy of the keys that no erasure reaches.
    """
    facts, (key, _) = workspace_facts(folder), secrets_of(folder)
    if MIRROR not in facts and (MARK not in facts or is_own(facts, key)):
        return None
    place = str(facts.get(MIRROR, folder))
    if is_own(facts, key):
        return Mirror(Path(place), folder)
    return Mirror(
        Path(place), folder, f"{MARKER} names a mirror, {place}, and isn't as this workspace wrote it."
    )


def register_store(folder: Path) -> tuple[MirroredRegister | EmbeddedRegister, Callable[[], None]]:
    """A workspace's register, with what people said in its mirror too; and the function that closes it."""
    check_register(folder)
    register, mirror = EmbeddedRegister(folder / REGISTER), mirror_of(folder)
    return register if mirror is None else MirroredRegister(register, mirror), register.close


def rotate_wrapping(folder: Path) -> int:
    """Wrap everybody's key under a new wrapping key, and destroy the old one; returns how many keys.

    Copies of people's keys from before, wherever they lie, don't open any more. After a crash anywhere, the
    same call goes on where it stopped.
    """
    workspace_facts(folder)
    keys = key_store(folder)
    if (lag := catch_up(folder)) is not None:
        raise lag
    with _log.timed("keys wrapped under a new key") as facts:
        if begin_rotation(folder / SECRET):
            _log.warning("key rotation resumed: an earlier one didn't end")
        count = keys.rewrap()
        # A process that read the wrapping key just before may have wrapped another key under the old one.
        while again := keys.rewrap():
            count += again
        end_rotation(folder / SECRET)
        facts["keys"] = count
    return count


def copy_log(log: Path, copy: Path) -> None:
    """Bring a second copy of a log up to date; IntegrityError where it is ahead, or has another history."""
    store = FileLogStore(log)
    with store.lock():
        bring_up(store, FileLogStore(copy), str(copy))


def log_store(folder: Path, name: str) -> LogStore:
    """A log of a workspace, with its second copy where there is a mirror. name: `log` or `feed`."""
    mirror, store = mirror_of(folder), FileLogStore(folder / name)
    return store if mirror is None else MirroredLogStore(store, mirror, name)


def check_mirror(folder: Path, records: Records) -> None:
    """Raise WorkspaceError where the marker file doesn't name the mirror that is on record."""
    known = Copies(records)
    named = workspace_facts(folder).get(MIRROR)
    if known.has_said and known.mirror != named:
        raise WorkspaceError(
            f"The mirror is {known.mirror}, and {MARKER} says {named or 'that there is none'}.",
            "Say where it is: volenti backup mirror DIR",
        )


def record_mirror(records: Records, place: Path | None) -> None:
    """Put on record where the mirror is, or that there is none, for `check_mirror` to compare with."""
    Copies(records).keep_mirror(None if place is None else str(place))


def begin_mirror(workspace: Path, place: Path, *, former_is_gone: bool = False) -> int:
    """Begin to keep a second copy of keys, log and feed in `place`; returns how many keys there are.

    Repeating the call is fine, and completes what a crash left out. former_is_gone: another place was the
    mirror so far, and is lost for good; otherwise ConflictError is raised where it can't be reached.
    """
    place = place.resolve()
    check_secret(workspace)
    _check_former(workspace, place, is_gone=former_is_gone)
    register, close = register_store(workspace)
    with ExitStack() as ending:
        ending.callback(close)
        records = Records(register, key_store(workspace), secrets_of(workspace)[0], KINDS, Holders())
        check_whole(workspace, records)
        for name in (KEYS, *MIRRORED):
            make_folder(place / name)
        Mirror(place, workspace).check_history()
        # Put on record first: then every key that is made from now on is copied when it is made.
        write_facts(workspace, {**workspace_facts(workspace), MIRROR: str(place)})
        record_mirror(records, place)
    return update_mirror(workspace, place)


def _check_former(workspace: Path, place: Path, *, is_gone: bool) -> None:
    """Raise ConflictError where a former mirror is away, and this isn't the same one under another name."""
    former = mirror_of(workspace)
    if former is None or former.doubt or former.is_there or former.place == place or is_gone:
        return
    if not (place / LOG / CHECKPOINT_PATH).is_file():
        raise ConflictError(
            f"The mirror so far, {former.place}, isn't there, and its keys are out of every erasure's reach.",
            "Mount it and repeat, or name it where it is now; if it is lost for good, add --former-is-gone",
        )


def update_mirror(workspace: Path, place: Path) -> int:
    """Bring a mirror up to date: copy what it lacks, and destroy its keys of people who were erased since.

    Returns how many keys the mirror has. After a crash anywhere it is still noted that the mirror is behind.
    """
    mirror = Mirror(place, workspace)
    with (
        _log.timed("mirror brought up to date") as facts,
        FileLocks(workspace / "turns").take("mirror", Silent()),
    ):
        mirror.begin_catching_up()
        count, destroyed = _update(workspace, place)
        mirror.end_catching_up()
        facts.update(keys=count, keys_destroyed=destroyed)
    return count


def catch_up(workspace: Path) -> VolentiError | None:
    """Bring the mirror up to date, where it is behind and can be; returns why it isn't, as an error to tell.

    None: there is no mirror, or it has everything.
    """
    mirror = mirror_of(workspace)
    if mirror is None:
        return None
    try:
        mirror.reach()
        if mirror.is_behind:
            update_mirror(workspace, mirror.place)
    except VolentiError as error:
        return mirror.said_of(error)
    return None


def _update(workspace: Path, place: Path) -> tuple[int, int]:
    for name in MIRRORED:
        copy_log(workspace / name, place / name)
    register, close = register_store(workspace)
    with ExitStack() as ending:
        ending.callback(close)
        if isinstance(register, MirroredRegister):
            register.fill()
    here, there = (key_store(workspace, each / KEYS) for each in (workspace, place))
    # The mirror is listed first: a key that is made meanwhile is in the workspace before it is in the mirror.
    known = list(there.owners())
    gone = set(known) - set(here.owners())
    for owner in gone:
        there.destroy(owner)
    return here.copy_to(there), len(gone)
