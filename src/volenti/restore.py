"""Restoring a workspace from a backup, without anybody who was erased since the backup was made.

A backup is trusted only where the workspace's own key signed it, and that key comes with the folder `secret`,
never with the backup. The mirror has what people said since, which is brought back before the folder gets
its name. It stays the workspace's mirror, so that the next erasure also destroys its copy of the key.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.mirror import Mirror
from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.memory import MemoryRegister
from volenti.adapters.register.mirrored import CONSENT, SaidRows, said_in
from volenti.backup import copy_file, signed_list, verify_backup
from volenti.bootstrap import open_unchecked
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import (
    ConflictError,
    IntegrityError,
    NotFoundError,
    StorageError,
    UsageError,
    WorkspaceError,
)
from volenti.core.files import destroy, make_folder, remove_folder, sync_folder, write_atomically
from volenti.core.inside import names_inside, opened_inside
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent, track
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey, SigningKey
from volenti.erasure.recollection import Recollected
from volenti.erasure.restoration import Replayed
from volenti.folder import (
    MARKER,
    MIRROR,
    PUBLIC_KEY,
    SECRET,
    origin_of,
    secrets_of,
    workspace_facts,
    write_facts,
)
from volenti.kinds import KINDS
from volenti.stores import MIRRORED, key_store, mirror_of, record_mirror
from volenti.transparency import checkpoint
from volenti.transparency.note import Verifier
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.vault.holder import Holders
from volenti.vault.records import Records
from volenti.wholeness import check_register
from volenti.wiring.parts import Parts

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: what was taken out of the workspace, and what people had said since."""

    made: str
    replayed: Replayed
    recollected: Recollected
    #: Whether the log is the mirror's, which goes on after the backup, rather than the backup's own.
    log_is_newest: bool
    #: The folder of the mirror, if there is one.
    mirror: Path | None

    __repr__ = short_repr

    def to_json(self) -> Json:
        """What was brought back, taken out and heard again, as a JSON object."""
        return {
            "made": self.made,
            "log_is_newest": self.log_is_newest,
            "taken_out": encoded(self.replayed),
            "heard_again": encoded(self.recollected),
            "mirror": None if self.mirror is None else str(self.mirror),
        }


