"""The way back from a backup: a workspace without anybody who was erased since it was made.

A backup is believed only where the workspace's own key signed it, and that key comes with the folder
`secret`, never with the backup. What people said since is in the mirror, and is heard before the folder gets
its name; the mirror stays the workspace's mirror, so that the next erasure reaches its copy of the key too.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.memory import MemoryRegister
from volenti.adapters.register.mirrored import CONSENT, SaidRows, said_in
from volenti.backup import copied, signed_list, verify_backup
from volenti.bootstrap import open_parts
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import ConflictError, IntegrityError, NotFoundError, StorageError, UsageError
from volenti.core.files import destroy, make_folder, remove_folder, sync_folder, write_atomically
from volenti.core.inside import names_inside, opened_inside
from volenti.core.progress import Progress, Silent, track
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
from volenti.wiring.parts import Parts


@dataclass(frozen=True, slots=True)
class Restored:
    """A workspace that was brought back, what was taken out of it again, and what was heard again."""

    made: str
    replayed: Replayed
    recollected: Recollected
    #: Whether the log is the newest there is, rather than the one of the backup's day.
    log_is_newest: bool
    #: Where its keys have a second copy, if they have.
    mirror: Path | None

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
    where it isn't in there. restrict_everybody: where nothing tells what people took back since, have
    the use of everybody's data restricted; else that is a ConflictError. Nothing can be read before the
    erasures are replayed and what people said is heard: until then the folder has another name. Killed
    anywhere, the same call begins again.
    """
    told = progress or Silent()
    own = secret or keys / SECRET
    public = _key_in(keys, own)
    checked = verify_backup(backup, public, told)
    if checked.problems:
        raise IntegrityError(
            f"The backup doesn't hold: {checked.problems[0]}.",
            "See the others: volenti backup verify DIR --key FILE, the workspace's public key.",
        )
    if to.exists() and any(to.iterdir()):
        raise UsageError(f"{to} isn't empty.", "Give a new folder.")
    part = to.with_name(f".{to.name}.part")
    _discard(part)
    _copy_back(backup, part, public, told)
    _bring_own_keys(own, part, public)
    said = _said_since(keys)
    _check_known(keys, part, public, said, restrict_everybody=restrict_everybody)
    place = _keep_mirror(keys, part)
    newest = [_newest(keys / name, part / name) for name in MIRRORED]
    _bring_keys(keys / "keys", part, said)
    later = None if said is None else Records(said, key_store(part), secrets_of(part)[0], KINDS, Holders())
    with open_parts(part) as parts:
        replayed = parts.restoration.replay(told)
        recollected = parts.recollection.hear(later)
        own_keys = key_store(part, part / "keys")
        for request in sorted(_askers(own_keys, parts, said) - {each.id for each in parts.requests.all()}):
            # Of somebody who came after the backup.
            own_keys.destroy(request)
    if to.exists():
        to.rmdir()
    part.rename(to)
    sync_folder(to.parent)
    return Restored(checked.made, replayed, recollected, newest[0], place)


def _key_in(keys: Path, own: Path) -> PublicKey:
    """The key that has to have signed the backup; NotFoundError where people's keys or the own ones lack."""
    for needed, what in (
        (keys / "keys", "people's keys"),
        (own / "workspace.key", "keys of the workspace's own"),
    ):
        if not needed.exists():
            raise NotFoundError(f"There are no {what} in {needed.parent}.", "Say where: --keys, --secret.")
    return SigningKey.load(own / "signing.key").public


def _bring_own_keys(own: Path, part: Path, public: PublicKey) -> None:
    """The workspace's own keys, as the folder `secret` has them, and the file that is handed out."""
    for name in ("workspace.key", "wrapping.key", "wrapping.next", "signing.key"):
        if (own / name).exists():
            write_atomically(part / SECRET / name, (own / name).read_bytes())
    write_atomically(part / PUBLIC_KEY, f"{public}\n".encode())


