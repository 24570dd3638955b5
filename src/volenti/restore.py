"""The way back from a backup: a workspace without anybody who was erased since it was made."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from volenti.backup import MIRRORED, copied, files_of, listed, verify_backup
from volenti.bootstrap import open_workspace
from volenti.core.canonical import Json
from volenti.core.errors import IntegrityError, NotFoundError, UsageError
from volenti.core.files import remove_folder, sync_folder, write_atomically
from volenti.core.progress import Progress, Silent, track
from volenti.erasure.restoration import Replayed
from volenti.folder import MARKER, MIRROR, SECRET, workspace_facts
from volenti.stores import key_store


@dataclass(frozen=True, slots=True)
class Restored:
    """A workspace that was brought back, and what was taken out of it again."""

    made: str
    replayed: Replayed
    #: Whether the log is the newest there is, rather than the one of the backup's day.
    log_is_newest: bool

    def to_json(self) -> Json:
        return {"made": self.made, "log_is_newest": self.log_is_newest, "taken_out": self.replayed.to_json()}


def restore_backup(
    backup: Path,
    to: Path,
    *,
    keys: Path,
    secret: Path | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Bring a workspace back into a new folder, without anybody who was erased since.

    keys: a mirror, or what is left of the workspace. secret: the folder of the workspace's own keys,
    where it isn't in there. Nothing can be read before the erasures are replayed: until then the folder
    has another name. Killed anywhere, the same call begins again.
    """
    told = progress or Silent()
    checked = verify_backup(backup, progress=told)
    if checked.problems:
        raise IntegrityError(
            f"The backup is damaged: {checked.problems[0]}.", "See the others: volenti backup verify DIR"
        )
    own = secret or keys / SECRET
    for needed, what in ((keys / "keys", "keys"), (own / "workspace.key", "the workspace's own keys")):
        if not needed.exists():
            raise NotFoundError(f"There are no {what} in {needed.parent}.", "Say where: --keys, --secret.")
    if to.exists() and any(to.iterdir()):
        raise UsageError(f"{to} isn't empty.", "Give a new folder.")
    part = to.with_name(f".{to.name}.part")
    remove_folder(part)
    for name in track(told, "Copying back", sorted(listed(backup))):
        copied(backup / name, part / name)
    shutil.copytree(own, part / SECRET)
    (part / SECRET).chmod(0o700)
    facts = workspace_facts(part)
    facts.pop(MIRROR, None)
    write_atomically(part / MARKER, json.dumps(facts, indent=1).encode() + b"\n")
    newest = [_newest(keys / name, part / name) for name in MIRRORED]
    _bring_keys(keys / "keys", part)
    with open_workspace(part) as workspace:
        replayed = workspace.restoration.replay(told)
    if to.exists():
        to.rmdir()
    part.rename(to)
    sync_folder(to.parent)
    return Restored(checked.made, replayed, newest[0])


def _bring_keys(keys: Path, workspace: Path) -> None:
    """Keys of whoever owns something in the register, and tombstones of everybody.

    Not the keys of whoever came after the backup: nothing of theirs is there.
    """
    there, here = key_store(workspace, keys), key_store(workspace)
    there.copy_to(here, ())
    with open_workspace(workspace) as opened:
        owners = opened.records.owners_among(there.owners())
    there.copy_to(here, owners)


def _newest(mirror: Path, restored: Path) -> bool:
    """Put a mirror's log in the place of the backup's; False where there is no mirror of it."""
    if not (mirror / "checkpoint").is_file():
        return False
    remove_folder(restored)
    for path in files_of(mirror):
        copied(path, restored / path.relative_to(mirror))
    return True