def restore_backup(
    backup: Path,
    to: Path,
    *,
    keys: Path,
    secret: Path | None = None,
    restrict_everybody: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Bring a workspace back into a new folder, without anybody who was erased since.

    keys: a mirror, or what is left of the workspace. secret: the folder of the workspace's own keys,
    where it isn't in there. restrict_everybody: where nothing says what people withdrew since, restrict
    the use of everybody's data; otherwise that is a ConflictError. The folder has another name, and nobody
    can read in it, until the erasures are replayed and what people said since is brought back. After a
    crash anywhere, the same call starts anew.
    """
    with _log.timed("workspace restored", restrict_everybody=restrict_everybody) as facts:
        own, progress = secret or keys / SECRET, progress or Silent()
        restored = _restore(backup, to, keys, own, restrict_everybody, progress)
        facts["log_is_newest"] = restored.log_is_newest
    if not restored.log_is_newest:
        _log.warning("the restored log is the backup's: no newer one was found")
    return restored


def _restore(
    backup: Path, to: Path, keys: Path, own: Path, restrict_everybody: bool, progress: Progress
) -> Restored:
    public = _key_in(keys, own)
    checked = verify_backup(backup, public, progress)
    if checked.problems:
        raise IntegrityError(
            f"The backup doesn't hold: {checked.problems[0]}.",
            "See the others: volenti backup verify DIR --key FILE, the workspace's public key.",
        )
    if to.exists() and any(to.iterdir()):
        raise UsageError(f"{to} isn't empty.", "Give a new folder.")
    part = to.with_name(f".{to.name}.part")
    _discard(part)
    _copy_back(backup, part, public, progress)
    _bring_own_keys(own, part, public)
    said = _said_since(keys)
    _check_known(keys, part, public, said, restrict_everybody=restrict_everybody)
    place = _keep_mirror(keys, part)
    newest = [_bring_newest(keys / name, part / name) for name in MIRRORED]
    _bring_keys(keys / "keys", part, said)
    later = None if said is None else Records(said, key_store(part), secrets_of(part)[0], KINDS, Holders())
    with open_unchecked(part) as parts:
        replayed = parts.restoration.replay(progress)
        recollected = parts.recollection.hear(later)
        own_keys = key_store(part, part / "keys")
        for request in sorted(_askers(own_keys, parts, said) - {each.id for each in parts.requests.all()}):
            # A request of somebody who was enrolled after the backup.
            own_keys.destroy(request)
    if to.exists():
        to.rmdir()
    part.rename(to)
    sync_folder(to.parent)
    return Restored(checked.made, replayed, recollected, newest[0], place)


def _key_in(keys: Path, own: Path) -> PublicKey:
    """The public key for the backup's signature; NotFoundError where people's or the own keys are missing."""
    for needed, what in (
        (keys / "keys", "people's keys"),
        (own / "workspace.key", "keys of the workspace's own"),
    ):
        if not needed.exists():
            raise NotFoundError(f"There are no {what} in {needed.parent}.", "Say where: --keys, --secret.")
    return SigningKey.load(own / "signing.key").public


def _bring_own_keys(own: Path, part: Path, public: PublicKey) -> None:
    """Copy the workspace's own keys from the folder `secret`, and write the file `public-key`."""
    for name in ("workspace.key", "wrapping.key", "wrapping.next", "signing.key"):
        if (own / name).exists():
            write_atomically(part / SECRET / name, (own / name).read_bytes())
    write_atomically(part / PUBLIC_KEY, f"{public}\n".encode())


def _discard(part: Path) -> None:
    """Remove what a killed restore has left, and overwrite its copies of keys."""
    for folder in (part / "keys", part / SECRET):
        for name, ordinary in names_inside(folder):
            if ordinary:
                destroy(folder / name)
    remove_folder(part)


def _copy_back(backup: Path, part: Path, key: PublicKey, progress: Progress) -> None:
    """Copy the verified files back; IntegrityError where one has other bytes by now."""
    make_folder(part.parent)
    part.mkdir(0o700)
    _, sums = signed_list(backup, key)
    for name in track(progress, "Copying back", sorted(sums)):
        with opened_inside(backup, name) as source:
            digest, _ = copy_file(source, part / name)
        if digest != sums[name]:
            raise IntegrityError(f"{name} was changed while it was copied.", "Verify the backup, and repeat.")


def _said_since(keys: Path) -> MemoryRegister | None:
    """What people said and asked for, from the mirror or from what is left of the workspace; or None."""
    rows = SaidRows(keys / CONSENT)
    if rows.is_there:
        return rows.read()
    if not (keys / "register.db").is_file():
        return None
    found = MemoryRegister()
    # It may be damaged: a failing disk may be why there is a restore.
    with suppress(IntegrityError, StorageError, WorkspaceError), ExitStack() as ending:
        check_register(keys)
        register = EmbeddedRegister(keys / "register.db")
        ending.callback(register.close)
        found.put(said_in(register))
        return found
    _log.warning("the register of the old workspace can't be read")
    return None


def _check_known(
    keys: Path, part: Path, key: PublicKey, said: MemoryRegister | None, *, restrict_everybody: bool
) -> None:
    """Raise ConflictError where somebody may have withdrawn since the backup, and nothing says who.

    Each event has an entry in the log, so logs are compared. Raises IntegrityError where the mirror's log is
    another workspace's, or has fewer entries than the backup's: then the mirror isn't the newest copy.
    """
    here, there = (_entries(each / "log", key) for each in (part, keys))
    if there is not None and there < (here or 0):
        raise IntegrityError(
            f"The log in {keys} has {there} entries, and the backup's has {here}.",
            "Give the mirror itself, not an older copy of it: erasures since wouldn't be known.",
        )
    if said is None and there != here and not restrict_everybody:
        raise ConflictError(
            f"Things happened since the backup, and nothing in {keys} tells what people took back.",
            "Give a mirror that has the folder consent; or restrict the use of everybody's data until you "
            "asked them: --restrict-everybody.",
        )


def _entries(folder: Path, key: PublicKey) -> int | None:
    """How many entries a log has; None where there is no log."""
    signed = FileLogStore(folder).read(CHECKPOINT_PATH)
    return None if signed is None else checkpoint.verify(signed, Verifier(origin_of(key), key)).size


def _keep_mirror(keys: Path, part: Path) -> Path | None:
    """Put on record which mirror the workspace has: the given one, or that of what is left of it."""
    place: Path | None = keys.resolve()
    if (keys / MARKER).exists():
        known = mirror_of(keys) if (keys / SECRET).is_dir() else None
        if known is not None:
            known.check_there()
        place = None if known is None else known.place
        if known is not None and known.is_behind:
            Mirror(known.place, part).fall_behind()
    facts = {name: value for name, value in workspace_facts(part).items() if name != MIRROR}
    write_facts(part, facts if place is None else {**facts, MIRROR: str(place)})
    with ExitStack() as ending:
        register = EmbeddedRegister(part / "register.db")
        ending.callback(register.close)
        record_mirror(Records(register, key_store(part), secrets_of(part)[0], KINDS, Holders()), place)
    return place


def _bring_keys(keys: Path, workspace: Path, said: MemoryRegister | None) -> None:
    """Copy all tombstones, and the keys of everybody who owns a row of the register or made a request.

    Keys of people enrolled after the backup aren't copied: the backup has nothing of them.
    """
    there, here = key_store(workspace, keys), key_store(workspace, workspace / "keys")
    there.copy_to(here, ())
    with open_unchecked(workspace) as opened:
        owners = {*opened.records.owners_among(there.owners()), *_askers(there, opened, said)}
    there.copy_to(here, sorted(owners))


def _askers(keys: FileKeyStore, parts: Parts, said: MemoryRegister | None) -> set[str]:
    """Identifiers of requests that the later copy has; each request is sealed under a key of its own."""
    asked = set() if said is None else parts.requests.askers(said)
    return {owner for owner in keys.owners() if parts.records.alias(owner) in asked}


def _bring_newest(mirror: Path, restored: Path) -> bool:
    """Put the mirror's copy of a log in place of the backup's; returns whether the mirror has one."""
    if not (mirror / CHECKPOINT_PATH).is_file():
        return False
    remove_folder(restored)
    for name, _ in names_inside(mirror):
        with opened_inside(mirror, name) as source:
            copy_file(source, restored / name)
    return True
