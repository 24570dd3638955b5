"""The mirror: a folder with a second copy of a workspace's keys, logs and rows of what people said.

What people say counts also while the mirror can't be written to: it may be unmounted, full or read-only. The
workspace then does what it was asked to, and notes in a file of its own that the mirror is behind, before it
changes anything. The next command that finds the mirror in its place brings it up to date
(`stores.update_mirror`). Only an erasure's certificate waits until then, because the mirror still has the
key.

Two copies of one workspace can't write into one mirror: the log in the mirror has to be a beginning of the
workspace's own log. Otherwise nothing is written, in neither place.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from volenti.adapters.log.files import FileLogStore
from volenti.core.clock import stamp, system_clock
from volenti.core.errors import IntegrityError, StorageError, VolentiError
from volenti.core.files import on_disk, sync_folder, write_atomically
from volenti.core.logs import Logger
from volenti.transparency.copy import check_copy
from volenti.transparency.problem import CHECKPOINT_PATH

#: Folders that every mirror has, from the moment at which it becomes one.
KEYS, LOG, FEED = "keys", "log", "feed"
#: Files of the workspace that say that its mirror is behind: from now on, and until the catching up that
#: is under way ends.
LAG, CATCHING_UP = "mirror.lag", "mirror.lag.now"
_AWAY = "Mount it, and it catches up with the next command; or say where it is: volenti backup mirror DIR"
_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Mirror:
    """The mirror of the workspace in a folder. `doubt`: why it may belong to another workspace, if so.

    While it is in doubt, no key can be made or destroyed, and nothing recorded. Reading needs no mirror.
    """

    place: Path
    workspace: Path
    doubt: str = ""

    @property
    def is_there(self) -> bool:
        """Whether the mirror is in its place: an empty folder, such as a mount point, is no mirror."""
        with suppress(OSError):  # such as a network folder whose server doesn't answer
            return all((self.place / name).is_dir() for name in (KEYS, LOG, FEED))
        return False

    @property
    def is_behind(self) -> bool:
        """Whether the mirror lacks something that the workspace has."""
        return any((self.workspace / name).exists() for name in (LAG, CATCHING_UP))

    def check_there(self) -> None:
        """Raise StorageError where the mirror is in doubt, or isn't in its place."""
        if self.doubt:
            raise StorageError(self.doubt, "Say where your mirror is: volenti backup mirror DIR")
        if not self.is_there:
            lacks = f", and lacks what was written since {self._since()}" if self.is_behind else ""
            raise StorageError(f"The mirror, {self.place}, isn't there{lacks}.", _AWAY)

    def check_history(self) -> None:
        """Raise IntegrityError where the log in the mirror isn't a beginning of the workspace's own."""
        for name in (LOG, FEED):
            here, there = (FileLogStore(each / name) for each in (self.workspace, self.place))
            # The mirror is read first: another process may add to the workspace's log in between.
            signed = there.read(CHECKPOINT_PATH)
            if signed is None or signed == here.read(CHECKPOINT_PATH):
                continue
            try:
                check_copy(here, there, str(self.place / name))
            except IntegrityError:
                # Another process may have been adding to it: once more, while nobody does.
                with here.lock():
                    check_copy(here, there, str(self.place / name))

    def reach(self) -> None:
        """Raise unless the mirror is in its place, and is this workspace's."""
        self.check_there()
        self.check_history()

    def prepare(self) -> None:
        """Call this before something changes that the mirror has to have too.

        Where the mirror isn't there, it is noted that it will be behind. Raises StorageError where the mirror
        is in doubt, and IntegrityError where another copy of the workspace writes into it.
        """
        if self.doubt:
            self.check_there()
        if not self.is_there:
            self.fall_behind()
            return
        try:
            self.check_history()
        except StorageError:
            self.fall_behind()

    def also(self, change: Callable[[], object]) -> None:
        """Make a change in the mirror too; where that fails, it is noted that the mirror is behind."""
        if self.is_there:
            try:
                with on_disk("write to the mirror"):
                    change()
            except StorageError:
                pass
            else:
                return
        self.fall_behind()

    def fall_behind(self) -> None:
        """Note, durably, that the mirror lacks something. Repeating it is fine."""
        if not (self.workspace / LAG).exists():
            write_atomically(self.workspace / LAG, f"{stamp(system_clock())}\n".encode())
            _log.warning("mirror is behind")

    def begin_catching_up(self) -> None:
        """Note that the mirror is being brought up to date; whatever it lacks from now on is noted anew."""
        with on_disk("note where the mirror is"), suppress(FileNotFoundError):
            (self.workspace / LAG).replace(self.workspace / CATCHING_UP)
            sync_folder(self.workspace)

    def end_catching_up(self) -> None:
        """Note that the mirror has all that there was when `begin_catching_up` was called."""
        with on_disk("note where the mirror is"):
            (self.workspace / CATCHING_UP).unlink(missing_ok=True)
            sync_folder(self.workspace)

    def said_of(self, error: VolentiError) -> VolentiError:
        """The error that kept the mirror from being brought up to date, with since when it is behind."""
        if not self.is_behind or self._since() in error.message:
            return error
        said = f"The mirror, {self.place}, lacks what was written since {self._since()}: {error.message}"
        return type(error)(said, error.remedy)

    def _since(self) -> str:
        for name in (CATCHING_UP, LAG):
            with suppress(OSError):
                return (self.workspace / name).read_text(errors="replace").strip()
        return "it was there"
