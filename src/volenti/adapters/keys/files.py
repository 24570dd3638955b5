"""Subject keys as files in a folder, each wrapped under a key of the workspace.

`keys/ab/<owner>.key` holds the owner's 32-byte key under AES-256-GCM with the
wrapping key. Destroying a key overwrites, syncs and unlinks its file, and leaves a
tombstone named by a keyed digest, so that the owner's identifier isn't kept and the key
can't be made again by mistake.

With a mirror, every key and every tombstone lies there too. Backups hold no keys: without a mirror a
broken disk would lose them all. While the mirror can't be reached, keys are made and destroyed here alone,
and it is noted that the mirror is behind: an erasure isn't over while a copy of the key still exists.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from volenti.adapters.keys.memory import GONE
from volenti.adapters.mirror import KEYS, Mirror
from volenti.core.digest import commitment, derive, sha256
from volenti.core.errors import IntegrityError, KeyDestroyedError
from volenti.core.files import (
    create_file,
    destroy,
    make_folder,
    on_disk,
    part_of,
    sync_folder,
    write_atomically,
)
from volenti.core.identifiers import check
from volenti.vault.seal import seal, unseal

#: The folder with a file for each key of whose owner nothing may be on record yet.
BEGUN = "begun"
#: How far a file system's clock may be behind the process's.
CLOCK_SECONDS = 0.1
#: What keys are wrapped under, the newest first: more than one while they are being changed.
Wrapping = Callable[[], tuple[bytes, ...]]


class FileKeyStore:
    """KeyStore over a folder. Keys once read stay in memory until destroyed here.

    Another process may destroy a key at any moment, so a cached key is used only while its
    file is still there: one `stat` a use.
    """

    def __init__(
        self,
        folder: Path,
        workspace_key: bytes,
        mirror: Mirror | None = None,
        wrapping: Wrapping | None = None,
    ) -> None:
        """mirror: the folder that holds a second copy of every key.

        wrapping: what keys are wrapped under; by default one key, derived from `workspace_key`.
        """
        derived = (derive(workspace_key, "key-wrapping"),)
        self._folder = folder
        self._wrapping = wrapping or (lambda: derived)
        self._place = mirror
        self._mirror = (
            None if mirror is None else FileKeyStore(mirror.place / KEYS, workspace_key, None, wrapping)
        )
        self._mark = derive(workspace_key, "key-tombstone")
        self._cache: dict[str, bytes] = {}
        self._places: dict[str, Path] = {}
        self._graves: dict[str, Path] = {}

    def create(self, owner: str) -> bytes:
        """Return the owner's key, made here and in the mirror if new; KeyDestroyedError after `destroy`."""
        with suppress(KeyDestroyedError):
            return self.get(owner)
        path = self._path(owner)
        if self._tombstone(owner).exists():
            raise KeyDestroyedError("The owner's key was destroyed.", GONE)
        if self._place is not None:
            self._place.prepare()
        key = os.urandom(32)
        make_folder(path.parent)
        # A name of its own: two threads of one process may make the same key at once.
        part = part_of(path)
        with on_disk("keep a key"):
            try:
                with create_file(part) as file:
                    file.write(seal(self._wrapping()[0], key, owner.encode()))
                    file.flush()
                    os.fsync(file.fileno())
                # A hard link fails if somebody else was first: both then use the same key.
                path.hardlink_to(part)
            except FileExistsError:
                return self.get(owner)
            finally:
                part.unlink(missing_ok=True)
        sync_folder(path.parent)
        self._in_mirror(lambda mirror: mirror.keep(owner, path.read_bytes()))
        self._cache[owner] = key
        return key

    def begin(self, owner: str) -> bytes:
        """As `create`; where there is no key yet, a file in `begun/` first says that it is new."""
        if not self._path(owner).exists() and not self.was_destroyed(owner):
            make_folder(self._folder / BEGUN)
            with on_disk("keep a key"), suppress(FileExistsError):
                create_file(self._folder / BEGUN / check(owner)).close()
            sync_folder(self._folder / BEGUN)
        return self.create(owner)

    def begun(self) -> list[str]:
        """Owners with a file in `begun/`, sorted."""
        with suppress(FileNotFoundError):
            return sorted(path.name for path in (self._folder / BEGUN).iterdir())
        return []

    def settle(self, owner: str, *, keep: bool) -> None:
        """Remove the file in `begun/`; before that overwrite and unlink a key that isn't kept."""
        begun = self._folder / BEGUN / check(owner)
        if not begun.exists():
            return
        if not keep:
            self._unlink(owner)
            self._in_mirror(lambda mirror: mirror._unlink(owner))
        with on_disk("keep a key"):
            begun.unlink(missing_ok=True)

    def keep(self, owner: str, wrapped: bytes) -> None:
        """Keep a wrapped key as another store of the same workspace has it, unless it was destroyed here.

        A key's file is written once. Where another file takes its place, the old file's bytes are overwritten
        too: a rename alone would leave them in free blocks, which `destroy` can't overwrite later.
        """
        path = self._path(owner)
        before = part_of(path.with_name(f"{owner}.old"))
        with on_disk("keep a key"), suppress(FileNotFoundError):
            if path.read_bytes() != wrapped:
                before.hardlink_to(path)
        try:
            if before.exists() or not path.exists():
                write_atomically(path, wrapped)
        finally:
            _destroy_old(before, path)
        # Checked last: a process that destroys the key writes the tombstone first, so one of the two sees
        # what the other did.
        if self._tombstone(owner).exists():
            self.destroy(owner)

    def copy_to(self, other: FileKeyStore, owners: Iterable[str] | None = None) -> int:
        """Copy keys, of some owners or of all, and all tombstones as they are; returns how many keys."""
        count = 0
        for owner in self.owners() if owners is None else owners:
            # A key that is being destroyed, or whose destruction was interrupted, isn't copied.
            with suppress(FileNotFoundError):
                wrapped = self._path(owner).read_bytes()
                if not self._tombstone(owner).exists():
                    other.keep(owner, wrapped)
                    count += 1
        for tombstone in self._folder.glob("destroyed/*"):
            write_atomically(other._folder / "destroyed" / tombstone.name, b"")
        return count

    def get(self, owner: str) -> bytes:
        """The owner's key, kept in memory once read; KeyDestroyedError if destroyed or never made."""
        place = self._places.get(owner)
        if place is None:
            place = self._places[owner] = self._path(owner)
        if not place.exists():
            self._cache.pop(owner, None)
            raise KeyDestroyedError("The owner's key was destroyed or never made.", GONE)
        if self.was_destroyed(owner):
            self._cache.pop(owner, None)
            raise self._finish_destroying(owner, place)
        if owner not in self._cache:
            self._cache[owner] = self._read(owner, place)
        return self._cache[owner]

    def destroy(self, owner: str) -> None:
        """Leave a tombstone, overwrite and unlink the key's file; the same in the mirror. Idempotent."""
        if self._place is not None:
            self._place.prepare()
        write_atomically(self._tombstone(owner), b"")
        self._unlink(owner)
        # The workspace's own copy is destroyed by now, whatever happens to the mirror's.
        self._in_mirror(lambda mirror: mirror.destroy(owner))

    def _unlink(self, owner: str) -> None:
        """Overwrite and unlink all files of a key."""
        self._cache.pop(owner, None)
        path = self._path(owner)
        # A process that was killed while it made the key left a second name of the file.
        for each in (path, *path.parent.glob(f"{owner}.*.part"), *path.parent.glob(f".{owner}.*.part")):
            destroy(each)
        self._places.pop(owner, None)

    def rewrap(self) -> int:
        """Wrap every key under the newest wrapping key; returns how many weren't wrapped under it yet.

        The former files are overwritten, because whoever has the old wrapping key could open them.
        """
        if self._place is not None:
            # A mirror that isn't there would keep keys that nothing opens any more.
            self._place.reach()
        newest = self._wrapping()[0]
        count = 0
        for owner in self.owners():
            path = self._path(owner)
            with suppress(FileNotFoundError, KeyDestroyedError):
                sealed = path.read_bytes()
                try:
                    unseal(newest, sealed, owner.encode())
                except IntegrityError:
                    self.keep(owner, seal(newest, self._read(owner, path), owner.encode()))
                    count += 1
                # A rewrapping that was killed may have left files wrapped under an old key.
                for stray in path.parent.glob(f".{owner}.old.*.part"):
                    _destroy_old(stray, path)
        if self._mirror is not None:
            count += self._mirror.rewrap()
        return count

    def _read(self, owner: str, place: Path) -> bytes:
        """Read the key in a file that exists; KeyDestroyedError where it was destroyed meanwhile."""
        try:
            return self._unwrapped(owner, place)
        except (IntegrityError, FileNotFoundError):
            if not self.was_destroyed(owner):
                raise
        raise self._finish_destroying(owner, place)

    def _finish_destroying(self, owner: str, place: Path) -> KeyDestroyedError:
        """Finish a destruction that a crash interrupted, and return the error to raise.

        A file that somebody put back, and that opens, stays; its tombstone keeps it from being used.
        """
        with suppress(FileNotFoundError):
            try:
                self._unwrapped(owner, place)
            except IntegrityError:
                self.destroy(owner)
        return KeyDestroyedError("The owner's key was destroyed.", GONE)

    def _unwrapped(self, owner: str, place: Path) -> bytes:
        """The key in a file, opened with whichever of the wrapping keys fits."""
        sealed = place.read_bytes()
        *others, last = self._wrapping()
        for wrap in others:
            with suppress(IntegrityError):
                return unseal(wrap, sealed, owner.encode())
        return unseal(last, sealed, owner.encode())

    def _in_mirror(self, change: Callable[[FileKeyStore], None]) -> None:
        """Make a change among the mirror's keys too, where there is a mirror."""
        if self._place is not None and self._mirror is not None:
            mirror = self._mirror
            self._place.also(lambda: change(mirror))

    def owners(self) -> Iterator[str]:
        """Every owner whose key has a file in the folder, sorted."""
        return iter(sorted(path.stem for path in self._folder.glob("??/*.key")))

    def keeps(self, owner: str) -> bool:
        """Whether the owner's key has a file in the folder, also one that doesn't open any more."""
        return self._path(owner).exists()

    def was_destroyed(self, owner: str) -> bool:
        """Whether the owner's tombstone is there, also where the key's file was put back."""
        grave = self._graves.get(owner)
        if grave is None:
            grave = self._graves[owner] = self._tombstone(owner)
        return grave.exists()

    def changed_since(self, moment: float) -> bool:
        """Whether keys or tombstones may have come or gone since `moment` (`time.time()`). In doubt, yes."""
        # A folder's modification time is that of the last file that was added or removed in it.
        if not self._folder.is_dir():
            return False
        with os.scandir(self._folder) as walk:
            newest = max((entry.stat().st_mtime for entry in walk), default=0.0)
        return newest >= moment - CLOCK_SECONDS

    def _path(self, owner: str) -> Path:
        return self._folder / sha256(owner.encode())[:2] / f"{check(owner)}.key"

    def _tombstone(self, owner: str) -> Path:
        return self._folder / "destroyed" / commitment(self._mark, owner.encode()).hex()[:32]


def _destroy_old(old: Path, path: Path) -> None:
    """Destroy a key's former file. Where it is only a second name of the present file, remove that name."""
    with on_disk("keep a key"), suppress(FileNotFoundError):
        if old.samefile(path):
            old.unlink()
    destroy(old)
