"""Backups: copies without keys, and the way back from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.workspace.given import public_key
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.backup import CheckedBackup, MadeBackup
    from volenti.core.progress import Progress
    from volenti.core.signing import PublicKey
    from volenti.restore import Restored


class Backups(Noun):
    """Backups without keys, and the way back from them."""

    @staticmethod
    def mirror(workspace: Path | str, place: Path | str, *, former_is_gone: bool = False) -> int:
        """Keep a second copy of a workspace's keys, log and feed, which backups don't hold.

        workspace: its folder. place: a folder, best on another disk. Returns how many keys lie there. Every
        erasure reaches the copy: while it is away none is certified, and all else that is said is recorded,
        and copied once it is back. Repeat it to bring the copy up to date, or after the place got another
        name. former_is_gone: the mirror so far is lost for good, and is waited for no more. A workspace that
        is open meanwhile doesn't know of a new mirror: close it first, and open it again.
        Raises WorkspaceError where there is no workspace in the folder or something of it is gone,
        ConflictError where the mirror so far is away, and IntegrityError where the place is the mirror of
        another copy of the workspace.

        Example:
            volenti.backups.mirror("studio", "/mnt/second-disk/studio-keys")
        """
        from volenti.stores import begin_mirror

        return begin_mirror(Path(workspace), Path(place), former_is_gone=former_is_gone)

    def create(
        self, out: Path | str, *, since: Path | str | None = None, progress: Progress | None = None
    ) -> MadeBackup:
        """Copy the workspace into a new folder, without any key, while it is at work.

        out: the new or empty folder. since: the folder of an earlier backup; packs that didn't change are
        linked to, not copied. Returns how much was copied, and how many keys are in the mirror.
        Raises UsageError where the folder isn't empty, and StorageError where the mirror can't be reached.

        Example:
            ws.backups.create("/mnt/backup/2026-11-22")
        """
        from volenti.backup import make_backup

        return make_backup(
            self._parts.path,
            Path(out),
            since=None if since is None else Path(since),
            clock=self._parts.clock,
            progress=progress,
        )

    @staticmethod
    def verify(
        backup: Path | str,
        key: PublicKey | Path | str | None = None,
        *,
        progress: Progress | None = None,
    ) -> CheckedBackup:
        """Check every file of a backup against what was signed, and say what doesn't fit.

        backup: its folder. key: the workspace's public key, or the path of its file; without it the key is
        used that lies in the backup itself, which shows damage and no fraud. Raises UsageError where the
        folder isn't a backup.

        Example:
            volenti.backups.verify("/mnt/backup/2026-11-22").problems
        """
        from volenti.backup import verify_backup

        public = None if key is None else public_key(key)
        return verify_backup(Path(backup), public, progress)

    @staticmethod
    def restore(
        backup: Path | str,
        to: Path | str,
        *,
        keys: Path | str,
        secret: Path | str | None = None,
        restrict_everybody: bool = False,
        progress: Progress | None = None,
    ) -> Restored:
        """Bring a workspace back, without anybody who was erased since the backup was made.

        backup: its folder. to: a new folder for the workspace. keys: the mirror, or what is left of the
        workspace. secret: the folder of the workspace's own keys, if it isn't in there. Before the new folder
        can be read, what no longer opens is taken out, and what people withdrew, restricted and signed since
        is read again from the mirror. restrict_everybody: where there is no record of that, restrict the use
        of everybody's data. Returns what was taken out and read again.
        Raises NotFoundError where keys are missing, IntegrityError where the backup doesn't hold, UsageError
        where the new folder isn't empty, and ConflictError where nothing says what people withdrew since.

        Example:
            volenti.backups.restore("/mnt/backup/2026-11-22", "studio", keys="/mnt/second-disk/studio-keys",
                                    secret="/media/usb/secret")
        """
        from volenti.restore import restore_backup

        return restore_backup(
            Path(backup),
            Path(to),
            keys=Path(keys),
            secret=None if secret is None else Path(secret),
            restrict_everybody=restrict_everybody,
            progress=progress,
        )