def _discard(part: Path) -> None:
    """What a restore that was killed left, its copies of keys overwritten."""
    for folder in (part / "keys", part / SECRET):
        for name, ordinary in names_inside(folder):
            if ordinary:
                destroy(folder / name)
    remove_folder(part)


def _copy_back(backup: Path, part: Path, key: PublicKey, progress: Progress) -> None:
    """The files that were verified, and no other bytes than those."""
    make_folder(part.parent)
    part.mkdir(0o700)
    _, sums = signed_list(backup, key)
    for name in track(progress, "Copying back", sorted(sums)):
        with opened_inside(backup, name) as source:
            digest, _ = copied(source, part / name)
        if digest != sums[name]:
            raise IntegrityError(f"{name} was changed while it was copied.", "Verify the backup, and repeat.")


def _said_since(keys: Path) -> MemoryRegister | None:
    """What people said and asked for, as a mirror or what is left of a workspace has it; or None."""
    rows = SaidRows(keys / CONSENT)
    if rows.is_there:
        return rows.read()
    if not (keys / "register.db").is_file():
        return None
    found = MemoryRegister()
    # Where it is damaged: the disk it was on is why there is a restore.
    with suppress(IntegrityError, StorageError), ExitStack() as ending:
        register = EmbeddedRegister(keys / "register.db")
        ending.callback(register.close)
        found.put(said_in(register))
        return found
    return None


def _check_known(
    keys: Path, part: Path, key: PublicKey, said: MemoryRegister | None, *, restrict_everybody: bool
) -> None:
    """Stop where somebody may have taken a yes back since, and nothing tells who.

    The log counts whatever happens. Raises IntegrityError where the mirror's is another workspace's, or knows
    less than the backup's: then it isn't the newest copy.
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
    """How much a log says happened; None where there is none."""
    signed = FileLogStore(folder).read(CHECKPOINT_PATH)
    return None if signed is None else checkpoint.verify(signed, Verifier(origin_of(key), key)).size


def _keep_mirror(keys: Path, part: Path) -> Path | None:
    """Have the workspace go on with its mirror: the one that was given, or that of what is left of it."""
    place: Path | None = keys.resolve()
    if (keys / MARKER).exists():
        known = mirror_of(keys) if (keys / SECRET).is_dir() else None
        if known is not None:
            known.folder("keys")
        place = None if known is None else known.place
    facts = {name: value for name, value in workspace_facts(part).items() if name != MIRROR}
    write_facts(part, facts if place is None else {**facts, MIRROR: str(place)})
    with ExitStack() as ending:
        register = EmbeddedRegister(part / "register.db")
        ending.callback(register.close)
        record_mirror(Records(register, key_store(part), secrets_of(part)[0], KINDS, Holders()), place)
    return place


def _bring_keys(keys: Path, workspace: Path, said: MemoryRegister | None) -> None:
    """Keys of whoever owns something in the register, or asked for something, and tombstones of everybody.

    Not the keys of whoever came after the backup: nothing of theirs is there.
    """
    there, here = key_store(workspace, keys), key_store(workspace, workspace / "keys")
    there.copy_to(here, ())
    with open_parts(workspace) as opened:
        owners = {*opened.records.owners_among(there.owners()), *_askers(there, opened, said)}
    there.copy_to(here, sorted(owners))


def _askers(keys: FileKeyStore, parts: Parts, said: MemoryRegister | None) -> set[str]:
    """Whose keys the requests are sealed under of which a later copy knows: each has its own."""
    asked = set() if said is None else parts.requests.askers(said)
    return {owner for owner in keys.owners() if parts.records.alias(owner) in asked}


def _newest(mirror: Path, restored: Path) -> bool:
    """Put a mirror's log in the place of the backup's; False where there is no mirror of it."""
    if not (mirror / CHECKPOINT_PATH).is_file():
        return False
    remove_folder(restored)
    for name, _ in names_inside(mirror):
        with opened_inside(mirror, name) as source:
            copied(source, restored / name)
    return True
